//! What happens to connections: rows 2 and 4 to 7.

use std::time::Duration;

use rti_test_network::{Behaviour, Ending, Fate, Http};
use tokio::time::{Instant, sleep, sleep_until};

use crate::network::constants::{FAR, NEAR, SETTLED};
use crate::network::ideal::Ideal;
use crate::network::rig::Rig;
use crate::network::share::Share;

/// The first burst comes on what is kept idle; the others find what the one before needed.
pub(super) async fn bursts(http: Http, bursts: u32) -> Share {
    const VISITORS: u32 = 12;
    let rig = Rig::start(http, FAR);
    sleep(SETTLED).await;
    let first = rig.engine.burst(VISITORS).await;
    let mut share = match http {
        Http::One => Share::of_so_many(&first, Ideal::at(FAR).first_burst(VISITORS)),
        Http::Two => Share::of_all(&first),
    };
    for _ in 1..bursts {
        sleep(SETTLED).await;
        share = share.and(&Share::of_all(&rig.engine.burst(VISITORS).await));
    }
    share
}

/// All connections are closed every two seconds.
pub(super) async fn dropped(http: Http, drops: u32) -> Share {
    const HANDSHAKE: Duration = Duration::from_millis(150);
    const EVERY: Duration = Duration::from_secs(2);
    let rig = Rig::behaving(http, NEAR, |does| does.handshake = HANDSHAKE);
    let ideal = Ideal::at(NEAR).with_handshake(HANDSHAKE);
    let began = Instant::now();
    let dropping = async {
        let mut closings = Vec::new();
        for number in 0..drops {
            sleep_until(began + SETTLED + EVERY * number).await;
            closings.push(rig.engine.age());
            rig.path.service.close_connections();
        }
        closings
    };
    let visiting = rig.engine.steady(50, EVERY * drops);
    let (closings, visits) = tokio::join!(dropping, visiting);
    Share::of(&visits, |visit| {
        let survives = |closing: &Duration| ideal.closing(*closing, visit.at);
        ideal.connecting(Duration::ZERO, visit.at) && closings.iter().all(survives)
    })
}

/// The three ways in which HTTP/2 takes calls back, one after the other. Whatever is taken back can
/// be sent again in time.
pub(super) async fn ending(lasting: Duration) -> Share {
    eprintln!("HTTP/2 connections end, streams are refused");
    let ways: [fn(&mut Behaviour); 3] = [
        |does| does.requests_per_connection = Some(50),
        |does| does.refusing = 0.05,
        |does| {
            does.requests_per_connection = Some(50);
            does.ending = Ending::Abrupt;
        },
    ];
    let mut share = Share::default();
    for way in ways {
        let rig = Rig::behaving(Http::Two, NEAR, way);
        sleep(SETTLED).await;
        share = share.and(&Share::of_all(&rig.engine.steady(100, lasting).await));
    }
    share
}

/// From one second after the start: as many connections as it takes.
pub(super) async fn few_streams(lasting: Duration) -> Share {
    const TAKES: Duration = Duration::from_millis(50);
    eprintln!("HTTP/2 with few streams");
    let rig = Rig::behaving(Http::Two, Duration::from_millis(10), |does| {
        does.max_concurrent_streams = Some(10);
        does.service_time = TAKES..=TAKES;
    });
    rig.engine.steady(300, SETTLED).await;
    Share::of_all(&rig.engine.steady(300, lasting).await)
}

pub(super) async fn silent(http: Http, lasting: Duration) -> Share {
    let rig = Rig::start(http, NEAR);
    rig.engine.steady(50, SETTLED).await;
    rig.path.proxy.open_connections(Fate::Swallow);
    let silence = rig.engine.age();
    let visits = rig.engine.steady(50, lasting).await;
    let ideal = Ideal::at(NEAR);
    Share::of(&visits, |visit| ideal.silence(silence, visit.at))
}
