//! What RTI logs of the layers. A file of its own: tests beside it would log too.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(clippy::unwrap_used)]

use std::io::{pipe, read_to_string};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use rti_axum::{Config, Rti, RtiLayer};
use tower::ServiceExt as _;

/// A layer with an engine of its own. No service is there, so that it lets requests continue.
fn layer() -> RtiLayer {
    let config = Config::builder("key", "hash", "http://127.0.0.1:9");
    RtiLayer::new(Rti::new(config.build().unwrap()).unwrap())
}

#[tokio::test]
async fn a_second_engine_on_a_request_is_warned_of_once() {
    let (log, writer) = pipe().unwrap();
    let subscriber = tracing_subscriber::fmt().with_writer(Arc::new(writer));
    let logging = tracing::subscriber::set_default(subscriber.finish());
    let app = Router::new().layer(layer()).layer(layer());
    for _ in 0..3 {
        let response = app.clone().oneshot(Request::new(Body::empty())).await;
        assert_eq!(response.unwrap().status(), 404);
    }
    drop(logging);
    let log = read_to_string(log).unwrap();
    assert_eq!(log.matches("checked twice").count(), 1, "{log}");
}
