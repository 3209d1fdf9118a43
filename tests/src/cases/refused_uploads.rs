//! Requests with a body that are answered in the application's place: the body is read and
//! discarded within bounds, so that a proxy that is still sending it gets the answer.

use std::time::Duration;

use crate::client::Request;
use crate::{Challenge, Site, Stage};
use rti_core::{ConfigBuilder, MAX_DISCARD_TIME, MAX_DISCARDED_BYTES, Strategy};
use rti_simulator::{Rule, Verdict, field};
use tokio::time::{Instant, timeout};

crate::suite::cases![
    a_refused_upload_leaves_the_connection_usable,
    a_refused_chunked_upload_leaves_the_connection_usable,
    a_redirected_upload_leaves_the_connection_usable,
    a_challenged_upload_leaves_the_connection_usable,
    an_upload_answered_with_not_found_leaves_the_connection_usable: speaks V4_1,
    a_client_that_drips_is_answered_and_closed,
    a_client_that_drips_chunks_is_answered_and_closed,
    a_client_that_sends_no_body_is_answered_and_closed: needs HeadBeforeBody,
    a_length_over_the_bound_is_not_waited_for,
    chunks_over_the_bound_are_answered_and_closed,
];

/// Bots get this answer; browsers are valid.
async fn start(stage: Stage, threat: u32) -> Site {
    let bots = field("UserAgent").contains("bot");
    let rules = [Rule::when(bots).then(Verdict::threat(threat))];
    stage.blocking().rules(rules).start().await
}

fn upload() -> Request {
    Request::new("POST", "/length").header("User-Agent", "bot")
}

/// Uploads of each size and a request of a browser after each, on one connection.
async fn assert_usable(site: &Site, status: u16) {
    let mut connection = site.connect().await;
    for length in [1, 60_000, 300_000, 1_000_000] {
        let refused = connection.send(&upload().body(vec![b'x'; length])).await;
        assert_eq!(refused.status, status, "{length}: {refused:?}");
        assert_eq!(refused.header("Connection"), None, "{length}");
        let next = connection.send(&Request::get("/")).await;
        assert_eq!(next.text(), "hello", "after {length}");
    }
}

async fn a_refused_upload_leaves_the_connection_usable(stage: Stage) {
    let site = start(stage, 3).await;
    assert_usable(&site, 403).await;
}

async fn a_redirected_upload_leaves_the_connection_usable(stage: Stage) {
    let site = start(stage.redirecting("/captcha"), 3).await;
    assert_usable(&site, 302).await;
}

async fn a_challenged_upload_leaves_the_connection_usable(stage: Stage) {
    let site = start(stage.challenge(Challenge::Answer), 14).await;
    assert_usable(&site, 401).await;
}

async fn an_upload_answered_with_not_found_leaves_the_connection_usable(stage: Stage) {
    let not_found = |config: ConfigBuilder| config.blocking_strategy(Strategy::NotFound);
    let site = start(stage.configure(not_found), 3).await;
    assert_usable(&site, 404).await;
}

async fn a_refused_chunked_upload_leaves_the_connection_usable(stage: Stage) {
    let site = start(stage, 3).await;
    let mut connection = site.connect().await;
    let mut request = upload().header("Transfer-Encoding", "chunked").bytes();
    for _ in 0..75 {
        request.extend(chunk());
    }
    request.extend(b"0\r\n\r\n");
    connection.write(request).await;
    assert_eq!(connection.response_to("POST").await.status, 403);
    assert_eq!(connection.send(&Request::get("/")).await.text(), "hello");
}

/// A chunk of 4,000 bytes.
fn chunk() -> Vec<u8> {
    let mut chunk = b"fa0\r\n".to_vec();
    chunk.extend([b'x'; 4_000]);
    chunk.extend(b"\r\n");
    chunk
}

async fn a_client_that_drips_is_answered_and_closed(stage: Stage) {
    let site = start(stage, 3).await;
    let head = upload().header("Content-Length", "1000");
    assert_answered_and_closed(&site, head, "x").await;
}

async fn a_client_that_drips_chunks_is_answered_and_closed(stage: Stage) {
    let site = start(stage, 3).await;
    let head = upload().header("Transfer-Encoding", "chunked");
    assert_answered_and_closed(&site, head, "1\r\nx\r\n").await;
}

async fn a_client_that_sends_no_body_is_answered_and_closed(stage: Stage) {
    let site = start(stage, 3).await;
    let head = upload().header("Content-Length", "1000");
    assert_answered_and_closed(&site, head, "").await;
}

/// How much longer than the bound a case may take, on a loaded machine and with actix-web, which
/// reads for another second before it closes.
const SLACK: Duration = Duration::from_secs(3);

async fn assert_answered_and_closed(site: &Site, head: Request, drop: &str) {
    let mut connection = site.connect().await;
    let began = Instant::now();
    connection.write(head.bytes()).await;
    let answer = timeout(MAX_DISCARD_TIME + SLACK, connection.drip(drop)).await;
    let answer = answer.expect("the connection stays");
    assert!(began.elapsed() >= MAX_DISCARD_TIME, "did not wait for more");
    let answer = String::from_utf8(answer).unwrap().to_lowercase();
    assert!(answer.starts_with("http/1.1 403 "), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
}

async fn a_length_over_the_bound_is_not_waited_for(stage: Stage) {
    let site = start(stage, 3).await;
    let mut connection = site.connect().await;
    let length = (MAX_DISCARDED_BYTES + 1).to_string();
    let mut bytes = upload().header("Content-Length", length).bytes();
    // Rocket waits for the first few bytes.
    bytes.extend([b'x'; 100]);
    let began = Instant::now();
    connection.write(bytes).await;
    let response = connection.response_to("POST").await;
    assert!(began.elapsed() < MAX_DISCARD_TIME, "waited for the body");
    assert_eq!(response.status, 403);
    assert_eq!(response.header("Connection"), Some("close"));
    assert!(timeout(SLACK, connection.rest()).await.is_ok(), "it stays");
}

async fn chunks_over_the_bound_are_answered_and_closed(stage: Stage) {
    let site = start(stage, 3).await;
    let mut connection = site.connect().await;
    connection
        .write(upload().header("Transfer-Encoding", "chunked").bytes())
        .await;
    for _ in 0..=MAX_DISCARDED_BYTES / 4_000 {
        connection.write(chunk()).await;
    }
    let response = connection.response_to("POST").await;
    assert_eq!(response.status, 403);
    assert_eq!(response.header("Connection"), Some("close"));
    assert!(timeout(SLACK, connection.rest()).await.is_ok(), "it stays");
}
