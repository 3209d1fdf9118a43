//! Clients that leave while the response is under way: it crosses with the reset of their stream.

use std::time::Duration;

use rti_test_network::Http;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::checking::check;
use crate::rig::{FAR, Rig, SETTLED};
use crate::visitors::steady;

/// After the service has responded, and before its response is here.
const PATIENCE: Duration = Duration::from_millis(30);

#[tokio::test]
async fn they_take_no_connection_along() {
    let rig = Rig::start(Http::Two, FAR);
    rig.rti.warm_up().await;
    let connections = rig.service.accepted();
    let leaving = async {
        let mut clients = JoinSet::new();
        for _ in 0..1200 {
            for _ in 0..6 {
                let rti = rig.rti.clone();
                clients.spawn(async move { drop(timeout(PATIENCE, check(&rti)).await) });
            }
            sleep(Duration::from_millis(2)).await;
        }
        clients.join_all().await;
    };
    tokio::join!(leaving, steady(&rig.rti, 20, SETTLED));
    assert_eq!(rig.service.accepted(), connections);
}
