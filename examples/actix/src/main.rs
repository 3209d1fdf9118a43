//! A small shop on actix-web, protected by RTI: `cargo run -p example-actix`.
//!
//! Its configuration comes from the environment, as `Config::from_env()` reads it, and from the
//! shop's own rules in `example_setup::configured`.

use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::web::{Data, Json, Payload, ServiceConfig, get, post};
use actix_web::{App, HttpResponse, HttpServer};
use example_setup::Metrics;
use rti_actix::{Challenge, Decision, Rti, RtiDecision, RtiMiddleware};

#[actix_web::main]
async fn main() -> ExitCode {
    example_setup::ended(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = example_setup::shop().await?;
    let (rti, challenge) = (shop.rti.clone(), shop.challenge.clone());
    let count = Data::new(AtomicU64::new(0));
    let metrics = Data::new(shop.metrics.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(count.clone())
            .app_data(metrics.clone())
            .configure(routes)
            .wrap(middleware(&rti, challenge.as_ref()))
    })
    .bind(shop.bind)
    .map_err(|error| shop.cannot_listen(error))?;
    server
        .addrs()
        .into_iter()
        .for_each(|address| shop.announce(address));
    server.run().await?;
    Ok(())
}

fn middleware(rti: &Rti, challenge: Option<&Challenge>) -> RtiMiddleware {
    let middleware = RtiMiddleware::new(rti.clone());
    match challenge {
        Some(challenge) => middleware.challenge(challenge.clone()),
        None => middleware,
    }
}

fn routes(app: &mut ServiceConfig) {
    app.route("/", get().to(async || "hello"))
        .route("/subscribe", get().to(async || "subscribe"))
        .route("/about", get().to(async || "about"))
        .route("/echo", post().to(echo))
        .route("/count", get().to(count))
        .route("/count/up", post().to(count_up))
        .route("/verdict", get().to(verdict))
        .route("/metrics", get().to(scraped));
}

async fn echo(body: Payload) -> HttpResponse {
    HttpResponse::Ok().streaming(body)
}

async fn count(count: Data<AtomicU64>) -> String {
    count.load(Ordering::Relaxed).to_string()
}

async fn count_up(count: Data<AtomicU64>) -> String {
    (count.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

async fn scraped(metrics: Data<Metrics>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(Metrics::CONTENT_TYPE)
        .body(metrics.render())
}

/// What a handler sees of the decision.
async fn verdict(RtiDecision(decision): RtiDecision) -> Json<Decision> {
    Json(decision)
}
