//! A small shop on Rocket, protected by RTI: `cargo run -p example-rocket`.
//!
//! Its configuration comes from the environment, as `Config::from_env()` reads it, and from the
//! shop's own rules in `example_setup::configured`.

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use example_setup::{Metrics, Shop};
use rocket::data::ToByteUnit;
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::Status;
use rocket::response::content::RawText;
use rocket::serde::json::Json;
use rocket::{Data, State, get, post, routes};
use rti_rocket::{Decision, RtiDecision, RtiFairing};

#[rocket::main]
async fn main() -> ExitCode {
    example_setup::ended(run().await)
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = Arc::new(example_setup::shop().await?);
    let announced = Arc::clone(&shop);
    let config = rocket::Config::figment()
        .merge(("address", shop.bind.ip()))
        .merge(("port", shop.bind.port()))
        .merge(("log_level", "critical"));
    rocket::custom(config)
        .manage(AtomicU64::new(0))
        .manage(shop.metrics.clone())
        .mount(
            "/",
            routes![
                hello, subscribe, about, echo, count, count_up, verdict, scraped
            ],
        )
        .attach(fairing(&shop))
        .attach(AdHoc::on_liftoff("announce", move |rocket| {
            let config = rocket.config();
            announced.announce(SocketAddr::new(config.address, config.port));
            Box::pin(async {})
        }))
        .launch()
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::Bind(cause) => shop.cannot_listen(cause),
            _ => error.into(),
        })?;
    Ok(())
}

fn fairing(shop: &Shop) -> RtiFairing {
    let fairing = RtiFairing::new(shop.rti.clone());
    match &shop.challenge {
        Some(challenge) => fairing.challenge(challenge.clone()),
        None => fairing,
    }
}

#[get("/")]
fn hello() -> &'static str {
    "hello"
}

#[get("/subscribe")]
fn subscribe() -> &'static str {
    "subscribe"
}

#[get("/about")]
fn about() -> &'static str {
    "about"
}

#[post("/echo", data = "<body>")]
async fn echo(body: Data<'_>) -> Result<Vec<u8>, Status> {
    match body.open(16.mebibytes()).into_bytes().await {
        Ok(body) if body.is_complete() => Ok(body.into_inner()),
        Ok(_) => Err(Status::PayloadTooLarge),
        Err(_) => Err(Status::BadRequest),
    }
}

#[get("/count")]
fn count(count: &State<AtomicU64>) -> String {
    count.load(Ordering::Relaxed).to_string()
}

#[post("/count/up")]
fn count_up(count: &State<AtomicU64>) -> String {
    (count.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}

#[get("/metrics")]
fn scraped(metrics: &State<Metrics>) -> RawText<String> {
    RawText(metrics.render())
}

/// What a handler sees of the decision.
#[get("/verdict")]
fn verdict(decision: RtiDecision) -> Json<Decision> {
    Json(decision.0)
}
