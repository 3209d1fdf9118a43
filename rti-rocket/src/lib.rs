//! Real-Time Interception for [Rocket]: blocks, redirects or challenges visitors who are not real,
//! before a handler sees them.
//!
//! ```no_run
//! use rti_rocket::{Config, Rti, RtiDecision, RtiFairing};
//!
//! #[rocket::get("/")]
//! fn hello(decision: RtiDecision) -> String {
//!     format!("hello, {}", decision.outcome().as_str())
//! }
//!
//! #[rocket::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let rti = Rti::new(Config::from_env()?)?;
//!     rocket::build()
//!         .mount("/", rocket::routes![hello])
//!         .attach(RtiFairing::new(rti))
//!         .launch()
//!         .await?;
//!     Ok(())
//! }
//! ```
//!
//! # How it blocks
//! A fairing of Rocket's sees requests and cannot answer them, only routes can. So the fairing mounts
//! private routes, and sends a request that is blocked or challenged to one of them: it adds a field
//! (`rti=…`, another value in each process) to the query, which access logs and response fairings then
//! see, beside the route's name `RTI`. A request that a catcher answers, as with the strategy
//! `not_found`, keeps its URI, and has the method `CONNECT` there instead. A request that continues is
//! left as it is, and so is the log about it.
//!
//! The routes are chosen by a fairing that runs after all others, so that none undoes a block by changing
//! the URI or the method. Where one runs later still, because a fairing attached it that was itself
//! attached at ignition, the application handles the request, its response is replaced, and a warning
//! is logged, once.
//!
//! # Mind
//! - Attach RTI before other fairings: those before it that change the URI, the method or headers
//!   change what is sent, and the order of the headers is part of what tells a browser from a
//!   program.
//! - The launch lists the private routes of RTI, nine of them, and two fairings called `RTI gate`.
//! - RTI's own messages are `tracing` events. Where the application sets no `tracing` subscriber
//!   they go to Rocket's logger: the warnings at the level `normal`, each decision at `debug`.
//! - The request header [`RESULT_HEADER`] of a client loses its value before handlers see it, not
//!   its name: Rocket cannot remove a header of a request. Where there is no result to tell, take
//!   an empty value for none.
//! - Rocket does not tell the version of HTTP. A request with an authority and no `Host` header is
//!   taken for HTTP/2, any other for HTTP/1.1. Nor does it tell the host of an absolute target: the
//!   `Host` header stands for it.
//! - Rocket drops headers whose value is not UTF-8, so they are not sent, and neither is their name.
//!   It answers methods it does not know, and a target without a path, with 400 before any fairing:
//!   such requests reach no handler, and RTI does not check them.
//! - Rocket waits for the first 14 bytes of a body before any fairing, so a client that sends
//!   `Expect: 100-continue` is told to send it before there is a verdict, and one that never sends
//!   them is never answered.
//! - Rocket lets a form's field `_method` change the method of a POST before any fairing. Routes,
//!   exclusions and the service see the changed method.
//!
//! [Rocket]: https://rocket.rs

mod callbacks;
#[cfg(feature = "challenge")]
mod challenge;
mod discard;
mod fairing;
mod gate;
mod guard;
mod reply;
mod request_state;
mod result;
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

pub use self::fairing::RtiFairing;
pub use self::guard::{MissingFairing, RtiDecision};
pub use self::reply::RtiReply;
