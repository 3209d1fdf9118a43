//! An answer is read up to 64 KiB and no further.

use std::time::Duration;

use rti_core::FailOpenReason::{Malformed, Oversize};
use rti_core::MAX_RESPONSE_BYTES;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::checking::{GENEROUS, check};
use crate::outcome::assert_failed_open;
use crate::service::{Connection, Service};

/// One piece of an answer that does not end.
const PIECE: usize = 2048;

/// Between two pieces, so that what is sent is what is read: the buffers between hold megabytes.
const PAUSE: Duration = Duration::from_millis(2);

/// What a loaded machine may be behind with reading.
const BEHIND: usize = 512 * 1024;

/// Sends `head`, then pieces without end, and says how much of them could be sent.
async fn endless(head: &'static str, piece: Vec<u8>) -> (Service, UnboundedReceiver<usize>) {
    let (report, sent) = unbounded_channel();
    let service = Service::start(move |connection| {
        let (piece, report) = (piece.clone(), report.clone());
        async move { report.send(send(connection, head, &piece).await).unwrap() }
    })
    .await;
    (service, sent)
}

async fn send(mut connection: Connection, head: &str, piece: &[u8]) -> usize {
    connection.read_request().await;
    let mut sent = 0;
    if connection.write(head.as_bytes()).await.is_err() {
        return sent;
    }
    while connection.write(piece).await.is_ok() {
        sent += piece.len();
        tokio::time::sleep(PAUSE).await;
    }
    sent
}

#[tokio::test]
async fn a_body_without_end_is_left_behind_64_kib() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{PIECE:x}\r\n{}\r\n", "x".repeat(PIECE));
    let (service, mut sent) = endless(head, chunk.into_bytes()).await;
    assert_failed_open(&check(&service.engine_within(GENEROUS)).await, Oversize);
    let sent = sent.recv().await.unwrap();
    assert!(sent > MAX_RESPONSE_BYTES, "left after {sent} bytes");
    assert!(
        sent < MAX_RESPONSE_BYTES + BEHIND,
        "left after {sent} bytes"
    );
}

#[tokio::test]
async fn a_body_that_is_announced_as_too_large_is_not_read() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n";
    let (service, mut sent) = endless(head, vec![b'x'; 16]).await;
    assert_failed_open(&check(&service.engine_within(GENEROUS)).await, Oversize);
    // Nor is it waited for: at this rate it would take eight seconds.
    let sent = sent.recv().await.unwrap();
    assert!(sent < MAX_RESPONSE_BYTES, "left after {sent} bytes");
}

#[tokio::test]
async fn a_head_without_end_is_left() {
    let header = format!("x-{}: {}\r\n", "y".repeat(8), "z".repeat(PIECE));
    let (service, mut sent) = endless("HTTP/1.1 200 OK\r\n", header.into_bytes()).await;
    assert_failed_open(&check(&service.engine_within(GENEROUS)).await, Malformed);
    let sent = sent.recv().await.unwrap();
    assert!(sent < 2 * BEHIND, "left after {sent} bytes");
}

/// What is not a verdict is not worth reading, however long it is.
#[tokio::test]
async fn the_body_of_a_refusal_is_not_read() {
    let head = "HTTP/1.1 503 Service Unavailable\r\ntransfer-encoding: chunked\r\n\r\n";
    let chunk = format!("{PIECE:x}\r\n{}\r\n", "x".repeat(PIECE));
    let (service, mut sent) = endless(head, chunk.into_bytes()).await;
    let decision = check(&service.engine_within(GENEROUS)).await;
    assert_failed_open(&decision, rti_core::FailOpenReason::Status(503));
    assert!(sent.recv().await.unwrap() < BEHIND);
}

#[tokio::test]
async fn a_verdict_of_64_kib_counts() {
    let open = r#"{"isInvalid":false,"threatTypeCode":0,"padding":""#;
    for (size, outcome) in [
        (MAX_RESPONSE_BYTES, "evaluated"),
        (MAX_RESPONSE_BYTES + 1, "failed_open"),
    ] {
        let padding = "x".repeat(size - open.len() - 2);
        let body = format!("{open}{padding}\"}}");
        assert_eq!(body.len(), size);
        let service = Service::start(move |mut connection| {
            // Without a length, so that only counting tells.
            let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
            async move {
                connection.read_request().await;
                // The client may leave before the last byte.
                let _ = connection.write(answer.as_bytes()).await;
            }
        })
        .await;
        let decision = check(&service.engine_within(GENEROUS)).await;
        assert_eq!(decision.outcome().as_str(), outcome, "{size} bytes");
    }
}
