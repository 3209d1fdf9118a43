//! A tower service that is no router: bodies and errors of its own.

use std::net::SocketAddr;
use std::task::{Context, Poll};

use axum::body::to_bytes;
use axum::http::{self, StatusCode, Uri};
use axum::response::Response;
use rti_axum::{Decision, RtiLayer};
use tower::{Layer as _, Service, ServiceExt as _, service_fn};

use crate::harness::{SCRAPER, VALID, VPN, engine};

#[derive(Debug, PartialEq)]
struct Broken(&'static str);

async fn broken(_: http::Request<String>) -> Result<http::Response<String>, Broken> {
    Err(Broken("called"))
}

async fn outcome(request: http::Request<String>) -> Result<http::Response<String>, Broken> {
    let decision: &Decision = request.extensions().get().unwrap();
    let outcome = decision.outcome().as_str();
    Ok(http::Response::new(format!("{outcome} {}", request.body())))
}

/// Neither axum's body nor hyper's.
fn request() -> http::Request<String> {
    http::Request::new("whole".to_owned())
}

async fn text(response: Response) -> Vec<u8> {
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    body.to_vec()
}

#[tokio::test]
async fn it_is_called_with_the_decision_or_not_at_all() {
    let (rti, _) = engine(VALID);
    let service = RtiLayer::new(rti).layer(service_fn(outcome));
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(text(response).await, b"evaluated whole");

    let (rti, _) = engine(SCRAPER);
    let service = RtiLayer::new(rti).layer(service_fn(broken));
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn its_error_is_returned_unchanged() {
    let (rti, _) = engine(VALID);
    let service = RtiLayer::new(rti).layer(service_fn(broken));
    assert_eq!(
        service.oneshot(request()).await.unwrap_err(),
        Broken("called")
    );
}

#[tokio::test]
async fn its_error_passes_a_callback_that_panics() {
    let (rti, _) = engine(VPN);
    let layer = RtiLayer::new(rti)
        .on_challenge(|_, _| async { panic!("in a callback") as Option<StatusCode> });
    let service = layer.layer(service_fn(broken));
    assert_eq!(
        service.oneshot(request()).await.unwrap_err(),
        Broken("called")
    );
}

#[derive(Clone)]
struct Full;

impl Service<http::Request<String>> for Full {
    type Response = Response;
    type Error = Broken;
    type Future = std::future::Ready<Result<Response, Broken>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Err(Broken("full")))
    }

    fn call(&mut self, _: http::Request<String>) -> Self::Future {
        panic!("called though it is full")
    }
}

#[tokio::test]
async fn where_it_is_not_ready_nothing_is_checked() {
    let (rti, journal) = engine(VALID);
    let service = RtiLayer::new(rti).layer(Full);
    assert_eq!(
        service.oneshot(request()).await.unwrap_err(),
        Broken("full")
    );
    assert_eq!(journal.calls().len(), 0);
}

#[tokio::test]
async fn the_address_is_found_where_the_server_put_it() {
    let (rti, journal) = engine(VALID);
    let layer = RtiLayer::with_peer_ip(rti, |request| {
        assert_ne!(request.uri.path(), "/panic");
        request.extensions.get::<SocketAddr>().map(SocketAddr::ip)
    });
    for (path, expected) in [("/", true), ("/panic", false)] {
        let mut request = request();
        *request.uri_mut() = Uri::from_static(path);
        let peer = SocketAddr::from(([192, 0, 2, 7], 4711));
        request.extensions_mut().insert(peer);
        let service = layer.layer(service_fn(outcome));
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(text(response).await, b"evaluated whole");
        let sent = journal.calls().pop().unwrap();
        assert_eq!(sent.contains("ClientIP=192.0.2.7&"), expected, "{sent}");
    }
}
