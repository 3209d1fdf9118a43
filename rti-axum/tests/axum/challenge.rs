//! The callback: answers, lets go on, and fails without taking the request along.

use std::future::Ready;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use rti_axum::{Decision, Next, RtiDecision, RtiLayer};

use crate::harness::{COOKIE, VPN, engine, get, send, serve};

async fn echo(path: Path<String>, decision: RtiDecision, body: Bytes) -> String {
    assert_ne!(path.as_str(), "panic", "the application's own");
    let reason = decision.0.outcome().reason().unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    format!("{} [{reason}] {body}", *path)
}

async fn challenge(mut request: Request, _: Decision, next: Next) -> Response {
    tokio::task::yield_now().await;
    match request.uri().query().unwrap_or_default() {
        "answer" => StatusCode::IM_A_TEAPOT.into_response(),
        "keep" => Response::new(request.into_body()),
        "panic" => panic!("before next"),
        "change" => {
            request.headers_mut().clear();
            panic!("after a change");
        }
        "read" => {
            let body = to_bytes(request.into_body(), usize::MAX).await;
            panic!("after reading {body:?}");
        }
        "afterwards" => {
            let answer = next.run(request).await;
            panic!("after {answer:?}");
        }
        _ => next.run(request).await,
    }
}

fn no_future(_: Request, _: Decision, _: Next) -> Ready<Response> {
    panic!("before there is a future")
}

fn challenged() -> SocketAddr {
    serve_with(|layer| layer.on_challenge(challenge))
}

fn serve_with(challenge: impl FnOnce(RtiLayer) -> RtiLayer) -> SocketAddr {
    let (rti, _) = engine(VPN);
    let app = Router::new().route("/{path}", any(echo));
    serve(app.layer(challenge(RtiLayer::new(rti))))
}

#[test]
fn it_answers_and_the_cookie_is_there() {
    let answer = get(challenged(), "/page?answer");
    assert!(answer.starts_with("HTTP/1.1 418"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn it_answers_with_the_body_of_the_request() {
    let answer = send(challenged(), "POST /page?keep", "", "whole");
    assert!(answer.ends_with("\r\n\r\nwhole"), "{answer}");
}

#[test]
fn next_lets_go_on_with_the_body() {
    let answer = send(challenged(), "POST /page", "", "whole");
    assert!(answer.ends_with("page [] whole"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn without_it_a_visitor_to_be_challenged_goes_on() {
    let answer = send(serve_with(|layer| layer), "POST /page", "", "whole");
    assert!(answer.ends_with("page [] whole"), "{answer}");
}

#[test]
fn a_panic_before_next_lets_go_on_with_the_request_as_it_was() {
    let address = challenged();
    for query in ["panic", "change"] {
        let answer = send(address, &format!("POST /page?{query}"), "", "whole");
        assert!(answer.ends_with("page [internal] whole"), "{answer}");
        assert!(answer.contains(COOKIE), "{answer}");
    }
}

#[test]
fn a_panic_instead_of_a_future_is_no_different() {
    let address = serve_with(|layer| layer.on_challenge(no_future));
    let answer = send(address, "POST /page", "", "whole");
    assert!(answer.ends_with("page [internal] whole"), "{answer}");
}

#[test]
fn a_panic_that_has_read_the_body_does_not_pass_on_the_rest() {
    let answer = send(challenged(), "POST /page?read", "", "whole");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn a_panic_of_the_application_or_after_it_is_as_without_rti() {
    let address = challenged();
    assert_eq!(get(address, "/panic"), "");
    assert_eq!(get(address, "/page?afterwards"), "");
    assert!(get(address, "/page").ends_with("page [] "), "still serves");
}
