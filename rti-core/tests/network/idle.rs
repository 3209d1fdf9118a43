//! A visitor now and then, while the service closes connections that are idle.

use std::time::Duration;

use rti_core::Rti;
use rti_test_network::Http;
use tokio::time::{sleep, timeout};

use crate::checking::{GENEROUS, check};
use crate::rig::{FAR, Rig, SETTLED};
use crate::visitors::Tally;

const PAUSE: Duration = Duration::from_millis(1300);

async fn visit(rti: &Rti) -> Tally {
    let mut tally = Tally::default();
    tally.count(&check(rti).await);
    tally
}

/// In small what a minute is to servers that close after 60 seconds: each visitor comes after the
/// connections of the one before were closed.
async fn rare_visitors_are_checked(http: Http) {
    let rig = Rig::behaving(http, FAR, |does| {
        does.idle = Some(Duration::from_millis(700)..=Duration::from_millis(1100));
    });
    let mut tally = Tally::default();
    sleep(SETTLED).await;
    for _ in 0..5 {
        tally.add(visit(&rig.rti).await);
        sleep(PAUSE).await;
    }
    tally.assert_evaluated(100, "rare visitors");
}

#[tokio::test]
async fn rare_visitors_are_checked_over_http1() {
    rare_visitors_are_checked(Http::One).await;
}

#[tokio::test]
async fn rare_visitors_are_checked_over_http2() {
    rare_visitors_are_checked(Http::Two).await;
}

/// Nobody visits meanwhile.
async fn closed_connections_are_replaced(http: Http) {
    let rig = Rig::start(http, FAR);
    for _ in 0..5 {
        check(&rig.rti).await;
    }
    sleep(SETTLED).await;
    let accepted = rig.service.accepted();
    rig.service.close_connections();
    let replaced = timeout(GENEROUS / 10, rig.service.wait_for_accepted(accepted + 1)).await;
    assert!(
        replaced.is_ok(),
        "{accepted} connections were accepted, and none after the close"
    );
    // The handshake, which the service counts from its beginning.
    sleep(4 * FAR).await;
    let tally = visit(&rig.rti).await;
    tally.assert_evaluated(100, "after connections were replaced");
}

#[tokio::test]
async fn closed_connections_are_replaced_over_http1() {
    closed_connections_are_replaced(Http::One).await;
}

#[tokio::test]
async fn closed_connections_are_replaced_over_http2() {
    closed_connections_are_replaced(Http::Two).await;
}
