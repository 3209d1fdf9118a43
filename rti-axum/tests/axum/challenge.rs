//! The callbacks: a challenge answers or lets the request continue, and a page of the application's own.

use std::future::{Ready, ready};
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::any;
use rti_axum::{Decision, RtiDecision, RtiLayer};

use crate::harness::{COOKIE, SCRAPER, VPN, engine, get, send, serve};

async fn echo(path: Path<String>, decision: RtiDecision, body: Bytes) -> String {
    assert_ne!(path.as_str(), "panic", "the application's own");
    let reason = decision.0.outcome().reason().unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    format!("{} [{reason}] {body}", *path)
}

fn challenge(
    request: &Parts,
    _: Decision,
) -> impl Future<Output = Option<StatusCode>> + Send + use<> {
    let query = request.uri.query().unwrap_or_default().to_owned();
    async move {
        tokio::task::yield_now().await;
        assert_ne!(query, "panic", "in the future");
        (query == "answer").then_some(StatusCode::IM_A_TEAPOT)
    }
}

fn no_future(_: &Parts, _: Decision) -> Ready<Option<StatusCode>> {
    panic!("before there is a future")
}

fn page(request: &Parts, _: &Decision) -> Option<(StatusCode, &'static str)> {
    match request.uri.query() {
        Some("own") => Some((StatusCode::FORBIDDEN, "our own page")),
        Some("panic") => panic!("instead of a page"),
        _ => None,
    }
}

fn challenged() -> SocketAddr {
    serve_with(VPN, |layer| layer.on_challenge(challenge))
}

fn serve_with(code: u32, callbacks: impl FnOnce(RtiLayer) -> RtiLayer) -> SocketAddr {
    let (rti, _) = engine(code);
    let app = Router::new().route("/{path}", any(echo));
    serve(app.layer(callbacks(RtiLayer::new(rti))))
}

#[test]
fn it_answers_and_the_cookie_is_there() {
    let answer = send(challenged(), "POST /page?answer", "", "whole");
    assert!(answer.starts_with("HTTP/1.1 418"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn none_lets_the_request_continue_with_its_body() {
    let answer = send(challenged(), "POST /page", "", "whole");
    assert!(answer.ends_with("page [] whole"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn without_it_a_visitor_to_be_challenged_continues() {
    let answer = send(serve_with(VPN, |layer| layer), "POST /page", "", "whole");
    assert!(answer.ends_with("page [] whole"), "{answer}");
}

#[test]
fn a_panic_lets_the_request_continue_as_it_was() {
    for address in [
        challenged(),
        serve_with(VPN, |layer| layer.on_challenge(no_future)),
    ] {
        let answer = send(address, "POST /page?panic", "", "whole");
        assert!(answer.ends_with("page [internal] whole"), "{answer}");
        assert!(answer.contains(COOKIE), "{answer}");
    }
}

#[test]
fn a_panic_of_the_application_is_as_without_rti() {
    let address = challenged();
    assert_eq!(get(address, "/panic"), "");
    assert!(get(address, "/page").ends_with("page [] "), "still serves");
}

#[test]
fn a_closure_reads_the_request_before_its_future() {
    let address = serve_with(VPN, |layer| {
        layer.on_challenge(|request, _| {
            let passed = request.headers.contains_key("cookie");
            ready((!passed).then_some(StatusCode::UNAUTHORIZED))
        })
    });
    assert!(get(address, "/page").starts_with("HTTP/1.1 401"));
    let passed = send(address, "GET /page", "Cookie: session=1\r\n", "");
    assert!(passed.starts_with("HTTP/1.1 200"), "{passed}");
}

#[test]
fn a_blocked_visitor_gets_the_page_of_the_application() {
    let address = serve_with(SCRAPER, |layer| layer.on_block(page));
    let answer = get(address, "/page?own");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.ends_with("our own page"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn without_a_page_or_where_it_panics_there_is_the_built_in_one() {
    let address = serve_with(SCRAPER, |layer| layer.on_block(page));
    for path in ["/page", "/page?panic"] {
        let answer = get(address, path);
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(answer.contains("<!doctype html>"), "{answer}");
    }
}
