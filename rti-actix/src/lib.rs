//! Real-Time Interception for [actix-web]: blocks, redirects or challenges visitors who are not
//! real, before a handler sees them.
//!
//! ```no_run
//! use actix_web::{App, HttpServer, web};
//! use rti_actix::{Config, Rti, RtiDecision, RtiMiddleware};
//!
//! async fn hello(RtiDecision(decision): RtiDecision) -> String {
//!     format!("hello, {}", decision.outcome().as_str())
//! }
//!
//! #[actix_web::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let rti = Rti::new(Config::from_env()?)?;
//!     HttpServer::new(move || {
//!         App::new()
//!             .route("/", web::get().to(hello))
//!             .wrap(RtiMiddleware::new(rti.clone()))
//!     })
//!     .bind("127.0.0.1:8080")?
//!     .run()
//!     .await?;
//!     Ok(())
//! }
//! ```
//!
//! # Mind
//! - Build the [`Rti`] outside the closure of `HttpServer::new`, which runs once a worker, and
//!   clone it into the application: engines share nothing.
//! - The last `wrap` is the outermost. Wrap RTI after what rewrites requests (`NormalizePath`), so
//!   that it sees what the visitor asked for; `Logger` and `ErrorHandlers` see its answers when
//!   they are wrapped after it.
//! - `App::wrap` sees unknown routes too, `Scope::wrap` those below the scope, `Resource::wrap`
//!   and `Route::wrap` only what was routed to them.
//! - actix-web keeps headers in a hash map: their order is lost, and the service is told so.
//! - The visitor's address, the host and the scheme are those of the connection, never of
//!   `ConnectionInfo`, which trusts anyone's `Forwarded`. Behind a proxy, name it in the
//!   configuration (`trusted_proxies`).
//! - A request of which a middleware outside keeps a clone cannot be changed: it gets no result header.
//!
//! [actix-web]: https://docs.rs/actix-web

mod callbacks;
#[cfg(feature = "challenge")]
mod challenge;
mod discard;
mod extract;
mod middleware;
mod reply;
mod service;
mod view;

#[cfg(feature = "challenge")]
pub use rti_challenge::{Challenge, Keys};
#[cfg(feature = "http")]
pub use rti_core::HttpTransport;
#[cfg(feature = "reqwest")]
pub use rti_core::ReqwestTransport;
pub use rti_core::{
    Action, ApiEndpoint, ApiRequest, ApiResponse, ApiVersion, CallError, ChallengeEvent,
    ChallengeEventKind, ChallengeResult, CheckPreflights, CircuitBreaker, CircuitState, Config,
    ConfigBuilder, ConfigError, ConfigErrorKind, ConfigFault, ConfigWarning, ConnectionCounts,
    Decision, DetectedDevice, DetectedNetwork, EXPLAIN_HEADER, Enforcement, EventType, Exchange,
    FailOpenReason, HeaderCase, HeaderOrder, HttpVersion, LogDecisions, MAX_RESPONSE_BYTES, Mode,
    Observer, OnFailure, OptionSource, Outcome, Policy, PolicyInput, PolicyOptions, PolicySummary,
    RESULT_HEADER, Reply, Requester, ResponseKind, ResultHeader, Rti, RtiBuilder, RtiRequest, Rule,
    SessionSync, SkipReason, Source, Statistics, Strategy, TEST_HEADER, ThreatCodes, ThreatGroup,
    ThreatType, Times, Transport, UnknownWordError, Verdict, VerdictDetail, VerdictIds,
    VerdictLevel, async_trait,
};
#[cfg(feature = "metrics")]
pub use rti_core::{VERDICT_DURATION, VERDICT_DURATION_BUCKETS};

pub use self::extract::{MissingMiddleware, RtiDecision};
pub use self::middleware::RtiMiddleware;
pub use self::reply::render;
pub use self::service::RtiService;
