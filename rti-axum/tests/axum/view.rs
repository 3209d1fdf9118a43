//! What the service is told of a request.

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::any;
use rti_axum::RtiLayer;

use crate::harness::{VALID, engine, get, send, serve, start};

async fn result_headers(headers: HeaderMap) -> String {
    let found = headers.get_all("x-cheq-rti-result").iter().count();
    format!("{found} result headers")
}

/// What is asked from within a nested router, which shows its handlers the rest of the path alone.
fn payload_of(line: &str, headers: &str) -> String {
    let (rti, journal) = engine(VALID);
    let nested = Router::new()
        .route("/{*rest}", any(result_headers))
        .layer(RtiLayer::new(rti));
    let outer = Router::new().nest("/b", nested);
    send(serve(Router::new().nest("/a", outer)), line, headers, "");
    journal.calls().concat()
}

#[test]
fn a_nested_router_tells_the_target_that_was_on_the_wire() {
    let payload = payload_of("GET /a/b/%62%2Fc//?q=%41+b", "");
    let url = "RequestURL=http%3A%2F%2Fshop.example%2Fa%2Fb%2F%2562%252Fc%2F%2F%3Fq%3D%2541%2Bb&";
    assert!(payload.contains(url), "{payload}");
    assert!(
        payload.contains("MiddlewareVersion=rust_axum_"),
        "{payload}"
    );
}

#[test]
fn address_host_and_scheme_are_those_of_the_connection() {
    let forged = "Forwarded: for=203.0.113.9;host=evil.example;proto=https\r\n\
                  X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n";
    let payload = payload_of("GET /a/b/c", forged);
    assert!(payload.contains("ClientIP=127.0.0.1&"), "{payload}");
    let url = "RequestURL=http%3A%2F%2Fshop.example%2Fa%2Fb%2Fc&";
    assert!(payload.contains(url), "{payload}");
}

#[test]
fn header_names_keep_the_order_of_the_wire() {
    let payload = payload_of("GET /a/b/c", "X-B: 1\r\nX-A: 2\r\nX-B: 3\r\n");
    let names = "HeaderNames=Host%2CConnection%2CContent-Length%2CX-B%2CX-B%2CX-A&";
    assert!(payload.contains(names), "{payload}");
}

#[test]
fn without_connect_info_the_visitor_is_checked_without_an_address() {
    let (rti, journal) = engine(VALID);
    let app = Router::new()
        .route("/", any(result_headers))
        .layer(RtiLayer::new(rti))
        .into_make_service();
    let address = start(async |listener| axum::serve(listener, app).await.unwrap());
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let asked = journal.calls();
    assert_eq!(asked.len(), 1);
    assert!(!asked.concat().contains("127.0.0.1"), "{asked:?}");
}

#[test]
fn a_result_header_of_the_client_never_arrives() {
    let (rti, journal) = engine(VALID);
    let app = Router::new().route("/", any(result_headers));
    let forged = "X-Cheq-Rti-Result: version=1\r\nx-cheq-rti-result: version=2\r\n";
    let answer = send(serve(app.layer(RtiLayer::new(rti))), "GET /", forged, "");
    assert!(answer.ends_with("0 result headers"), "{answer}");
    assert!(journal.calls().concat().contains("X-Cheq-Rti-Result"));
}
