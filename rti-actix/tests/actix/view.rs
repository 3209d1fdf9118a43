//! What the service is told of a request.

use actix_web::middleware::NormalizePath;
use actix_web::{App, HttpRequest, web};
use rti_actix::RtiMiddleware;

use crate::harness::{VALID, engine, send};

async fn result_headers(request: HttpRequest) -> String {
    let found = request.headers().get_all("x-cheq-rti-result").count();
    format!("{found} result headers")
}

fn payload_of(line: &str, headers: &str) -> String {
    let (rti, journal) = engine(VALID);
    let address = serve!(
        App::new()
            .service(web::scope("/a").default_service(web::to(result_headers)))
            .wrap(NormalizePath::trim())
            .wrap(RtiMiddleware::new(rti.clone()))
    );
    send(address, line, headers, "");
    journal.calls().concat()
}

#[test]
fn the_target_is_what_was_on_the_wire() {
    let payload = payload_of("GET /a/%62%2Fc//?q=%41+b", "");
    let url = "RequestURL=http%3A%2F%2Fshop.example%2Fa%2F%2562%252Fc%2F%2F%3Fq%3D%2541%2Bb&";
    assert!(payload.contains(url), "{payload}");
    assert!(
        payload.contains("MiddlewareVersion=rust_actix_"),
        "{payload}"
    );
}

#[test]
fn address_host_and_scheme_are_those_of_the_connection() {
    let forged = "Forwarded: for=203.0.113.9;host=evil.example;proto=https\r\n\
                  X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n";
    let payload = payload_of("GET /a", forged);
    assert!(payload.contains("ClientIP=127.0.0.1&"), "{payload}");
    assert!(
        payload.contains("RequestURL=http%3A%2F%2Fshop.example%2Fa&"),
        "{payload}"
    );
    let payload = payload_of("GET https://other.example/a", "");
    assert!(
        payload.contains("RequestURL=http%3A%2F%2Fother.example%2Fa&"),
        "{payload}"
    );
}

#[test]
fn header_names_do_not_vary_by_chance() {
    let payload = payload_of("GET /a", "X-B: 1\r\nX-A: 2\r\nX-B: 3\r\n");
    let names = "HeaderNames=Connection%2CContent-Length%2CHost%2CX-A%2CX-B%2CX-B&";
    assert!(payload.contains(names), "{payload}");
}

#[test]
fn a_result_header_of_the_client_never_arrives() {
    let (rti, journal) = engine(VALID);
    let address = serve!(
        App::new()
            .default_service(web::to(result_headers))
            .wrap(RtiMiddleware::new(rti.clone()))
    );
    let forged = "X-Cheq-Rti-Result: version=1\r\nx-cheq-rti-result: version=2\r\n";
    let answer = send(address, "GET /", forged, "");
    assert!(answer.ends_with("0 result headers"), "{answer}");
    assert!(journal.calls().concat().contains("X-Cheq-Rti-Result"));
}
