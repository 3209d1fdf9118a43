//! What RTI logs of the middleware. A file of its own: tests beside it would log too.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(clippy::unwrap_used)]

use std::io::{pipe, read_to_string};
use std::sync::Arc;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service};
use rti_actix::{Config, Rti, RtiMiddleware};

/// A middleware with an engine of its own. No service is there, so that it lets requests continue.
fn middleware() -> RtiMiddleware {
    let config = Config::builder("key", "hash", "http://127.0.0.1:9");
    RtiMiddleware::new(Rti::new(config.build().unwrap()).unwrap())
}

#[actix_web::test]
async fn a_second_engine_on_a_request_is_warned_of_once() {
    let (log, writer) = pipe().unwrap();
    let subscriber = tracing_subscriber::fmt().with_writer(Arc::new(writer));
    let logging = tracing::subscriber::set_default(subscriber.finish());
    let app = init_service(App::new().wrap(middleware()).wrap(middleware())).await;
    for _ in 0..3 {
        let request = TestRequest::default().to_request();
        assert_eq!(call_service(&app, request).await.status(), 404);
    }
    drop(logging);
    let log = read_to_string(log).unwrap();
    assert_eq!(log.matches("checked twice").count(), 1, "{log}");
}
