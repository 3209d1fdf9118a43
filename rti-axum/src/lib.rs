//! Real-Time Interception for [axum] and any tower service: blocks, redirects or challenges
//! visitors who are not real, before a handler sees them.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use rti_axum::{Config, Rti, RtiDecision, RtiLayer};
//! use std::net::SocketAddr;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let rti = Rti::new(Config::from_env()?)?;
//! let app = Router::new()
//!     .route("/", get(|RtiDecision(decision): RtiDecision| async move {
//!         format!("hello, {}", decision.outcome().as_str())
//!     }))
//!     .layer(RtiLayer::new(rti));
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # With axum, and without
//! The layer goes onto any tower service that takes requests of the `http` crate, whatever their body.
//! It needs `axum-core` alone, for the type of its responses and for the extractor. The address of a
//! connection and the whole path inside a nested router are known only under axum's own types, so
//! [`RtiLayer::new`] is behind the feature `axum`, which is on by default. With
//! `default-features = false` and without that feature, [`RtiLayer::with_peer_ip`] takes a function
//! that finds the address: the crate then does not depend on axum.
//!
//! # Notes
//! - The client address needs `into_make_service_with_connect_info::<SocketAddr>()`. Without it
//!   no address is sent to the service, unless a trusted header names one.
//! - Make RTI the outermost layer: layers outside it that add or remove headers change the order
//!   that is sent, by which the service distinguishes a browser from a program.
//! - `Router::layer` sees unknown routes too, `Router::route_layer` does not.
//!
//! [axum]: https://docs.rs/axum

mod callbacks;
#[cfg(feature = "challenge")]
mod challenge;
mod extract;
mod layer;
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

pub use self::extract::{MissingLayer, RtiDecision};
pub use self::layer::RtiLayer;
pub use self::reply::render;
pub use self::service::RtiService;
