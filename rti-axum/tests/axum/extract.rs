//! The decision in handlers.

use axum::Router;
use axum::routing::get as route;
use rti_axum::{RtiDecision, RtiLayer};

use crate::harness::{VALID, engine, get, serve};

async fn outcome(RtiDecision(decision): RtiDecision) -> &'static str {
    decision.outcome().as_str()
}

async fn maybe(decision: Option<RtiDecision>) -> &'static str {
    decision.map_or("nobody asked", |RtiDecision(decision)| {
        decision.outcome().as_str()
    })
}

fn shop() -> Router {
    Router::new()
        .route("/", route(outcome))
        .route("/maybe", route(maybe))
}

#[test]
fn a_handler_gets_the_decision() {
    let (rti, _) = engine(VALID);
    let address = serve(shop().layer(RtiLayer::new(rti)));
    assert!(get(address, "/").ends_with("evaluated"));
    assert!(get(address, "/maybe").ends_with("evaluated"));
}

#[test]
fn a_missing_layer_is_said_clearly_or_is_none() {
    let address = serve(shop());
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.contains("add an RtiLayer"), "{answer}");
    assert!(get(address, "/maybe").ends_with("nobody asked"));
}
