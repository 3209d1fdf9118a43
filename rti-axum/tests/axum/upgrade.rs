//! Connections that become something else.

use std::future::{Ready, ready};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, UPGRADE};
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::routing::get as route;
use hyper_util::rt::TokioIo;
use rti_axum::{Decision, RtiLayer};

use crate::harness::{COOKIE, SCRAPER, VALID, VPN, connect, engine, serve};

/// Raw bytes both ways, as a `WebSocket` is served.
async fn upgrade(request: Request) -> impl IntoResponse {
    let upgraded = hyper::upgrade::on(request);
    tokio::spawn(async {
        let (mut heard, mut said) = tokio::io::split(TokioIo::new(upgraded.await.unwrap()));
        tokio::io::copy(&mut heard, &mut said).await
    });
    let headers = [(CONNECTION, "upgrade"), (UPGRADE, "websocket")];
    (StatusCode::SWITCHING_PROTOCOLS, headers)
}

fn challenge(request: &Parts, _: Decision) -> Ready<Option<StatusCode>> {
    assert_ne!(request.uri.query(), Some("panic"));
    ready(None)
}

/// Asks for an upgrade, and gives the connection with the head of the answer.
fn ask(code: u32, query: &str) -> (TcpStream, String) {
    let (rti, _) = engine(code);
    let layer = RtiLayer::new(rti).on_challenge(challenge);
    let address: SocketAddr = serve(Router::new().route("/", route(upgrade)).layer(layer));
    let mut stream = connect(address);
    let request = format!(
        "GET /{query} HTTP/1.1\r\nHost: shop.example\r\n\
         Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    (stream, String::from_utf8(head).unwrap())
}

#[test]
fn an_upgrade_passes_with_and_without_the_callback() {
    for (query, code) in [("", VALID), ("", VPN), ("?panic", VPN)] {
        let (mut stream, head) = ask(code, query);
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        assert!(head.contains(COOKIE), "{head}");
        let mut echoed = [0; 9];
        stream.write_all(b"raw bytes").unwrap();
        stream.read_exact(&mut echoed).unwrap();
        assert_eq!(&echoed, b"raw bytes");
    }
}

#[test]
fn a_blocked_upgrade_is_an_answer_like_any_other() {
    let (_, head) = ask(SCRAPER, "");
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
    assert!(!head.contains("upgrade: websocket"), "{head}");
}
