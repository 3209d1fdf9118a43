//! What is answered in the application's place.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Server, Service, app};
use rocket::http::{Cookie, CookieJar, Status};
use rocket::response::Redirect;
use rocket::{Build, Rocket, Route, State, get, routes};
use rti_rocket::{Config, Mode, Outcome, Rti, RtiDecision, RtiFairing};

#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

#[get("/<_..>")]
fn handler(runs: &State<Runs>, cookies: &CookieJar<'_>, decision: RtiDecision) -> String {
    runs.0.fetch_add(1, Ordering::Relaxed);
    cookies.add(("own", "1"));
    match decision.outcome() {
        Outcome::FailedOpen(reason) => reason.to_string(),
        outcome => format!("{} {}", outcome.as_str(), decision.action().as_str()),
    }
}

fn shop(runs: &Runs) -> Rocket<Build> {
    app().manage(runs.clone()).mount("/", routes![handler])
}

#[rocket::async_test]
async fn a_blocked_visitor_reaches_no_handler() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let server = Server::start(shop(&runs).attach(RtiFairing::new(service.blocking()))).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        for path in ["/", "/a/b?c=d", "/nowhere/", "//x"] {
            let line = format!("{method} {path}");
            let answer = server.ask(&line, "robot").await;
            assert_eq!(answer.status(), 403, "{line}");
            assert!(answer.body().contains(">r-1</code>"), "{line}");
            assert_eq!(answer.headers("content-type"), ["text/html; charset=utf-8"]);
            assert_eq!(answer.headers("cache-control"), ["no-store"]);
            assert_eq!(answer.cookies(), ["_cheq_rti=a==; Path=/"], "{line}");
        }
    }
    assert_eq!(runs.0.load(Ordering::Relaxed), 0);
}

#[rocket::async_test]
async fn a_blocked_head_request_gets_headers_alone() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let server = Server::start(shop(&runs).attach(RtiFairing::new(service.blocking()))).await;
    let answer = server.ask("HEAD /", "robot").await;
    assert_eq!((answer.status(), answer.body()), (403, ""));
    let page = server.ask("GET /", "robot").await;
    assert_eq!(
        answer.headers("content-length"),
        page.headers("content-length")
    );
    assert_eq!(answer.headers("content-type"), ["text/html; charset=utf-8"]);
    assert_eq!(answer.cookies(), ["_cheq_rti=a==; Path=/"]);
    assert_eq!((service.calls(), runs.0.load(Ordering::Relaxed)), (2, 0));
}

#[rocket::async_test]
async fn monitoring_blocks_nothing_and_has_the_gate_all_the_same() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let app = || shop(&runs).attach(RtiFairing::new(service.engine(Mode::Monitoring)));
    let server = Server::start(app()).await;
    let answer = server.ask("GET /", "robot").await;
    assert_eq!(answer.body(), "evaluated allow");
    let rocket = app().ignite().await.unwrap();
    let gate = |route: &&Route| route.name.as_deref() == Some("RTI");
    assert_eq!(rocket.routes().filter(gate).count(), 9);
}

#[rocket::async_test]
async fn a_challenge_answers_or_lets_the_request_continue() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let fairing = RtiFairing::new(service.blocking()).on_challenge(|request, decision| {
        Box::pin(async move {
            assert_eq!(decision.action().as_str(), "challenge");
            // The guard, like any other, works in here.
            request.guard::<RtiDecision>().await.succeeded()?;
            request.cookies().add(Cookie::new("seen", "1"));
            let passed = request.uri().path() == "/passed";
            (!passed).then(|| Redirect::to("/captcha"))
        })
    });
    let server = Server::start(shop(&runs).attach(fairing)).await;

    let answer = server.ask("GET /", "suspect").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers("location"), ["/captcha"]);
    assert_eq!(answer.cookies().len(), 2, "{answer:?}");
    assert_eq!(server.ask("HEAD /", "suspect").await.status(), 303);
    assert_eq!(runs.0.load(Ordering::Relaxed), 0);

    let answer = server.ask("GET /passed", "suspect").await;
    assert_eq!(answer.body(), "evaluated allow");
    // Rocket answers this with the GET route: the callback must not be asked once more.
    let answer = server.ask("HEAD /passed", "suspect").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.cookies().len(), 3, "{answer:?}");
    assert_eq!(runs.0.load(Ordering::Relaxed), 2);
    assert_eq!(server.ask("GET /", "robot").await.status(), 403);
}

#[rocket::async_test]
async fn without_a_challenge_the_request_continues() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let server = Server::start(shop(&runs).attach(RtiFairing::new(service.blocking()))).await;
    let answer = server.ask("GET /", "suspect").await;
    assert_eq!(answer.body(), "evaluated allow");
}

#[rocket::async_test]
async fn a_challenge_whose_responder_fails_is_answered_by_the_catcher() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let fairing = RtiFairing::new(service.blocking())
        .on_challenge(|_, _| Box::pin(async { Some(Err::<(), Status>(Status::TooManyRequests)) }));
    let server = Server::start(shop(&runs).attach(fairing)).await;
    let answer = server.ask("GET /", "suspect").await;
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.cookies(), ["_cheq_rti=a==; Path=/"]);
}

#[rocket::async_test]
async fn a_panic_of_any_part_lets_the_request_continue() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let at_once = RtiFairing::new(service.blocking()).on_challenge(|request, _| {
        assert_ne!(request.uri().path(), "/", "on purpose");
        Box::pin(async { Some("challenge") })
    });
    let later = RtiFairing::new(service.blocking()).on_challenge(|request, _| {
        Box::pin(async move {
            rocket::tokio::task::yield_now().await;
            assert_ne!(request.uri().path(), "/", "on purpose");
            Some("challenge")
        })
    });
    for fairing in [at_once, later] {
        let server = Server::start(shop(&runs).attach(fairing)).await;
        for visitor in ["suspect", "broken"] {
            let answer = server.ask("GET /", visitor).await;
            assert_eq!(
                (answer.status(), answer.body()),
                (200, "internal"),
                "{visitor}"
            );
            let cookies = answer.cookies();
            let kept = cookies.contains(&"_cheq_rti=a==; Path=/");
            assert_eq!(kept, visitor == "suspect", "{visitor}");
        }
        assert_eq!(server.ask("GET /x", "suspect").await.body(), "challenge");
    }
}

#[rocket::async_test]
async fn a_panic_of_an_extractor_lets_the_request_continue() {
    let (runs, service) = (Runs::default(), Service::named("a"));
    let config = Config::builder("key", "hash", "us")
        .mode(Mode::Blocking)
        .ja3(|_| panic!("on purpose"));
    let rti = Rti::with_transport(config.build().unwrap(), service.clone());
    let server = Server::start(shop(&runs).attach(RtiFairing::new(rti))).await;
    let answer = server.ask("GET /", "robot").await;
    assert_eq!((answer.status(), answer.body()), (200, "internal"));
    assert_eq!(service.calls(), 0);
}
