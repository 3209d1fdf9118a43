//! A small shop on axum, protected by RTI: `cargo run -p example-axum`.
//!
//! Its configuration comes from the environment, as `Config::from_env()` reads it, and from the
//! shop's own rules in `example_setup::configured`.

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use example_setup::{Metrics, Shop};
use rti_axum::{Decision, RtiDecision, RtiLayer};
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
    // With the connection's info, since the visitor's address is part of what is asked with.
    let app =
        app(layer(&shop), shop.metrics.clone()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(example_setup::stopped())
        .await?;
    Ok(())
}

fn layer(shop: &Shop) -> RtiLayer {
    let layer = RtiLayer::new(shop.rti.clone());
    match &shop.challenge {
        Some(challenge) => layer.challenge(challenge.clone()),
        None => layer,
    }
}

fn app(layer: RtiLayer, metrics: Metrics) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/subscribe", get(async || "subscribe"))
        .route("/about", get(async || "about"))
        .route("/echo", post(async |body: Body| body))
        .route("/count", get(count))
        .route("/count/up", post(count_up))
        .route("/verdict", get(verdict))
        .route("/metrics", get(async move || scraped(&metrics)))
        .with_state(Arc::default())
        .layer(layer)
}

fn scraped(metrics: &Metrics) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, Metrics::CONTENT_TYPE)], metrics.render())
}

type Count = State<Arc<AtomicU64>>;

async fn count(State(count): Count) -> String {
    count.load(Ordering::Relaxed).to_string()
}

async fn count_up(State(count): Count) -> String {
    (count.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

/// What a handler sees of the decision.
async fn verdict(RtiDecision(decision): RtiDecision) -> Json<Decision> {
    Json(decision)
}
