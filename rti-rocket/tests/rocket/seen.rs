//! What of a request on the wire arrives at the service, and at handlers.

use crate::harness::{Server, Service, app};
use rocket::http::Header;
use rocket::http::uri::Host;
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use rocket::{Build, Request, Rocket, get, routes, uri};
use rti_rocket::{Config, ResultHeader, Rti, RtiFairing};

struct Headers(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Headers {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let headers = request.headers().iter();
        let headers = headers.filter(|header| header.name() == "x-cheq-rti-result");
        let values: Vec<_> = headers
            .map(|header| format!("[{}]", header.value()))
            .collect();
        Outcome::Success(Self(values.concat()))
    }
}

#[get("/<_..>")]
fn handler(results: Headers) -> String {
    results.0
}

fn shop(service: &Service) -> Rocket<Build> {
    let fairing = RtiFairing::new(service.blocking());
    app().mount("/", routes![handler]).attach(fairing)
}

#[rocket::async_test]
async fn the_target_arrives_as_it_was_sent() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    for target in [
        "/",
        "/?",
        "/a//b/./../c/",
        "/%7Euser/%2fx?q=a%20b+c&q=%41",
        "//double?a=b?c",
        "/ünlaut?ö",
        "/a;b=c,d|e\"f",
    ] {
        let answer = server.ask(&format!("GET {target}"), "a").await;
        assert_eq!(answer.status(), 200, "{target}");
        let url = service.last().remove("RequestURL").unwrap();
        assert_eq!(url, format!("http://shop.example{target}"));
    }
    server.ask("GET http://other.example/x?y", "a").await;
    assert_eq!(service.last()["RequestURL"], "http://shop.example/x?y");
}

#[rocket::async_test]
async fn header_names_arrive_in_the_order_of_first_appearance() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    server
        .send(
            "GET / HTTP/1.1\r\nx-zulu: 1\r\nHost: shop.example\r\nACCEPT: */*\r\n\
             Cookie: _cheq_rti=one==\r\nuser-agent: a\r\nConnection: close\r\n\
             Cookie: b=2\r\nX-Alpha: 1\r\n\r\n",
        )
        .await;
    let seen = service.last();
    assert_eq!(
        seen["HeaderNames"],
        "X-Zulu,Host,Accept,Cookie,Cookie,User-Agent,Connection,X-Alpha"
    );
    assert_eq!(seen["CheqCookie"], "one==");
    assert!(seen["MiddlewareVersion"].starts_with("rust_rocket_"));
}

#[rocket::async_test]
async fn headers_that_are_not_utf_8_do_not_arrive() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    let mut request = b"GET / HTTP/1.1\r\nHost: shop.example\r\nReferer: /\xe9\r\n".to_vec();
    request.extend_from_slice(b"Accept: a\r\nConnection: close\r\n\r\n");
    assert_eq!(server.send(request).await.status(), 200);
    let seen = service.last();
    assert_eq!(seen["HeaderNames"], "Host,Accept,Connection");
    assert!(!seen.contains_key("Referer"));
}

#[rocket::async_test]
async fn the_address_is_the_connection_s() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    server
        .send(
            "GET / HTTP/1.1\r\nHost: shop.example\r\nX-Real-IP: 203.0.113.9\r\n\
             X-Forwarded-For: 203.0.113.8\r\nConnection: close\r\n\r\n",
        )
        .await;
    assert_eq!(service.last()["ClientIP"], "127.0.0.1");
}

#[rocket::async_test]
async fn http_1_0_without_a_host_has_no_url() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    let answer = server.send("GET /x HTTP/1.0\r\nAccept: a\r\n\r\n").await;
    assert_eq!(answer.status(), 200);
    let seen = service.last();
    assert!(!seen.contains_key("RequestURL") && !seen.contains_key("Host"));
    assert_eq!(seen["HeaderNames"], "Accept");
}

#[rocket::async_test]
async fn an_authority_without_a_host_header_is_http_2() {
    let service = Service::named("a");
    let client = Client::untracked(shop(&service)).await.unwrap();
    let mut request = client.get("/x").header(Header::new("x-any", "1"));
    request
        .inner_mut()
        .set_host(Host::from(uri!("shop.example:8443")));
    request.dispatch().await;
    let seen = service.last();
    assert_eq!(seen["RequestURL"], "http://shop.example:8443/x");
    assert_eq!(seen["HeaderNames"], "x-any");
}

#[rocket::async_test]
async fn a_result_header_of_the_client_s_has_no_value_for_handlers() {
    let service = Service::named("a");
    let config = Config::builder("key", "hash", "us").uri_exclusion(["/excluded"]);
    let rti = Rti::with_transport(config.build().unwrap(), service.clone());
    let app = app()
        .mount("/", routes![handler])
        .attach(RtiFairing::new(rti));
    let server = Server::start(app).await;
    for path in ["/", "/excluded"] {
        let answer = server
            .send(format!(
                "GET {path} HTTP/1.1\r\nHost: shop.example\r\nX-CHEQ-RTI-Result: forged\r\n\
                 Accept: a\r\nx-cheq-rti-result: again\r\nConnection: close\r\n\r\n"
            ))
            .await;
        assert_eq!((answer.status(), answer.body()), (200, "[]"), "{path}");
    }
    assert_eq!(service.calls(), 1);
    assert_eq!(
        service.last()["HeaderNames"],
        "Host,X-Cheq-Rti-Result,X-Cheq-Rti-Result,Accept,Connection"
    );
    assert_eq!(server.ask("GET /", "a").await.body(), "");
}

#[rocket::async_test]
async fn a_result_replaces_what_the_client_sent() {
    let service = Service::named("a");
    let config = Config::builder("key", "hash", "us").result_header(ResultHeader::On);
    let rti = Rti::with_transport(config.build().unwrap(), service.clone());
    let app = app()
        .mount("/", routes![handler])
        .attach(RtiFairing::new(rti));
    let server = Server::start(app).await;
    let told = "[version=1;is-invalid=false;threat-type-code=0;request-id=r-1]";
    assert_eq!(server.ask("GET /", "a").await.body(), told);
    let answer = server
        .send(
            "GET / HTTP/1.1\r\nX-CHEQ-RTI-Result: forged\r\nHost: shop.example\r\n\
             x-cheq-rti-result: again\r\nConnection: close\r\n\r\n",
        )
        .await;
    assert_eq!(answer.body(), told);
}

#[rocket::async_test]
async fn the_method_is_the_one_that_a_form_asks_for() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    server
        .send(
            "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nContent-Length: 14\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n_method=delete",
        )
        .await;
    assert_eq!(service.last()["Method"], "DELETE");
}

#[rocket::async_test]
async fn nothing_is_asked_before_the_body_begins() {
    let service = Service::named("a");
    let server = Server::start(shop(&service)).await;
    let mut stream = server.connect().await;
    let head = "POST / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
                Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(service.calls(), 0);
    stream.write_all(b"ab").await.unwrap();
    stream.read_to_end(&mut Vec::new()).await.unwrap();
    assert_eq!(service.calls(), 1);
}
