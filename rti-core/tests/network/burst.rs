//! Many visitors at once, on a pool that served one at a time before.

use std::time::Duration;

use rti_core::Rti;
use rti_test_network::Http;
use tokio::time::sleep;

use crate::rig::{FAR, Rig, SETTLED};
use crate::visitors::{Tally, burst, steady};

/// More than there are connections before.
const BURST: u32 = 50;

/// What came of two bursts; visitors between them and after them must not notice.
async fn bursts(http: Http) -> [Tally; 2] {
    let rig = Rig::start(http, FAR);
    steady(&rig.rti, 20, SETTLED).await;
    let first = burst(&rig.rti, BURST).await;
    between(&rig.rti, "after the first burst").await;
    let second = burst(&rig.rti, BURST).await;
    between(&rig.rti, "after the second burst").await;
    [first, second]
}

async fn between(rti: &Rti, what: &str) {
    // What the burst left under way ends, and connections that it made necessary come up.
    sleep(Duration::from_millis(300)).await;
    let tally = steady(rti, 20, Duration::from_secs(1)).await;
    tally.assert_evaluated(97, what);
}

/// The first burst finds as many connections as were kept idle.
#[tokio::test]
async fn the_second_burst_is_served_over_http1() {
    let [_, second] = bursts(Http::One).await;
    second.assert_evaluated(95, "the second burst");
}

#[tokio::test]
async fn every_burst_is_served_over_http2() {
    let [first, second] = bursts(Http::Two).await;
    first.assert_evaluated(95, "the first burst");
    second.assert_evaluated(95, "the second burst");
}

/// A burst before there is any connection must not keep later visitors from their verdicts.
#[tokio::test]
async fn a_burst_from_cold_opens_no_circuit() {
    for http in [Http::One, Http::Two] {
        let rig = Rig::start(http, FAR);
        burst(&rig.rti, 12).await;
        between(&rig.rti, "after a burst from cold").await;
    }
}
