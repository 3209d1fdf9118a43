//! For allowed requests an application behaves as it does without the fairing.

use std::path::PathBuf;

use crate::harness::{Server, Service, app};
use rocket::form::Form;
use rocket::fs::{FileServer, relative};
use rocket::http::{Cookie, CookieJar, Status};
use rocket::{Build, FromForm, Request, Rocket, catch, catchers, get, post, put, routes};
use rti_rocket::{Mode, RtiFairing};

#[derive(FromForm)]
struct Order {
    amount: u8,
}

#[get("/hello")]
fn hello(cookies: &CookieJar<'_>) -> &'static str {
    cookies.add(("own", "1"));
    "hello"
}

#[get("/item/<id>")]
fn number(id: u32) -> String {
    format!("number {id}")
}

#[get("/item/<name>", rank = 2)]
fn name(name: &str) -> String {
    format!("name {name}")
}

#[get("/lowest/<_..>")]
fn lowest() -> &'static str {
    "lowest"
}

#[get("/all/<path..>?<q>", rank = 100)]
fn all(path: PathBuf, q: Option<&str>) -> String {
    format!("all {} {q:?}", path.display())
}

#[post("/order", data = "<order>")]
fn order(order: Form<Order>) -> String {
    order.amount.to_string()
}

#[put("/order", data = "<body>")]
fn replace(body: String) -> String {
    body
}

#[post("/json", format = "application/json", data = "<body>")]
fn json(body: &str) -> String {
    body.to_owned()
}

#[rocket::head("/head")]
fn head() -> Status {
    Status::Accepted
}

#[get("/fail")]
fn fail() -> Status {
    Status::ImATeapot
}

#[get("/panic")]
fn panics() -> String {
    panic!("on purpose")
}

#[catch(404)]
fn missing(request: &Request<'_>) -> String {
    request.cookies().add(Cookie::new("lost", "1"));
    format!("nothing at {}", request.uri())
}

fn shop() -> Rocket<Build> {
    let mut lowest = routes![lowest];
    for route in &mut lowest {
        route.rank = isize::MIN + 1;
    }
    app()
        .mount("/", lowest)
        .mount(
            "/",
            routes![
                hello, number, name, all, order, replace, json, head, fail, panics
            ],
        )
        .mount("/files", FileServer::from(relative!("src")))
        .register("/", catchers![missing])
}

const REQUESTS: [&str; 27] = [
    "GET /hello",
    "GET /hello/",
    "HEAD /hello",
    "HEAD /head",
    "GET /head",
    "HEAD /item/7",
    "HEAD /nowhere",
    "GET /item/7",
    "GET /item/seven",
    "GET /lowest/a/b",
    "GET /all",
    "GET /all/a/%2e/b?q=%20x",
    "GET //all///a?q",
    "GET /nowhere?x=1",
    "GET /",
    "DELETE /hello",
    "OPTIONS /hello",
    "OPTIONS *",
    "TRACE /hello",
    "PATCH /order",
    "BREW /hello",
    "GET /fail",
    "GET /panic",
    "GET /files/lib.rs",
    "HEAD /files/lib.rs",
    "GET /files/../Cargo.toml",
    "GET /files/nothing.rs",
];

const BODIES: [(&str, &str, &str); 7] = [
    (
        "POST /order",
        "application/x-www-form-urlencoded",
        "amount=7",
    ),
    (
        "POST /order",
        "application/x-www-form-urlencoded",
        "amount=x",
    ),
    (
        "POST /order",
        "application/x-www-form-urlencoded",
        "_method=put&a=b",
    ),
    ("POST /order", "text/plain", "amount=7"),
    ("PUT /order", "text/plain", "the body, whole"),
    ("POST /json", "application/json", "[1]"),
    ("POST /json", "text/plain", "[1]"),
];

#[rocket::async_test]
async fn answers_are_the_same_with_and_without_the_fairing() {
    let plain = Server::start(shop()).await;
    for mode in [Mode::Blocking, Mode::Monitoring] {
        let service = Service::named("a");
        let guarded = Server::start(shop().attach(RtiFairing::new(service.engine(mode)))).await;
        for line in REQUESTS {
            let (expected, got) = (plain.ask(line, "a").await, guarded.ask(line, "a").await);
            assert_ne!(expected.status(), 0, "{line}");
            assert_eq!(got.comparable(), expected.comparable(), "{line}");
            let cookies = got.cookies();
            let cookies = cookies
                .iter()
                .filter(|cookie| **cookie == "_cheq_rti=a==; Path=/");
            // Rocket refuses an unknown method before any fairing.
            assert_eq!(
                cookies.count(),
                usize::from(line != "BREW /hello"),
                "{line}"
            );
        }
        for (line, content_type, body) in BODIES {
            let request = format!(
                "{line} HTTP/1.1\r\nHost: shop.example\r\nContent-Type: {content_type}\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let (expected, got) = (plain.send(&request).await, guarded.send(&request).await);
            assert_ne!(expected.status(), 0, "{line}");
            assert_eq!(got.comparable(), expected.comparable(), "{line} {body}");
        }
        assert_eq!(service.calls(), REQUESTS.len() - 1 + BODIES.len());
    }
}

#[rocket::async_test]
async fn the_cases_above_are_what_they_seem() {
    let service = Service::named("a");
    let server = Server::start(shop().attach(RtiFairing::new(service.blocking()))).await;
    for (line, status) in [
        ("GET /hello", 200),
        ("HEAD /hello", 200),
        ("HEAD /head", 202),
        ("GET /item/seven", 200),
        ("GET /lowest/a/b", 200),
        ("GET /nowhere", 404),
        ("DELETE /hello", 404),
        ("BREW /hello", 400),
        ("GET /fail", 418),
        ("GET /panic", 500),
        ("GET /files/lib.rs", 200),
    ] {
        assert_eq!(server.ask(line, "a").await.status(), status, "{line}");
    }
    let unknown = server.ask("GET /nowhere?x=1", "a").await;
    assert_eq!(unknown.body(), "nothing at /nowhere?x=1");
    assert_eq!(
        server.ask("GET /hello", "a").await.cookies(),
        ["own=1; SameSite=Strict; Path=/", "_cheq_rti=a==; Path=/"]
    );
}
