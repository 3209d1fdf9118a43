//! A small shop on actix-web, protected by RTI: `cargo run -p example-actix`.
//!
//! Its configuration comes from the environment, as `Config::from_env()` reads it, and from the
//! shop's own rules in `example_setup::configured`.

use std::error::Error;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Json, Payload, ServiceConfig, get, post};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use example_setup::Metrics;
use rti_actix::{Decision, Requester, RtiDecision, RtiMiddleware, render};

#[actix_web::main]
async fn main() -> ExitCode {
    example_setup::ended(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = example_setup::shop().await?;
    let rti = shop.rti.clone();
    let count = Data::new(AtomicU64::new(0));
    let metrics = Data::new(shop.metrics.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(count.clone())
            .app_data(metrics.clone())
            .configure(routes)
            .wrap(RtiMiddleware::new(rti.clone()).on_challenge(challenge))
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

fn routes(app: &mut ServiceConfig) {
    app.route("/", get().to(async || "hello"))
        .route("/subscribe", get().to(async || "subscribe"))
        .route("/about", get().to(async || "about"))
        .route("/echo", post().to(echo))
        .route("/count", get().to(count))
        .route("/count/up", post().to(count_up))
        .route("/captcha", get().to(async || "prove that you are human"))
        .route("/verdict", get().to(verdict))
        .route("/metrics", get().to(scraped));
}

/// Visitors who wait for a page prove on another one that they are real; a script is told that it may.
fn challenge(
    _request: &HttpRequest,
    decision: Decision,
) -> impl Future<Output = Option<HttpResponse>> + use<> {
    async move {
        match decision.requester() {
            Requester::Navigation => {
                let captcha = (LOCATION, "/captcha");
                Some(HttpResponse::Found().insert_header(captcha).finish())
            }
            _ => decision.denial().map(|denial| render(&denial)),
        }
    }
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
