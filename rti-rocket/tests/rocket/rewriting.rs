//! Fairings that rewrite requests: none of them lets a blocked request through.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Server, Service, app};
use rocket::fairing::{AdHoc, Fairing};
use rocket::http::uri::Origin;
use rocket::http::{Method, Status};
use rocket::response::content::RawText;
use rocket::{Build, Request, Rocket, State, catch, catchers, get, routes};
use rti_rocket::RtiFairing;

#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

impl Runs {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

#[get("/de/page")]
fn page(runs: &State<Runs>) -> &'static str {
    runs.0.fetch_add(1, Ordering::Relaxed);
    "page"
}

#[catch(404)]
fn missing(request: &Request<'_>) -> RawText<String> {
    RawText(format!("nothing at {}", request.uri()))
}

/// As an application does that takes the language out of a header.
fn rewrite() -> impl Fairing {
    AdHoc::on_request("language", |request, _| {
        Box::pin(async {
            let path = format!("/de{}", request.uri().path());
            request.set_uri(Origin::parse_owned(path).unwrap());
            request.set_method(Method::Get);
        })
    })
}

/// The fairing, attached when another one ignites.
fn staged() -> impl Fairing {
    AdHoc::on_ignite("stage", |rocket| async { rocket.attach(rewrite()) })
}

/// The same, one level further down: RTI's gate is attached by then.
fn staged_twice() -> impl Fairing {
    AdHoc::on_ignite("stages", |rocket| async { rocket.attach(staged()) })
}

fn shop(runs: &Runs) -> Rocket<Build> {
    let app = app().manage(runs.clone()).mount("/", routes![page]);
    app.register("/", catchers![missing])
}

/// A fairing whose answer a catcher gives.
fn hiding(service: &Service) -> RtiFairing {
    RtiFairing::new(service.blocking())
        .on_challenge(|_, _| Box::pin(async { Some(Err::<(), Status>(Status::NotFound)) }))
}

async fn is_blocked(server: &Server) {
    assert_eq!(server.ask("GET /page", "a").await.body(), "page");
    for line in ["GET /page", "HEAD /page", "POST /page", "GET /nowhere"] {
        let answer = server.ask(line, "robot").await;
        assert_eq!(answer.status(), 403, "{line}: {answer:?}");
        assert_eq!(answer.cookies(), ["_cheq_rti=a==; Path=/"], "{line}");
    }
    let answer = server.ask("GET /page", "robot").await;
    assert!(answer.body().contains(">r-1</code>"), "{answer:?}");
}

#[rocket::async_test]
async fn a_fairing_after_rti_that_rewrites_requests_does_not_undo_a_block() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let app = shop(&runs).attach(RtiFairing::new(service.blocking()));
    is_blocked(&Server::start(app.attach(rewrite())).await).await;
    assert_eq!(runs.count(), 1);
}

#[rocket::async_test]
async fn nor_does_one_that_a_stage_attaches_or_that_is_between_two_engines() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let app = shop(&runs).attach(RtiFairing::new(service.blocking()));
    is_blocked(&Server::start(app.attach(staged())).await).await;
    assert_eq!(runs.count(), 1);

    let rti = service.blocking();
    let app = shop(&runs).attach(RtiFairing::new(rti.clone()));
    let app = app.attach(rewrite()).attach(RtiFairing::new(rti));
    is_blocked(&Server::start(app).await).await;
    assert_eq!(runs.count(), 2);
}

#[rocket::async_test]
async fn a_hidden_page_stays_hidden() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let app = shop(&runs).attach(hiding(&service));
    let server = Server::start(app.attach(rewrite())).await;
    let answer = server.ask("GET /page", "suspect").await;
    assert_eq!(answer.body(), "nothing at /de/page");
    assert_eq!((answer.status(), runs.count()), (404, 0));
}

/// The application has run by then; the visitor sees nothing of it.
#[rocket::async_test]
async fn a_blocked_request_that_reaches_the_application_has_its_response_replaced() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let app = shop(&runs).attach(RtiFairing::new(service.blocking()));
    is_blocked(&Server::start(app.attach(staged_twice())).await).await;
    assert!(runs.count() > 1);

    let app = shop(&runs).attach(hiding(&service));
    let server = Server::start(app.attach(staged_twice())).await;
    for line in ["GET /page", "HEAD /page"] {
        let answer = server.ask(line, "suspect").await;
        assert_eq!(answer.status(), 404, "{line}");
        assert!(!answer.body().contains("page"), "{line}: {answer:?}");
    }
}
