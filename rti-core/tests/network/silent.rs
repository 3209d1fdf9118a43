//! Connections that went silent, while new ones work.

use std::time::Duration;

use rti_test_network::{Fate, Http};

use crate::rig::{NEAR, Rig, SETTLED};
use crate::visitors::steady;

async fn silent_connections_are_replaced(http: Http) {
    let rig = Rig::start(http, NEAR);
    steady(&rig.rti, 50, SETTLED).await;
    rig.proxy.open_connections(Fate::Swallow);
    // A few missed deadlines show it.
    steady(&rig.rti, 50, SETTLED).await;
    let tally = steady(&rig.rti, 50, Duration::from_secs(3)).await;
    tally.assert_evaluated(95, "from a second after the silence began");
}

#[tokio::test]
async fn silent_connections_are_replaced_over_http1() {
    silent_connections_are_replaced(Http::One).await;
}

#[tokio::test]
async fn silent_connections_are_replaced_over_http2() {
    silent_connections_are_replaced(Http::Two).await;
}
