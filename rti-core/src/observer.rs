//! Observers: they receive every decision and every change of the circuit.

use std::borrow::Cow;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::decision::{Decision, Outcome};
use crate::event_type::EventType;
use crate::path::Target;
use crate::payload::{self, Payload};
use crate::reliability::CircuitChange;
use crate::threat_type::ThreatType;
use crate::verdict::Verdict;

/// Receives every decision and every change of the circuit, for metrics, telemetry or a log.
///
/// It is given to [`Rti::builder`](crate::Rti::builder) and called within the request, so it must
/// return at once: count, or put into a bounded queue. A panic in it is caught and changes nothing.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use rti_core::{Config, DecisionRecord, Observer, Rti};
///
/// #[derive(Default)]
/// struct FailedOpen(AtomicU64);
///
/// impl Observer for FailedOpen {
///     fn decided(&self, record: &DecisionRecord<'_>) {
///         if record.outcome().as_str() == "failed_open" {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let count = Arc::new(FailedOpen::default());
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9").build()?;
/// let rti = Rti::builder(config).observer(Arc::clone(&count)).build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// A decision was made. Does nothing by default.
    fn decided(&self, record: &DecisionRecord<'_>) {
        _ = record;
    }

    /// The circuit opened or closed. Does nothing by default.
    fn circuit_changed(&self, state: CircuitState) {
        _ = state;
    }
}

impl<T: Observer + ?Sized> Observer for Arc<T> {
    fn decided(&self, record: &DecisionRecord<'_>) {
        (**self).decided(record);
    }

    fn circuit_changed(&self, state: CircuitState) {
        (**self).circuit_changed(state);
    }
}

/// Whether the service is called.
///
/// ```
/// # use rti_core::CircuitState;
/// assert_ne!(CircuitState::Open, CircuitState::Closed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CircuitState {
    /// It is not: requests continue without a verdict.
    Open,
    /// It is.
    Closed,
}

impl From<CircuitChange> for CircuitState {
    fn from(change: CircuitChange) -> Self {
        match change {
            CircuitChange::Opened => Self::Open,
            CircuitChange::Closed => Self::Closed,
        }
    }
}

/// One decision, with the request that it is about. See [`Observer`] for an example.
///
/// The request is unknown where an adapter or a request's view failed: then
/// [`outcome`](Self::outcome) is `failed_open` with the reason `internal`. Where a callback failed, this
/// is the second record of its request.
#[derive(Debug, Clone, Copy)]
pub struct DecisionRecord<'a> {
    decision: &'a Decision,
    request: Option<&'a ObservedRequest>,
}

/// What observers receive of a request. It is copied only where there is an observer.
#[derive(Debug)]
pub(crate) struct ObservedRequest {
    began: Instant,
    method: Cow<'static, str>,
    path: Box<str>,
    client_ip: Option<IpAddr>,
    event_type: Option<EventType>,
    middleware: &'static str,
}

impl ObservedRequest {
    pub(crate) fn new(
        began: Instant,
        method: &str,
        target: Target<'_>,
        payload: Option<&Payload>,
        middleware: &'static str,
    ) -> Self {
        Self {
            began,
            method: payload::method(method),
            path: payload::bounded_path(target.path).into(),
            client_ip: payload.and_then(Payload::client_ip),
            event_type: payload.map(|payload| payload.event_type().clone()),
            middleware,
        }
    }
}

impl<'a> DecisionRecord<'a> {
    /// The decision itself. Cloning it is cheap.
    pub fn decision(&self) -> &'a Decision {
        self.decision
    }

    /// The method of the request.
    pub fn method(&self) -> Option<&'a str> {
        Some(&self.request?.method)
    }

    /// The path of the request as received, without the query: at most 4,096 bytes. It is what a
    /// visitor wrote.
    pub fn path(&self) -> Option<&'a str> {
        Some(&self.request?.path)
    }

    /// The client address; `None` also for a request that was not checked.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.request?.client_ip
    }

    /// The event that the route stands for; `None` also for a request that was not checked.
    pub fn event_type(&self) -> Option<&'a EventType> {
        self.request?.event_type.as_ref()
    }

    /// The name and version of the middleware, such as `rust_axum_0.1.0`.
    pub fn middleware(&self) -> Option<&'static str> {
        Some(self.request?.middleware)
    }

    /// The threat type of the verdict, when there is one.
    pub fn threat_type(&self) -> Option<ThreatType> {
        self.decision.verdict().map(Verdict::threat_type)
    }

    /// Where the decision comes from.
    pub fn outcome(&self) -> &'a Outcome {
        self.decision.outcome()
    }

    /// Why there is no verdict; `None` when there is one.
    pub fn reason(&self) -> Option<String> {
        self.decision.outcome().reason()
    }

    /// From the beginning of [`Rti::inspect`](crate::Rti::inspect) to the decision.
    pub fn total_time(&self) -> Duration {
        self.request
            .map_or(self.decision.elapsed(), |request| request.began.elapsed())
    }
}

/// The observers of an engine. Without any, each use is one branch.
#[derive(Default)]
pub(crate) struct Observers(Vec<Box<dyn Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.0.push(Box::new(observer));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn decided(&self, decision: &Decision, request: Option<&ObservedRequest>) {
        let record = DecisionRecord { decision, request };
        self.each(|observer| observer.decided(&record));
    }

    pub(crate) fn circuit_changed(&self, change: Option<CircuitChange>) {
        if let Some(change) = change {
            self.each(|observer| observer.circuit_changed(change.into()));
        }
    }

    fn each(&self, tell: impl Fn(&dyn Observer)) {
        for observer in &self.0 {
            if catch_unwind(AssertUnwindSafe(|| tell(&**observer))).is_err() {
                tracing::debug!(target: "rti", "an observer panicked");
            }
        }
    }
}
