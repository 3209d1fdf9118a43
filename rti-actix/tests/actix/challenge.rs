//! The callback: answers, lets go on, and fails without taking the request along.

use std::net::SocketAddr;
use std::rc::Rc;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::{App, Error, HttpResponse, error, web};
use rti_actix::{Decision, Next, RtiDecision, RtiMiddleware};

use crate::harness::{COOKIE, VALID, VPN, converse, engine, get, send};

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

async fn challenge(
    mut request: ServiceRequest,
    _: Decision,
    next: Next,
) -> Result<ServiceResponse, Error> {
    let not_send = Rc::new(());
    actix_web::rt::task::yield_now().await;
    drop(not_send);
    match request.query_string() {
        "answer" => Ok(request.into_response(HttpResponse::ImATeapot())),
        "refuse" => Err(error::ErrorUnauthorized("no")),
        "panic" => panic!("before next"),
        "change" => {
            request.headers_mut().clear();
            next.run(request).await
        }
        "read" => {
            let body = request.extract::<web::Bytes>().await;
            panic!("after reading {body:?}");
        }
        "afterwards" => {
            let answer = next.run(request).await;
            panic!("after {answer:?}");
        }
        _ => next.run(request).await,
    }
}

fn serve(code: u32) -> SocketAddr {
    let (rti, _) = engine(code);
    serve!(
        App::new()
            .route("/upgrade", web::get().to(upgrade))
            .route("/{path}", web::to(echo))
            .wrap(RtiMiddleware::new(rti.clone()).on_challenge(challenge))
    )
}

#[test]
fn it_answers_or_refuses_and_the_cookie_is_there() {
    let address = serve(VPN);
    for (path, status) in [("/?answer", "418"), ("/?refuse", "401")] {
        let answer = get(address, path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
    }
}

#[test]
fn it_lets_go_on_with_the_body() {
    let answer = send(serve(VPN), "POST /page", "", "whole");
    assert!(answer.ends_with("page [] whole"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
}

#[test]
fn a_panic_before_next_lets_go_on_with_the_body() {
    let answer = send(serve(VPN), "POST /page?panic", "", "whole");
    assert!(answer.ends_with("page [internal] whole"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
}

#[test]
fn the_request_cannot_be_changed_while_it_is_kept() {
    let answer = send(serve(VPN), "POST /page?change", "", "whole");
    assert!(answer.ends_with("page [internal] whole"), "{answer}");
}

#[test]
fn a_panic_that_has_read_the_body_does_not_pass_on_the_rest() {
    let answer = send(serve(VPN), "POST /page?read", "", "whole");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[test]
fn a_panic_of_the_application_or_after_it_is_as_without_rti() {
    let address = serve(VPN);
    assert_eq!(get(address, "/panic"), "");
    assert_eq!(get(address, "/page?afterwards"), "");
    assert!(get(address, "/page").ends_with("page [] "), "still serves");
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
