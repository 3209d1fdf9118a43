//! A total outage: who waits for the deadline meanwhile, and how soon verdicts return.

use std::time::Duration;

use rti_test_network::{Fate, Http};

use super::constants::{DEADLINE, NEAR, PROTOCOLS, SETTLED};
use super::rig::Rig;
use super::visitors::Visit;

const PER_SECOND: u32 = 100;

/// Verdicts have returned when of so many visitors in turn at most one goes without.
const IN_TURN: usize = 20;

#[derive(Debug)]
pub(super) struct Outage {
    pub(super) http: Http,
    /// The part of the visitors that waited for the deadline, from one second into it.
    pub(super) waited: f64,
    /// In seconds; not a number where verdicts do not return within seven.
    pub(super) recovery: f64,
}

pub(super) async fn measure() -> Vec<Outage> {
    eprintln!("total outage");
    let [first, second] = PROTOCOLS.map(outage);
    <[_; 2]>::from(tokio::join!(first, second)).into()
}

/// The path loses everything, as when the service's host is gone.
async fn outage(http: Http) -> Outage {
    let rig = Rig::start(http, NEAR);
    let steady = |seconds| {
        let lasting = Duration::from_secs(seconds);
        rig.engine.steady(PER_SECOND, lasting)
    };
    steady(1).await;
    rig.path.proxy.all_connections(Fate::Swallow);
    rig.engine.steady(PER_SECOND, SETTLED).await;
    let during = steady(6).await;
    let waited = |visit: &&Visit| visit.took >= DEADLINE.mul_f64(0.9);
    let waited = during.iter().filter(waited).count();

    rig.path.proxy.all_connections(Fate::Carry);
    let back = rig.engine.age();
    let mut after = steady(7).await;
    after.sort_by_key(|visit| visit.at);
    let returned = after.windows(IN_TURN).find(|visits| {
        let without = visits.iter().filter(|visit| visit.without.is_some());
        without.count() <= 1 && visits[0].without.is_none()
    });
    Outage {
        http,
        waited: waited as f64 / during.len() as f64,
        recovery: returned.map_or(f64::NAN, |visits| {
            visits[0].at.saturating_sub(back).as_secs_f64()
        }),
    }
}
