//! A service whose handshake takes longer than the deadline, and which drops its connections.

use std::time::Duration;

use rti_test_network::Http;
use tokio::time::sleep;

use crate::rig::{NEAR, Rig, SETTLED};
use crate::visitors::steady;

async fn verdicts_return(http: Http) {
    let rig = Rig::behaving(http, NEAR, |does| {
        does.handshake = Duration::from_millis(150);
    });
    steady(&rig.rti, 20, SETTLED).await;
    let dropping = async {
        for _ in 0..5 {
            rig.service.close_connections();
            sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::join!(dropping, steady(&rig.rti, 20, SETTLED));
    // Recovery may take a second.
    steady(&rig.rti, 20, SETTLED).await;
    let recovered = steady(&rig.rti, 50, Duration::from_secs(2)).await;
    recovered.assert_evaluated(97, "from a second after the last drop");
}

#[tokio::test]
async fn verdicts_return_after_drops_over_http1() {
    verdicts_return(Http::One).await;
}

#[tokio::test]
async fn verdicts_return_after_drops_over_http2() {
    verdicts_return(Http::Two).await;
}
