//! An engine that is gone.

use std::time::Duration;

use rti_test_network::Http;
use tokio::time::{Instant, sleep};

use crate::rig::{NEAR, Rig, SETTLED};

async fn nothing_stays_open(http: Http) {
    let Rig {
        rti,
        service,
        proxy,
    } = Rig::start(http, NEAR);
    rti.warm_up().await;
    assert_eq!(service.open(), 4);
    // What arrives behind a handshake would wake its connection by chance.
    sleep(5 * NEAR).await;
    drop(rti);
    let dropped = Instant::now();
    while service.open() > 0 {
        assert!(dropped.elapsed() < SETTLED, "{} are open", service.open());
        sleep(Duration::from_millis(10)).await;
    }
    drop(proxy);
}

#[tokio::test]
async fn an_engine_takes_its_connections_along_over_http1() {
    nothing_stays_open(Http::One).await;
}

#[tokio::test]
async fn an_engine_takes_its_connections_along_over_http2() {
    nothing_stays_open(Http::Two).await;
}
