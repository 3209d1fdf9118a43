//! The decision in handlers.

use actix_web::{App, web};
use rti_actix::{RtiDecision, RtiMiddleware};

use crate::harness::{VALID, engine, get};

async fn outcome(RtiDecision(decision): RtiDecision) -> &'static str {
    decision.outcome().as_str()
}

async fn maybe(decision: Option<RtiDecision>) -> &'static str {
    decision.map_or("nobody asked", |RtiDecision(decision)| {
        decision.outcome().as_str()
    })
}

#[test]
fn a_handler_gets_the_decision() {
    let (rti, _) = engine(VALID);
    let address = serve!(
        App::new()
            .route("/", web::get().to(outcome))
            .route("/maybe", web::get().to(maybe))
            .wrap(RtiMiddleware::new(rti.clone()))
    );
    assert!(get(address, "/").ends_with("evaluated"));
    assert!(get(address, "/maybe").ends_with("evaluated"));
}

#[test]
fn a_missing_middleware_is_said_clearly_or_is_none() {
    let address = serve!(
        App::new()
            .route("/", web::get().to(outcome))
            .route("/maybe", web::get().to(maybe))
    );
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.contains("RtiMiddleware"), "{answer}");
    assert!(get(address, "/maybe").ends_with("nobody asked"));
}
