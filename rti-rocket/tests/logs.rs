//! What a request adds to Rocket's log. A file of its own, as a process has one logger.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

#[allow(dead_code, reason = "nothing here needs a socket")]
#[path = "rocket/harness.rs"]
mod harness;

use std::sync::{Mutex, PoisonError};

use harness::{Service, app};
use log::{LevelFilter, Log, Metadata, Record};
use rocket::http::{Header, Method};
use rocket::local::asynchronous::Client;
use rocket::{Build, Rocket, get, routes};
use rti_rocket::{Mode, RtiDecision, RtiFairing};

struct Lines(Mutex<Vec<String>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl Lines {
    fn drain(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = record.args().to_string();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    fn flush(&self) {}
}

#[get("/")]
fn handler() -> &'static str {
    "hello"
}

#[get("/guarded")]
fn guarded(_decision: RtiDecision) {}

async fn lines(app: Rocket<Build>, method: Method, path: &'static str) -> Vec<String> {
    let client = Client::untracked(app.mount("/", routes![handler])).await;
    let client = client.unwrap();
    LINES.drain();
    // With a peer, or the first request is warned of.
    let peer = "192.0.2.1:1".parse().unwrap();
    client.req(method, path).remote(peer).dispatch().await;
    LINES.drain()
}

#[rocket::async_test]
async fn a_request_that_continues_adds_no_line() {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(LevelFilter::Info);
    let service = Service::named("a");
    let fairing = |mode| RtiFairing::new(service.engine(mode));
    for (method, path) in [
        (Method::Get, "/"),
        (Method::Get, "/nowhere"),
        // Routed again as GET.
        (Method::Head, "/"),
    ] {
        let without = lines(app(), method, path).await;
        for mode in [Mode::Monitoring, Mode::Blocking] {
            let with = lines(app().attach(fairing(mode)), method, path).await;
            assert_eq!(with, without, "{mode:?} {path}");
        }
    }

    let client = Client::untracked(app().attach(fairing(Mode::Blocking))).await;
    let client = client.unwrap();
    let broken = Header::new("User-Agent", "broken");
    client.get("/").header(broken).dispatch().await;
    let said = LINES.drain().join("\n");
    assert!(said.contains("failing open"), "{said}");

    let second = Service::named("b").engine(Mode::Monitoring);
    let app_of_two = app()
        .attach(fairing(Mode::Monitoring))
        .attach(RtiFairing::new(second));
    let client = Client::untracked(app_of_two).await.unwrap();
    for _ in 0..3 {
        client.get("/").dispatch().await;
    }
    let said = LINES.drain().join("\n");
    assert_eq!(said.matches("checked twice").count(), 1, "{said}");

    let error = app().mount("/", routes![guarded]).ignite().await;
    // Looked at, since Rocket's error panics when it is dropped unseen.
    error.unwrap_err().kind();
    let said = LINES.drain().join("\n");
    assert!(
        said.contains("add `.attach(RtiFairing::new(rti))`"),
        "{said}"
    );
}
