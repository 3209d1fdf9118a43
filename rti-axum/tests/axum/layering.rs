//! Where RTI may be layered, and how often it asks.

use axum::Router;
use axum::routing::get as route;
use rti_axum::RtiLayer;
use tower::Layer as _;

use crate::harness::{COOKIE, SCRAPER, VALID, engine, get, serve};

async fn hello() -> &'static str {
    "hello"
}

#[test]
fn however_often_layered_it_checks_once_and_sets_one_cookie() {
    let (rti, journal) = engine(VALID);
    let layer = || RtiLayer::new(rti.clone());
    let nested = Router::new()
        .route("/b", route(hello).layer(layer()))
        .route_layer(layer());
    let app = Router::new().nest("/a", nested.layer(layer()));
    let address = serve(layer().layer(app.layer(layer()).layer(layer())));
    let answer = get(address, "/a/b");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
    assert_eq!(journal.calls().len(), 1);
}

#[test]
fn two_engines_check_each() {
    let (outer, first) = engine(VALID);
    let (inner, second) = engine(SCRAPER);
    let app = Router::new()
        .route("/", route(hello))
        .layer(RtiLayer::new(inner))
        .layer(RtiLayer::new(outer));
    let answer = get(serve(app), "/");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!((first.calls().len(), second.calls().len()), (1, 1));
}

#[test]
fn a_nested_router_and_a_route_check_for_their_own() {
    let (rti, journal) = engine(SCRAPER);
    let layer = || RtiLayer::new(rti.clone());
    let nested = Router::new().route("/known", route(hello)).layer(layer());
    let address = serve(
        Router::new()
            .nest("/nested", nested)
            .route("/route", route(hello).layer(layer()))
            .route("/free", route(hello)),
    );
    for path in ["/nested/known", "/route"] {
        let answer = get(address, path);
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
    assert!(get(address, "/free").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/unknown").starts_with("HTTP/1.1 404"));
    assert_eq!(journal.calls().len(), 2);
}

#[test]
fn unknown_routes_are_checked_and_stay_unknown() {
    let (rti, journal) = engine(VALID);
    let address = serve(Router::new().layer(RtiLayer::new(rti)));
    let answer = get(address, "/unknown");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
    assert_eq!(journal.calls().len(), 1);
}

#[test]
fn a_route_layer_checks_known_routes_alone() {
    let (rti, journal) = engine(SCRAPER);
    let app = Router::new()
        .route("/known", route(hello))
        .route_layer(RtiLayer::new(rti));
    let address = serve(app);
    assert!(get(address, "/unknown").starts_with("HTTP/1.1 404"));
    assert_eq!(journal.calls().len(), 0);
    assert!(get(address, "/known").starts_with("HTTP/1.1 403"));
    assert_eq!(journal.calls().len(), 1);
}

#[test]
fn around_the_router_it_is_the_same() {
    for (code, status) in [(VALID, "200"), (SCRAPER, "403")] {
        let (rti, journal) = engine(code);
        let app = Router::new().route("/", route(hello));
        let answer = get(serve(RtiLayer::new(rti).layer(app)), "/?a=1");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains(COOKIE), "{answer}");
        assert!(journal.calls().concat().contains("ClientIP=127.0.0.1&"));
    }
}
