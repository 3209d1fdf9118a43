//! A service so far away that a connection takes most of the deadline, and nothing is there yet.

use std::time::Duration;

use rti_test_network::Http;

use crate::rig::{FAR, Rig, SETTLED};
use crate::visitors::steady;

async fn verdicts_flow_from_cold(http: Http) {
    let rig = Rig::start(http, FAR);
    // Who comes before there is a connection may go without.
    steady(&rig.rti, 50, SETTLED).await;
    let settled = steady(&rig.rti, 50, Duration::from_secs(3)).await;
    settled.assert_evaluated(97, "from one second after the start");
}

#[tokio::test]
async fn verdicts_flow_over_http1() {
    verdicts_flow_from_cold(Http::One).await;
}

#[tokio::test]
async fn verdicts_flow_over_http2() {
    verdicts_flow_from_cold(Http::Two).await;
}
