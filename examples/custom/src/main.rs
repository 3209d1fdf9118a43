//! A small shop on plain hyper, protected by RTI: `cargo run -p example-custom`.
//!
//! Its configuration comes from the environment, as `Config::from_env()` reads it, and from the
//! shop's own rules in `example_setup::configured`.

use std::convert::Infallible;
use std::error::Error;
use std::net::IpAddr;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use example_custom::{Body, Callbacks, full, intercept};
use example_setup::Metrics;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use rti_challenge::Challenge;
use rti_core::{Decision, Rti};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    example_setup::ended(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = example_setup::shop().await?;
    let listener = TcpListener::bind(shop.bind)
        .await
        .map_err(|error| shop.cannot_listen(error))?;
    shop.announce(listener.local_addr()?);
    let application = Arc::new(Application {
        count: AtomicU64::new(0),
        metrics: shop.metrics.clone(),
        challenge: shop.challenge.clone(),
    });
    let connections = GracefulShutdown::new();
    let mut stopped = pin!(example_setup::stopped());
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => accepted?,
            () = &mut stopped => break,
        };
        let (rti, application) = (shop.rti.clone(), Arc::clone(&application));
        let service = service_fn(move |request| {
            serve(rti.clone(), Arc::clone(&application), peer.ip(), request)
        });
        let connection = auto::Builder::new(TokioExecutor::new())
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        let connection = connections.watch(connection);
        // What goes wrong on a connection is the visitor's to see.
        tokio::spawn(async { connection.await.ok() });
    }
    drop(listener);
    connections.shutdown().await;
    Ok(())
}

/// What the handlers share.
struct Application {
    count: AtomicU64,
    metrics: Metrics,
    challenge: Option<Challenge>,
}

async fn serve(
    rti: Rti,
    application: Arc<Application>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let callbacks = Callbacks {
        kit: application.challenge.as_ref(),
        ..Callbacks::default()
    };
    intercept(&rti, peer, request, callbacks, async |request| {
        Ok(route(request, &application))
    })
    .await
}

fn route(request: Request<Incoming>, application: &Application) -> Response<Body> {
    let Application { count, metrics, .. } = application;
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, path) => match path {
            "/" => answer(StatusCode::OK, "hello"),
            "/subscribe" => answer(StatusCode::OK, "subscribe"),
            "/about" => answer(StatusCode::OK, "about"),
            "/count" => answer(StatusCode::OK, count.load(Ordering::Relaxed).to_string()),
            "/verdict" => verdict(request.extensions().get()),
            "/metrics" => typed(Metrics::CONTENT_TYPE, metrics.render()),
            _ => answer(StatusCode::NOT_FOUND, "not found"),
        },
        (&Method::POST, "/echo") => Response::new(request.into_body().boxed()),
        (&Method::POST, "/count/up") => answer(
            StatusCode::OK,
            (count.fetch_add(1, Ordering::Relaxed) + 1).to_string(),
        ),
        _ => answer(StatusCode::NOT_FOUND, "not found"),
    }
}

/// What a handler sees of the decision.
fn verdict(decision: Option<&Decision>) -> Response<Body> {
    let json = serde_json::to_string(&decision).unwrap_or_default();
    typed("application/json", json)
}

fn typed(content_type: &'static str, body: String) -> Response<Body> {
    let mut response = answer(StatusCode::OK, body);
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn answer(status: StatusCode, body: impl Into<bytes::Bytes>) -> Response<Body> {
    let mut response = Response::new(full(body));
    *response.status_mut() = status;
    response
}
