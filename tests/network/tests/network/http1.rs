//! The service over HTTP/1.1.

use std::time::{Duration, Instant};

use hyper::StatusCode;
use rti_test_network::{Ending, Failure, Http, Scheme, Service};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{A_WHILE, GENEROUS, http1, post1};

#[tokio::test]
async fn it_answers_over_plain_http_as_well() {
    let service = Service::builder(Http::One).scheme(Scheme::Http).start();
    assert!(service.origin().starts_with("http://localhost:"));
    let mut stream = TcpStream::connect(service.address()).await.unwrap();
    let request = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\nab";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains(r#""threatTypeCode":3"#), "{answer}");
}

#[tokio::test]
async fn connections_and_requests_are_counted() {
    let service = Service::builder(Http::One).start();
    let (mut sender, _ended) = http1(&service).await;
    for _ in 0..3 {
        assert_eq!(post1(&mut sender).await.unwrap(), StatusCode::OK);
    }
    assert_eq!(
        (service.accepted(), service.open(), service.requests()),
        (1, 1, 3)
    );
}

#[tokio::test]
async fn a_share_of_the_requests_fails() {
    let service = Service::builder(Http::One);
    let service = service.behaving(|does| does.failing = 0.5).start();
    let (mut sender, _ended) = http1(&service).await;
    let mut failed = 0;
    for _ in 0..200 {
        failed += u32::from(post1(&mut sender).await.unwrap() != StatusCode::OK);
    }
    assert!((60..140).contains(&failed), "{failed} of 200");
    service.change(|does| (does.failing, does.failure) = (1.0, Failure::NotFound));
    assert_eq!(post1(&mut sender).await.unwrap(), StatusCode::NOT_FOUND);
    service.change(|does| does.failing = 0.0);
    assert_eq!(post1(&mut sender).await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn service_and_handshake_take_their_time() {
    const TAKES: Duration = Duration::from_millis(60);
    let service = Service::builder(Http::One).behaving(|does| {
        does.handshake = TAKES;
        does.service_time = TAKES..=TAKES;
    });
    let service = service.start();
    let began = Instant::now();
    let (mut sender, _ended) = http1(&service).await;
    assert!(began.elapsed() >= TAKES);
    post1(&mut sender).await.unwrap();
    assert!(began.elapsed() >= 2 * TAKES);
}

#[tokio::test]
async fn an_announced_end_comes_with_the_last_answer() {
    let service = Service::builder(Http::One);
    let service = service
        .behaving(|does| does.requests_per_connection = Some(2))
        .start();
    let (mut sender, ended) = http1(&service).await;
    for _ in 0..2 {
        post1(&mut sender).await.unwrap();
    }
    timeout(GENEROUS, ended).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn an_abrupt_end_comes_in_place_of_an_answer() {
    let service = Service::builder(Http::One).behaving(|does| {
        does.requests_per_connection = Some(2);
        does.ending = Ending::Abrupt;
    });
    let service = service.start();
    let (mut sender, _ended) = http1(&service).await;
    for _ in 0..2 {
        post1(&mut sender).await.unwrap();
    }
    assert!(
        timeout(GENEROUS, post1(&mut sender))
            .await
            .unwrap()
            .is_err()
    );
}

#[tokio::test]
async fn idle_connections_are_closed_and_busy_ones_are_not() {
    const IDLE: Duration = Duration::from_millis(150);
    let service = Service::builder(Http::One).behaving(|does| {
        does.idle = Some(IDLE..=IDLE);
        does.service_time = 2 * IDLE..=2 * IDLE;
    });
    let service = service.start();
    let (mut sender, ended) = http1(&service).await;
    post1(&mut sender).await.unwrap();
    let idle = Instant::now();
    timeout(GENEROUS, ended).await.unwrap().unwrap().unwrap();
    assert!(idle.elapsed() >= IDLE / 2);
}

#[tokio::test]
async fn connections_are_closed_and_silenced_on_demand() {
    let service = Service::builder(Http::One).start();
    let (mut sender, ended) = http1(&service).await;
    post1(&mut sender).await.unwrap();
    service.silence_connections();
    assert!(
        timeout(A_WHILE, post1(&mut sender)).await.is_err(),
        "it answered"
    );
    let (mut other, _ended) = http1(&service).await;
    assert_eq!(post1(&mut other).await.unwrap(), StatusCode::OK);
    service.close_connections();
    let _ = timeout(GENEROUS, ended).await.unwrap().unwrap();
    assert!(post1(&mut other).await.is_err(), "the other one is open");
}
