//! HTTP/2 connections that end, and streams that are refused, while calls are under way.

use std::time::Duration;

use rti_test_network::{Behaviour, Ending, Http};

use crate::rig::{NEAR, Rig, SETTLED};
use crate::visitors::steady;

async fn calls_survive(what: &str, change: impl FnOnce(&mut Behaviour)) {
    let rig = Rig::behaving(Http::Two, NEAR, change);
    steady(&rig.rti, 100, SETTLED).await;
    let tally = steady(&rig.rti, 100, Duration::from_secs(3)).await;
    tally.assert_evaluated(95, what);
}

#[tokio::test]
async fn a_goaway_that_crosses_with_calls() {
    calls_survive("GOAWAY every 20 requests", |does| {
        does.requests_per_connection = Some(20);
    })
    .await;
}

#[tokio::test]
async fn streams_that_are_refused() {
    calls_survive("one stream in ten refused", |does| does.refusing = 0.1).await;
}

#[tokio::test]
async fn connections_that_are_closed_with_calls_open() {
    calls_survive("closed every 20 requests", |does| {
        does.requests_per_connection = Some(20);
        does.ending = Ending::Abrupt;
    })
    .await;
}
