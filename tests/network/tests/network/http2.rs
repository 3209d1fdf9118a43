//! The service over HTTP/2.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use rti_test_network::{Ending, Failure, Http, Service};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::client::{A_WHILE, GENEROUS, http2, post2};

/// How many of some calls at once were answered with a verdict.
async fn answered(service: &Service, calls: usize) -> usize {
    let (sender, _ended) = http2(service).await;
    let mut calling = JoinSet::new();
    for _ in 0..calls {
        let sender = sender.clone();
        calling.spawn(async move { post2(&sender).await });
    }
    let results = timeout(GENEROUS, calling.join_all()).await.unwrap();
    let verdict = |result: &hyper::Result<StatusCode>| matches!(result, Ok(StatusCode::OK));
    results.iter().filter(|result| verdict(result)).count()
}

/// More than the windows of flow control hold at once.
#[tokio::test]
async fn thousands_of_calls_are_answered_on_one_connection() {
    let service = Service::builder(Http::Two).start();
    assert_eq!(answered(&service, 4000).await, 4000);
    assert_eq!((service.accepted(), service.requests()), (1, 4000));
}

#[tokio::test]
async fn calls_share_the_connection_in_time() {
    const TAKES: Duration = Duration::from_millis(100);
    let service = Service::builder(Http::Two);
    let service = service
        .behaving(|does| does.service_time = TAKES..=TAKES)
        .start();
    let began = Instant::now();
    assert_eq!(answered(&service, 50).await, 50);
    let took = began.elapsed();
    assert!(took >= TAKES && took < 25 * TAKES, "{took:?}");
}

#[tokio::test]
async fn shares_of_the_streams_fail_and_are_refused() {
    let service = Service::builder(Http::Two).start();
    service.change(|does| does.failing = 0.5);
    let failing = answered(&service, 200).await;
    assert!((60..140).contains(&failing), "{failing} of 200");
    service.change(|does| (does.failing, does.refusing) = (0.0, 0.5));
    let refusing = answered(&service, 200).await;
    assert!((60..140).contains(&refusing), "{refusing} of 200");
}

#[tokio::test]
async fn failures_have_the_status_that_was_chosen() {
    let service = Service::builder(Http::Two).start();
    let (sender, _ended) = http2(&service).await;
    service.change(|does| does.failing = 1.0);
    let status = post2(&sender).await.unwrap();
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    service.change(|does| does.failure = Failure::NotFound);
    assert_eq!(post2(&sender).await.unwrap(), StatusCode::NOT_FOUND);
}

/// hyper waits with further streams until there is room.
#[tokio::test]
async fn the_limit_on_streams_is_told() {
    const TAKES: Duration = Duration::from_millis(50);
    let service = Service::builder(Http::Two).behaving(|does| {
        does.max_concurrent_streams = Some(10);
        does.service_time = TAKES..=TAKES;
    });
    let service = service.start();
    let (sender, _ended) = http2(&service).await;
    post2(&sender).await.unwrap();
    let began = Instant::now();
    let calls = (0..20).map(|_| {
        let sender = sender.clone();
        async move { post2(&sender).await }
    });
    let calls: JoinSet<_> = calls.collect();
    for result in calls.join_all().await {
        assert_eq!(result.unwrap(), StatusCode::OK);
    }
    assert!(began.elapsed() >= 2 * TAKES);
}

/// Those up to the last stream are answered, those that crossed with the GOAWAY are not.
#[tokio::test]
async fn an_announced_end_leaves_out_what_crossed_with_it() {
    let service = Service::builder(Http::Two);
    let service = service
        .behaving(|does| does.requests_per_connection = Some(10))
        .start();
    assert_eq!(answered(&service, 30).await, 10);
}

#[tokio::test]
async fn an_abrupt_end_takes_open_calls_along() {
    const TAKES: Duration = Duration::from_millis(50);
    let service = Service::builder(Http::Two).behaving(|does| {
        does.requests_per_connection = Some(10);
        does.ending = Ending::Abrupt;
        does.service_time = TAKES..=TAKES;
    });
    assert_eq!(answered(&service.start(), 10).await, 0);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    const IDLE: Duration = Duration::from_millis(150);
    let service = Service::builder(Http::Two);
    let service = service
        .behaving(|does| does.idle = Some(IDLE..=IDLE))
        .start();
    let (sender, ended) = http2(&service).await;
    post2(&sender).await.unwrap();
    timeout(GENEROUS, ended).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn connections_are_closed_and_silenced_on_demand() {
    let service = Service::builder(Http::Two).start();
    let (sender, ended) = http2(&service).await;
    post2(&sender).await.unwrap();
    service.silence_connections();
    assert!(
        timeout(A_WHILE, post2(&sender)).await.is_err(),
        "it answered"
    );
    let (other, _ended) = http2(&service).await;
    assert_eq!(post2(&other).await.unwrap(), StatusCode::OK);
    service.close_connections();
    let _ = timeout(GENEROUS, ended).await.unwrap().unwrap();
    assert!(post2(&other).await.is_err(), "the other one is open");
}
