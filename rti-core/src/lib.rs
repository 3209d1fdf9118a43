//! Real-Time Interception (RTI) for any web framework: the configuration, the mapping from a
//! request to a payload, and the verdict logic. There is no web framework in here.
//!
//! For each request a middleware asks the RTI service whether the visitor is real, and then lets
//! the request through, blocks it, redirects it or hands it to a challenge. Where there is no
//! verdict in time, the request continues: RTI never takes a site down.
//!
//! - With a framework that has an adapter, use that: `rti-axum`, `rti-actix`, `rti-rocket`.
//! - For another one, implement [`RtiRequest`] on a view of its request and give it to an [`Rti`].
//!
//! One request's way: [`RtiRequest`] → [`Rti::inspect`] → [`Payload`] → [`Transport`] →
//! [`Verdict`] → [`Decision`] → the application, or a [`Reply`] in its place.
//!
//! # What is logged
//! `tracing` events with the target `rti`, never with a payload or the key in them:
//!
//! | level | message | fields |
//! | --- | --- | --- |
//! | info | `decision` of a request that was blocked, redirected or challenged; of any other at debug: see [`LogDecisions`] | `method`, `path`, `client`, `action`, `policy_action`, `outcome`, `challenge_passed`, `reason`, `rule`, `threat_type`, `request_id`, `elapsed_us` |
//! | debug | `setCookie dropped: …` | |
//! | warn | `failing open: …` or `failing closed: …`, once when it begins | `reason`, `error` |
//! | info | `verdicts flow again`, once when it ends | `failed` |
//! | warn | `circuit opened: …`, once when it opens | `failures`, `retry_after_ms` |
//! | info | `circuit closed: …`, once when it closes | |
//! | warn | a [`ConfigWarning`], at start | `option` |
//! | warn | `an observer panicked`, once | |
//! | warn | `telemetry cannot be sent`, once; `telemetry is off: …`, at start | `reason`, `error` |
//! | warn | requests have no client address, or `X-Forwarded-For` from no trusted proxy; challenges without a challenge kit or callback; two engines on one request: once | |
//!
//! While a request is checked there is a span `rti.decide`, with the attribute names of OpenTelemetry where
//! there are any: `http.request.method`, `url.path`, `client.address`, `server.address`, and at its end
//! `rti.outcome`, `rti.action`, `rti.policy_action`, `rti.reason`, `rti.threat_type` and `rti.request_id`.
//! [`LogDecisions::Off`] turns it off.

mod challenge_event;
mod client_ip;
mod config;
mod cookies;
mod decision;
mod deployment;
mod discard;
mod engine;
mod error;
mod event_type;
mod exclusions;
mod extractors;
#[cfg(feature = "http-view")]
mod http_view;
mod known_headers;
#[cfg(feature = "metrics")]
mod metrics;
mod observer;
mod path;
mod payload;
mod policy;
mod protocol;
mod redact;
mod reliability;
mod reply;
mod request;
mod requester;
mod result_header;
mod route;
#[cfg(feature = "http")]
mod telemetry;
#[cfg(feature = "test-util")]
pub mod testing;
mod threat_type;
mod transport;
mod verdict;
mod what_if;
mod words;

pub use async_trait::async_trait;

pub use self::challenge_event::{ChallengeEvent, ChallengeEventKind};
pub use self::config::{
    ApiEndpoint, Config, ConfigBuilder, ConfigError, ConfigErrorKind, ConfigFault, ConfigWarning,
    OptionSource, PolicyOptions, PolicySummary, Source, ThreatCodes,
};
pub use self::decision::{
    Action, ChallengeResult, Decision, Exchange, Outcome, Rule, SkipReason, Times,
};
pub use self::discard::{MAX_DISCARD_TIME, MAX_DISCARDED_BYTES};
pub use self::engine::{Inspection, Rti, RtiBuilder, Statistics};
pub use self::error::{CallError, FailOpenReason};
pub use self::event_type::EventType;
#[cfg(feature = "http-view")]
pub use self::http_view::HttpView;
#[cfg(feature = "metrics")]
pub use self::metrics::{VERDICT_DURATION, VERDICT_DURATION_BUCKETS};
pub use self::observer::Observer;
pub use self::payload::{Payload, Visitor};
pub use self::policy::{Enforcement, Policy, PolicyInput, ResponseKind};
pub use self::reply::Reply;
pub use self::request::{HeaderCase, HeaderOrder, HttpVersion, RtiRequest, TEST_HEADER};
pub use self::requester::Requester;
pub use self::threat_type::{ThreatGroup, ThreatType};
#[cfg(feature = "http")]
pub use self::transport::HttpTransport;
#[cfg(feature = "reqwest")]
pub use self::transport::ReqwestTransport;
pub use self::transport::{
    ApiRequest, ApiResponse, ConnectionCounts, MAX_RESPONSE_BYTES, Transport,
};
pub use self::verdict::{
    DetectedDevice, DetectedNetwork, Verdict, VerdictDetail, VerdictIds, VerdictLevel,
};
pub use self::what_if::HypotheticalDecision;
pub use self::words::{
    ApiVersion, CheckPreflights, CircuitBreaker, CircuitState, LogDecisions, Mode, OnFailure,
    ResultHeader, SessionSync, Strategy, UnknownWordError,
};

/// The name under which a result travels to the application behind, in lower case. Adapters
/// remove what clients send under it, on every path, or empty it where the framework cannot remove
/// a header.
pub const RESULT_HEADER: &str = "x-cheq-rti-result";

/// The headers that adapters remove from every request, on every path, or empty where the framework cannot
/// remove a header.
pub const REMOVED_HEADERS: [&str; 2] = [RESULT_HEADER, TEST_HEADER];

/// The header of the response to a test request, in lower case: see
/// [`Decision::explanation`](crate::Decision::explanation).
pub const EXPLAIN_HEADER: &str = "x-rti-explain";
