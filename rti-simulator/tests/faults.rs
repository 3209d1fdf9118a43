//! Each fault, seen from a socket.

// The functions between the tests assert too.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use rti_simulator::{Fault, Rule, Simulator, Verdict, field};
use support::{Answer, Client, FORM, JSON, V1, V4_1, call, header, post, with_rules};
use tokio::io::AsyncReadExt;

async fn failing(fault: Fault) -> Simulator {
    with_rules([Rule::always().then(fault)]).await
}

/// Sends a request, and reads until the service closes.
async fn to_the_end(fault: Fault) -> String {
    let simulator = failing(fault).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    String::from_utf8_lossy(&client.rest().await.unwrap()).into_owned()
}

async fn answer(fault: Fault) -> Answer {
    call(&failing(fault).await, V1, FORM).await
}

#[tokio::test]
async fn hang_reads_the_request_and_ends_with_the_client() {
    let simulator = failing(Fault::Hang).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    simulator.wait_for(1).await;
    assert_eq!(
        client.stream.try_read(&mut [0]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    assert_eq!(simulator.connections_open(), 1);
    drop(client);
    simulator.wait_for_no_connections().await;
}

#[tokio::test]
async fn hang_unread_reads_nothing_and_ends_with_the_client() {
    let simulator = failing(Fault::HangUnread).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    simulator.wait_for_connections(1).await;
    client.send(post(V1, FORM)).await;
    drop(client);
    simulator.wait_for_no_connections().await;
    assert_eq!(simulator.requests_arrived(), 0);
}

#[tokio::test]
async fn hang_unread_after_a_condition_hangs_after_reading() {
    let simulator = with_rules([
        Rule::when(field("UserAgent").contains("curl")).then(Verdict::threat(3)),
        Rule::always().then(Fault::HangUnread),
    ])
    .await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    simulator.wait_for(1).await;
    drop(client);
    simulator.wait_for_no_connections().await;
}

#[tokio::test]
async fn reset_is_a_reset() {
    let simulator = failing(Fault::Reset).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    assert_eq!(
        client.rest().await.unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
}

#[tokio::test]
async fn close_is_a_proper_close() {
    assert_eq!(to_the_end(Fault::Close).await, "");
}

#[tokio::test]
async fn statuses_and_redirects() {
    let answer = answer_with_status(Fault::status(503), 503).await;
    assert_eq!(answer.body, "");
    let answer = answer_with_status(Fault::status_with_body(429, "slow down"), 429).await;
    assert_eq!(answer.body, "slow down");
    let answer = answer_with_status(Fault::redirect("http://127.0.0.1:9/x"), 302).await;
    assert_eq!(
        header(&answer.head, "location"),
        Some("http://127.0.0.1:9/x")
    );
}

async fn answer_with_status(fault: Fault, status: u16) -> Answer {
    let answer = answer(fault).await;
    assert_eq!(answer.status, status);
    answer
}

#[tokio::test]
async fn malformed_and_mistyped_bodies() {
    let malformed = answer(Fault::MalformedJson).await;
    assert_eq!(malformed.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&malformed.body).is_err());
    assert_eq!(answer(Fault::body("[]")).await.body, "[]");
    let wrong = answer(Fault::WrongTypes).await.json();
    assert!(wrong["isInvalid"].is_string() && wrong["threatTypeCode"].is_string());
    let simulator = failing(Fault::WrongTypes).await;
    let wrong = call(&simulator, V4_1, JSON).await.json();
    assert!(
        wrong["decision"]["verdict"].is_number() && wrong["classification"]["code"].is_string()
    );
}

#[tokio::test]
async fn truncations() {
    let bytes = to_the_end(Fault::TruncatedBody).await;
    let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
    let stated: usize = header(head, "content-length").unwrap().parse().unwrap();
    assert!(!body.is_empty() && body.len() < stated);
    assert_eq!(to_the_end(Fault::TruncatedHead).await, "HTTP/1.1 20");
}

#[tokio::test]
async fn slow_answers_are_complete_and_late() {
    for fault in [Fault::SlowHead, Fault::SlowBody] {
        let started = Instant::now();
        let answer = answer(fault(Duration::from_millis(1))).await;
        assert_eq!(answer.json()["isInvalid"], false);
        assert!(started.elapsed() >= Duration::from_millis(50));
    }
}

#[tokio::test]
async fn a_slow_answer_ends_with_its_client() {
    let simulator = failing(Fault::SlowHead(Duration::from_secs(600))).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    assert_eq!(client.stream.read_u8().await.unwrap(), b'H');
    drop(client);
    simulator.wait_for_no_connections().await;
}

#[tokio::test]
async fn an_oversize_body_is_good_json_of_that_size() {
    let Fault::OversizeBody(mebibyte) = Fault::oversize_body() else {
        panic!("not oversize");
    };
    for size in [mebibyte, 1000, 0] {
        let answer = answer(Fault::OversizeBody(size)).await;
        assert!(answer.body.len() == size || size == 0);
        assert_eq!(answer.json()["isInvalid"], false);
    }
}

#[tokio::test]
async fn an_endless_body_ends_with_its_client() {
    let simulator = failing(Fault::EndlessBody).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    let mut mebibyte = vec![0; 1 << 20];
    client.stream.read_exact(&mut mebibyte).await.unwrap();
    drop(client);
    simulator.wait_for_no_connections().await;
}

#[tokio::test]
async fn a_wrong_content_length_leaves_bytes_behind() {
    let simulator = failing(Fault::WrongContentLength).await;
    let mut client = Client::connect(&simulator).await;
    let answer = client.call(V1, FORM).await;
    assert!(serde_json::from_str::<serde_json::Value>(&answer.body).is_err());
    drop(simulator);
    let rest = client.rest().await.unwrap();
    let whole = [answer.body.as_bytes(), &rest].concat();
    serde_json::from_slice::<serde_json::Value>(&whole).unwrap();
}

#[tokio::test]
async fn garbage_is_not_http() {
    let bytes = to_the_end(Fault::Garbage).await;
    assert!(!bytes.is_empty() && !bytes.starts_with("HTTP/"));
}

#[tokio::test]
async fn close_after_the_answer_closes_without_notice() {
    let simulator = failing(Fault::CloseAfterAnswer(Verdict::threat(3))).await;
    let mut client = Client::connect(&simulator).await;
    let answer = client.call(V1, FORM).await;
    assert_eq!(answer.json()["threatTypeCode"], 3);
    assert_eq!(header(&answer.head, "connection"), None);
    assert_eq!(client.rest().await.unwrap(), b"");
}

#[tokio::test]
async fn close_on_the_next_request_waits_for_it() {
    let simulator = failing(Fault::CloseOnNextRequest(Verdict::threat(3))).await;
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.call(V1, FORM).await.json()["threatTypeCode"], 3);
    assert_eq!(simulator.connections_open(), 1);
    client.send(post(V1, FORM)).await;
    simulator.wait_for_no_connections().await;
    assert!(client.rest().await.map_or(true, |bytes| bytes.is_empty()));
    assert_eq!(simulator.requests_arrived(), 1);
}
