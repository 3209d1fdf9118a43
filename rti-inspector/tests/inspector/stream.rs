//! The event stream: decisions as they are made, and what a slow reader loses.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::harness::{FIREFOX, Site};

async fn open(site: &Site) -> BufReader<TcpStream> {
    let socket = TcpStream::connect(site.server.address()).await.unwrap();
    let mut socket = BufReader::new(socket);
    let address = site.server.address();
    let bearer = site.bearer();
    let request = format!("GET /api/stream HTTP/1.1\r\nHost: {address}\r\n{bearer}\r\n");
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(socket.read_line(&mut head).await.unwrap(), 0, "{head}");
    }
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    socket
}

/// The next event of a name.
async fn next(socket: &mut BufReader<TcpStream>, wanted: &str) -> Value {
    let mut name = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(
            socket.read_line(&mut line).await.unwrap(),
            0,
            "the stream ended"
        );
        if let Some(found) = line.strip_prefix("event: ") {
            name = found.trim().to_owned();
        }
        if let Some(data) = line.strip_prefix("data: ")
            && name == wanted
        {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_appear_as_they_are_made() {
    let site = Site::start().await;
    let mut stream = open(&site).await;
    site.visit("/cart", "curl/8.5.0", "192.0.2.2").await;
    let row = next(&mut stream, "decision").await;
    assert_eq!(row["path"], "/cart");
    assert_eq!(row["policy_action"], "block");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_loses_events_and_slows_nobody() {
    let site = Site::start().await;
    let mut slow = open(&site).await;
    // Long paths fill the socket's buffers, from then on events wait, and the oldest are dropped.
    let path = format!("/{}", "x".repeat(4000));
    for _ in 0..40 {
        for _ in 0..50 {
            assert_eq!(site.visit(&path, FIREFOX, "192.0.2.1").await.status, 200);
        }
        site.flush().await;
    }
    assert_eq!(site.get("/api/summary").await["total"], 2000);
    let lost = next(&mut slow, "lost").await;
    assert!(lost["lost"].as_u64().unwrap() > 0);
    site.visit("/after", "curl/8.5.0", "192.0.2.2").await;
    while next(&mut slow, "decision").await["path"] != "/after" {}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_readers_is_bounded() {
    let site = Site::start().await;
    let mut readers = Vec::new();
    for _ in 0..16 {
        readers.push(open(&site).await);
    }
    let refused = site.send("GET", "/api/stream", &site.bearer(), "").await;
    assert_eq!(refused.status, 503);
}
