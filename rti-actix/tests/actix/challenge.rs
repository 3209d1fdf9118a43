//! The callbacks: a challenge answers or lets the request continue, and a page of the application's own.

use std::net::SocketAddr;
use std::rc::Rc;

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, web};
use rti_actix::{Decision, RtiDecision, RtiMiddleware};

use crate::harness::{COOKIE, SCRAPER, VALID, VPN, converse, engine, get, send};

async fn echo(path: web::Path<String>, decision: RtiDecision, body: web::Bytes) -> String {
    assert_ne!(path.as_str(), "panic", "the application's own");
    let reason = decision.0.outcome().reason().unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    format!("{path} [{reason}] {body}")
}

/// Raw bytes both ways, as a `WebSocket` is served.
async fn upgrade(payload: web::Payload) -> HttpResponse {
    HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS)
        .upgrade("websocket")
        .streaming(payload)
}

fn challenge(
    request: &HttpRequest,
    _: Decision,
) -> impl Future<Output = Option<HttpResponse>> + use<> {
    let query = request.query_string().to_owned();
    async move {
        let not_send = Rc::new(());
        actix_web::rt::task::yield_now().await;
        drop(not_send);
        assert_ne!(query, "panic", "in the future");
        (query == "answer").then(|| HttpResponse::ImATeapot().finish())
    }
}

fn page(request: &HttpRequest, _: &Decision) -> Option<HttpResponse> {
    match request.query_string() {
        "own" => Some(HttpResponse::Forbidden().body("our own page")),
        "panic" => panic!("instead of a page"),
        _ => None,
    }
}

fn serve(code: u32) -> SocketAddr {
    let (rti, _) = engine(code);
    serve!(
        App::new()
            .route("/upgrade", web::get().to(upgrade))
            .route("/{path}", web::to(echo))
            .wrap(
                RtiMiddleware::new(rti.clone())
                    .on_challenge(challenge)
                    .on_block(page)
            )
    )
}

#[test]
fn it_answers_and_the_cookie_is_there() {
    let answer = send(serve(VPN), "POST /?answer", "", "whole");
    assert!(answer.starts_with("HTTP/1.1 418"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn none_lets_the_request_continue_with_its_body() {
    let answer = send(serve(VPN), "POST /page", "", "whole");
    assert!(answer.ends_with("page [] whole"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
}

#[test]
fn a_panic_lets_the_request_continue_as_it_was() {
    let answer = send(serve(VPN), "POST /page?panic", "", "whole");
    assert!(answer.ends_with("page [internal] whole"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
}

#[test]
fn a_panic_of_the_application_is_as_without_rti() {
    let address = serve(VPN);
    assert_eq!(get(address, "/panic"), "");
    assert!(get(address, "/page").ends_with("page [] "), "still serves");
}

#[test]
fn a_blocked_visitor_gets_the_page_of_the_application() {
    let address = serve(SCRAPER);
    let answer = get(address, "/page?own");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.ends_with("our own page"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
    for path in ["/page", "/page?panic"] {
        let answer = get(address, path);
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(answer.contains("<!doctype html>"), "{answer}");
    }
}

#[test]
fn an_upgrade_passes_with_and_without_the_callback() {
    for (query, code) in [("", VALID), ("", VPN), ("?panic", VPN)] {
        let answer = converse(
            serve(code),
            &format!(
                "GET /upgrade{query} HTTP/1.1\r\nHost: shop.example\r\n\
                 Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
            ),
            "raw bytes",
        );
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        assert!(answer.contains(COOKIE), "{answer}");
    }
}
