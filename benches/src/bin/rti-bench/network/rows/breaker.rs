//! When not to call: rows 9 to 13 and 17.

use std::time::Duration;

use rti_test_network::{Failure, Fate, Http};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::network::constants::{DEADLINE, NEAR, SETTLED};
use crate::network::ideal::{Ideal, Up};
use crate::network::rig::{Path, Rig};
use crate::network::share::Share;
use crate::network::visitors::Visit;

const SHORT_OUTAGE: Duration = Duration::from_millis(1500);

pub(super) async fn failing(http: Http, lasting: Duration) -> Share {
    const FAILING: f64 = 0.49;
    let rig = Rig::behaving(http, NEAR, |does| does.failing = FAILING);
    rig.engine.steady(100, SETTLED).await;
    Share::of_part(&rig.engine.steady(100, lasting).await, 1.0 - FAILING)
}

/// Up and down in turns of 6 to 12 seconds, up for 52 % of the time. While it is down, connections
/// are reset.
pub(super) async fn flapping(http: Http, lasting: Duration) -> Share {
    let rig = Rig::start(http, NEAR);
    sleep(SETTLED).await;
    let proxy = &rig.path.proxy;
    let began = Instant::now();
    let switching = async {
        let mut random = fastrand::Rng::with_seed(10);
        let mut ups: Vec<Up> = vec![(Duration::ZERO, rig.engine.age())];
        let mut at = Duration::ZERO;
        while at < lasting {
            let turn = Duration::from_millis(6000 + random.u64(..6000));
            let up = turn.mul_f64(0.52);
            if let Some(last) = ups.last_mut() {
                last.1 = rig.engine.age();
            }
            proxy.all_connections(Fate::Reset);
            sleep_until(began + (at + turn).saturating_sub(up)).await;
            proxy.all_connections(Fate::Carry);
            ups.push((rig.engine.age(), Duration::MAX));
            at += turn;
            sleep_until(began + at).await;
        }
        if let Some(last) = ups.last_mut() {
            last.1 = rig.engine.age();
        }
        ups
    };
    let visiting = rig.engine.steady(50, lasting);
    let (ups, visits) = tokio::join!(switching, visiting);
    let ideal = Ideal::at(NEAR);
    Share::of(&visits, |visit| ideal.flapping(&ups, visit.at))
}

/// What of 90 to 110 ms is in time, is measured by an engine beside it that waits for longer.
pub(super) async fn at_the_deadline(http: Http, lasting: Duration) -> Share {
    let takes = Duration::from_millis(90)..=Duration::from_millis(110);
    let path = Path::start(http, Duration::ZERO, |does| does.service_time = takes);
    let patient = path.engine(|config| config.timeout(5 * DEADLINE));
    let rig = path.with_engine(|config| config);
    rig.engine.steady(50, SETTLED).await;
    let visiting = rig.engine.steady(50, lasting);
    let (visits, patient) = tokio::join!(visiting, patient.steady(50, lasting));
    let in_time = patient.iter().filter(|visit| visit.took <= DEADLINE);
    Share::of_part(&visits, in_time.count() as f64 / patient.len() as f64)
}

/// An outage that every visitor notices, and its end.
async fn short_outage(rig: &Rig) {
    rig.engine.steady(50, SETTLED).await;
    rig.path.proxy.all_connections(Fate::Swallow);
    rig.engine.steady(50, SHORT_OUTAGE).await;
    rig.path.proxy.all_connections(Fate::Carry);
}

/// Eight clients leave before any verdict can be there; from a second on the others do not notice.
pub(super) async fn leaving(http: Http) -> Share {
    const LEAVES: Duration = Duration::from_millis(30);
    let takes = Duration::from_millis(50);
    let rig = Rig::behaving(http, NEAR, |does| does.service_time = takes..=takes);
    let mut leaving = JoinSet::new();
    short_outage(&rig).await;
    for _ in 0..8 {
        let engine = rig.engine.clone();
        leaving.spawn(async move {
            loop {
                // A decision that needs no call is there at once: the client comes again no sooner.
                let next = Instant::now() + LEAVES;
                let _ = timeout(LEAVES, engine.decide()).await;
                sleep_until(next).await;
            }
        });
    }
    sleep(SETTLED).await;
    let visits = rig.engine.steady(10, Duration::from_secs(4)).await;
    leaving.shutdown().await;
    Share::of_all(&visits)
}

/// Calls that began in the outage end when it is over: they must not count for what is then.
pub(super) async fn late_failures(http: Http) -> Share {
    const TIMEOUT: Duration = Duration::from_secs(8);
    let path = Path::start(http, NEAR, |_| {});
    let rig = path.with_engine(|config| config.timeout(TIMEOUT));
    rig.engine.steady(20, SETTLED).await;
    rig.path.proxy.all_connections(Fate::Swallow);
    let outage = TIMEOUT + SETTLED;
    let during = rig.engine.clone();
    let during = tokio::spawn(async move { during.steady(20, outage).await });
    sleep(outage).await;
    rig.path.proxy.all_connections(Fate::Carry);
    sleep(SETTLED).await;
    let after = rig.engine.steady(20, Duration::from_secs(12)).await;
    during.abort();
    Share::of_all(&after)
}

/// A 404 brings no verdict, and shows that the service lives: what counts is that calls are made.
pub(super) async fn not_found(http: Http) -> Share {
    let rig = Rig::start(http, NEAR);
    rig.engine.steady(50, SETTLED).await;
    rig.path.service.change(|does| {
        does.failing = 1.0;
        does.failure = Failure::NotFound;
    });
    short_outage(&rig).await;
    sleep(SETTLED).await;
    let mut visits = rig.engine.steady(100, Duration::from_secs(3)).await;
    visits.iter_mut().for_each(made_a_call);
    Share::of_all(&visits)
}

fn made_a_call(visit: &mut Visit) {
    if visit.without.as_deref() == Some("status_404") {
        visit.without = None;
    }
}
