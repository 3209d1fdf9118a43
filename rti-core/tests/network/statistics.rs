//! What an engine says of its connections and calls, against the service's own account.

use std::time::Duration;

use rti_core::{CircuitState, ConnectionCounts, Rti};
use rti_test_network::Http;
use tokio::time::{sleep, timeout};

use crate::checking::{GENEROUS, check};
use crate::rig::{NEAR, Rig};

/// So long that a call is seen in flight.
const DEADLINE: Duration = Duration::from_secs(2);

async fn connections_become(rti: &Rti, expected: ConnectionCounts) {
    let reached = timeout(GENEROUS, async {
        while rti.statistics().connections != Some(expected) {
            sleep(Duration::from_millis(1)).await;
        }
    });
    let reached = reached.await.is_ok();
    assert!(reached, "{:?}, not {expected:?}", rti.statistics());
}

async fn calls_and_connections_are_counted(http: Http) {
    let rig = Rig::configured(http, NEAR, |_| {}, |config| config.timeout(DEADLINE));
    let dialling = rig.rti.statistics().connections.unwrap();
    assert_eq!((dialling.idle, dialling.busy), (0, 0));
    assert!(dialling.dialling > 0, "{dialling:?}");
    rig.rti.warm_up().await;
    connections_become(&rig.rti, ConnectionCounts::new(4, 0, 0)).await;
    assert_eq!(rig.rti.statistics().calls_in_flight, 0);

    let rti = rig.rti.clone();
    let visitor = tokio::spawn(async move { check(&rti).await });
    connections_become(&rig.rti, ConnectionCounts::new(3, 1, 0)).await;
    assert_eq!(rig.rti.statistics().calls_in_flight, 1);
    assert_eq!(visitor.await.unwrap().outcome().as_str(), "evaluated");
    assert_eq!(rig.rti.statistics().calls_in_flight, 0);
    assert_eq!(rig.rti.statistics().circuit, CircuitState::Closed);
    connections_become(&rig.rti, ConnectionCounts::new(4, 0, 0)).await;
}

#[tokio::test]
async fn calls_and_connections_are_counted_over_http1() {
    calls_and_connections_are_counted(Http::One).await;
}

#[tokio::test]
async fn calls_and_connections_are_counted_over_http2() {
    calls_and_connections_are_counted(Http::Two).await;
}

/// Each runtime has connections of its own, and they are counted together.
#[tokio::test]
async fn connections_of_all_runtimes_are_counted() {
    let rig = Rig::start(Http::One, NEAR);
    rig.rti.warm_up().await;
    let other = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let rti = rig.rti.clone();
    other
        .spawn(async move { rti.warm_up().await })
        .await
        .unwrap();
    connections_become(&rig.rti, ConnectionCounts::new(8, 0, 0)).await;
    other.shutdown_background();
    connections_become(&rig.rti, ConnectionCounts::new(4, 0, 0)).await;
}
