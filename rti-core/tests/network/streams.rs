//! HTTP/2 with few streams to a connection.

use std::time::Duration;

use rti_test_network::Http;

use crate::rig::{Rig, SETTLED};
use crate::visitors::steady;

/// One connection does for 10 ÷ 60 ms, which is 167 calls a second.
#[tokio::test]
async fn further_connections_carry_what_one_cannot() {
    const TAKES: Duration = Duration::from_millis(50);
    let rig = Rig::behaving(Http::Two, Duration::from_millis(10), |does| {
        does.max_concurrent_streams = Some(10);
        does.service_time = TAKES..=TAKES;
    });
    steady(&rig.rti, 300, SETTLED).await;
    let tally = steady(&rig.rti, 300, Duration::from_secs(3)).await;
    tally.assert_evaluated(95, "300 visitors a second");
}
