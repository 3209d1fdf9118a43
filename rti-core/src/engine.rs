//! The engine: from a request to a decision, in two steps. It reads from top to bottom: inspect a
//! request, call the service, decide.

mod builder;
mod inspection;
mod response;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::Instant;

pub use self::builder::RtiBuilder;
pub use self::inspection::Inspection;
use self::inspection::{InspectionResult, Snapshot};
use crate::config::Config;
#[cfg(feature = "http")]
use crate::config::ConfigError;
use crate::decision::{Decision, Outcome, Response, SkipReason};
use crate::deployment::Deployment;
use crate::error::{CallError, FailOpenReason};
use crate::observer::{ObservedRequest, Observers};
use crate::path;
use crate::payload::{self, Payload};
use crate::policy::Policy;
use crate::reliability::{self, Admission, CallResult, Circuit, Health, InFlight, Probe};
use crate::reply::ReplyShape;
use crate::request::RtiRequest;
use crate::transport::{ApiRequest, Transport};
use crate::verdict::Verdict;
use crate::words::CheckPreflights;

/// The engine: one for an application, shared by cloning.
///
/// A request is handled in two steps, so that nothing of it is borrowed across an await:
/// [`inspect`](Self::inspect) copies what is needed, [`decide`](Self::decide) calls the service. No
/// step can fail: where there is no verdict in time, the decision is to let the request continue.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use std::borrow::Cow;
/// # struct View;
/// # impl rti_core::RtiRequest for View {
/// #     fn method(&self) -> &str { "GET" }
/// #     fn target(&self) -> Cow<'_, str> { "/".into() }
/// #     fn for_each_header(&self, _: &mut dyn FnMut(&str, &[u8])) {}
/// #     fn http_version(&self) -> rti_core::HttpVersion { rti_core::HttpVersion::Http11 }
/// # }
/// # let request = View;
/// use rti_core::{Config, Rti};
///
/// let rti = Rti::new(Config::builder("key", "hash", "http://127.0.0.1:9").build()?)?;
///
/// let decision = rti.decide(rti.inspect(&request)).await;
/// if let Some(reply) = decision.reply() {
///     // answer with it, in the application's place
/// }
/// # assert_eq!(decision.outcome().as_str(), "failed_open");
/// # Ok(())
/// # }
/// ```
///
/// It needs a tokio runtime with time enabled.
#[derive(Clone)]
pub struct Rti {
    engine: Arc<Engine>,
    /// The name and version that are sent.
    middleware: &'static str,
}

struct Engine {
    id: u64,
    /// What is in force for the requests that begin now.
    snapshot: ArcSwap<Snapshot>,
    transport: Box<dyn Transport>,
    policy: Option<Box<dyn Policy>>,
    observers: Observers,
    health: Health,
    deployment: Deployment,
    circuit: Option<Arc<Circuit>>,
    in_flight: InFlight,
}

impl Rti {
    /// An engine that calls the service over HTTP.
    ///
    /// # Errors
    /// The HTTP client cannot be built, for want of CA certificates for one; the message says what
    /// to do.
    #[cfg(feature = "http")]
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        Self::builder(config).build()
    }

    /// An engine that calls the service over a transport of your own.
    pub fn with_transport(config: Config, transport: impl Transport) -> Self {
        Self::builder(config).build_with_transport(transport)
    }

    /// Begins an engine with observers, or with a policy of your own.
    pub fn builder(config: Config) -> RtiBuilder {
        RtiBuilder::new(config)
    }

    /// Opens the connections that are kept for calls from this tokio runtime, and returns when they
    /// are open or cannot be opened: after five seconds at the latest.
    ///
    /// An engine that is made inside a runtime begins with that by itself. Await this where the first
    /// visitors must get verdicts, before the application listens. With a transport of your own it
    /// does what [`Transport::warm_up`] does.
    pub async fn warm_up(&self) {
        self.engine.transport.warm_up().await;
    }

    /// The configuration in force. Cloning it is cheap.
    pub fn config(&self) -> Config {
        self.engine.snapshot.load().config.clone()
    }

    /// Whether this engine made the decision. A layer that finds such a decision on a request has
    /// been here before and does not check it again.
    pub fn is_own(&self, decision: &Decision) -> bool {
        decision.engine_id() == self.engine.id
    }

    /// A decision to let a request continue because something of the adapter's broke: its own faults
    /// must not take the site down either.
    pub fn fail_open(&self, reason: FailOpenReason) -> Decision {
        self.engine.health.failed_open(&reason.into());
        let outcome = Outcome::FailedOpen(reason);
        self.engine
            .conclude(outcome, Response::PASS_THROUGH, Instant::now(), None)
    }

    /// The first step: looks at a request and copies what is needed. Does not block.
    ///
    /// A panic in an extractor or in the request's view is caught: the request will continue.
    pub fn inspect(&self, request: &dyn RtiRequest) -> Inspection {
        let snapshot = self.engine.snapshot.load_full();
        let inspect = || self.engine.inspect(&snapshot, request, self.middleware);
        let inspected = catch_unwind(AssertUnwindSafe(inspect));
        let (result, observed) = inspected.unwrap_or_else(|_panic| {
            let reason = FailOpenReason::Internal;
            self.engine.health.failed_open(&reason.into());
            (InspectionResult::Decided(Outcome::FailedOpen(reason)), None)
        });
        Inspection {
            snapshot,
            result,
            observed,
        }
    }

    /// The second step: calls the service, unless there is nothing to check, and decides.
    ///
    /// The deadline of the call begins when the future is first polled. It owns what it needs and is
    /// `Send`. Dropping it gives up the call.
    pub fn decide(
        &self,
        inspection: Inspection,
    ) -> impl Future<Output = Decision> + Send + 'static {
        let engine = Arc::clone(&self.engine);
        async move { engine.decide(inspection).await }
    }
}

impl Engine {
    fn inspect(
        &self,
        snapshot: &Snapshot,
        request: &dyn RtiRequest,
        middleware: &'static str,
    ) -> (InspectionResult, Option<Box<ObservedRequest>>) {
        let began = (!self.observers.is_empty()).then(Instant::now);
        let settings = snapshot.config.settings();
        let target = request.target();
        let target = path::split(&target);
        let result = if let Some(reason) = settings.exclusions.find(request.method(), target) {
            InspectionResult::Decided(Outcome::Skipped(reason))
        } else if settings.check_preflights == CheckPreflights::Off && request.is_preflight() {
            InspectionResult::Decided(Outcome::Skipped(SkipReason::Preflight))
        } else {
            let event = settings.routes.find(request.method(), target.path);
            let event = event.cloned().unwrap_or_default();
            let payload = payload::capture(&settings.capture, request, target, event, middleware);
            self.deployment
                .observe(&settings.capture.client_ip, &payload);
            InspectionResult::Check(Box::new(payload))
        };
        let observed = began.map(|began| {
            let (method, payload) = (request.method(), result.payload());
            let observed = ObservedRequest::new(began, method, target, payload, middleware);
            Box::new(observed)
        });
        (result, observed)
    }

    async fn decide(self: &Arc<Self>, inspection: Inspection) -> Decision {
        let began = Instant::now();
        let Inspection {
            snapshot,
            result,
            observed,
        } = inspection;
        let payload = match result {
            InspectionResult::Check(payload) => payload,
            InspectionResult::Decided(outcome) => {
                return self.conclude(outcome, Response::PASS_THROUGH, began, observed.as_deref());
            }
        };
        let shape = ReplyShape::new(payload.method(), payload.requester());
        let checked = self.check(&snapshot, payload, began).await;
        let responded = checked.and_then(|verdict| {
            let policy = self.policy.as_deref();
            let respond = || response::respond(snapshot.config.settings(), policy, &verdict, shape);
            match catch_unwind(AssertUnwindSafe(respond)) {
                Ok(response) => Ok((verdict, response)),
                Err(_panic) => Err(FailOpenReason::Internal.into()),
            }
        });
        match responded {
            Ok((verdict, response)) => {
                self.health.evaluated();
                self.conclude(
                    Outcome::Evaluated(verdict),
                    response,
                    began,
                    observed.as_deref(),
                )
            }
            Err(error) => {
                self.health.failed_open(&error);
                let outcome = Outcome::FailedOpen(error.kind());
                self.conclude(outcome, Response::PASS_THROUGH, began, observed.as_deref())
            }
        }
    }

    /// Calls the service, if the circuit breaker and the cap on calls in flight allow it.
    async fn check(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        payload: Box<Payload>,
        began: Instant,
    ) -> Result<Verdict, CallError> {
        let permit = match self.circuit.as_ref().map(|circuit| circuit.admit()) {
            Some(Admission::Open) => return Err(FailOpenReason::CircuitOpen.into()),
            Some(Admission::Probe(probe)) => {
                self.start_probe(snapshot, probe, &payload);
                return Err(FailOpenReason::CircuitOpen.into());
            }
            Some(Admission::Call(permit)) => Some(permit),
            None => None,
        };
        let Some(_in_flight) = self.in_flight.enter(payload.client_ip()) else {
            return Err(FailOpenReason::Saturated.into());
        };
        let body = snapshot.encoder.encode(&payload);
        drop(payload);
        let Called { verdict, counts } = self.call(snapshot, body, began).await;
        if let (Some(permit), Some(result)) = (permit, counts) {
            self.observers.circuit_changed(permit.report(result));
        }
        verdict
    }

    /// Calls in the background, with the request of a visitor who continues at once. It has a place
    /// of its own beside the cap on calls in flight: in an outage the cap may be reached.
    fn start_probe(self: &Arc<Self>, snapshot: &Arc<Snapshot>, probe: Probe, payload: &Payload) {
        // Without a runtime no call can be made, and the probe's place is free again.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let body = snapshot.encoder.encode(payload);
        let (engine, snapshot) = (Arc::clone(self), Arc::clone(snapshot));
        runtime.spawn(async move {
            let called = engine.call(&snapshot, body, Instant::now()).await;
            if let Some(result) = called.counts {
                engine.observers.circuit_changed(probe.report(result));
            }
        });
    }

    /// One deadline over the whole call; a panic of the transport is one more way to fail.
    async fn call(&self, snapshot: &Snapshot, body: Bytes, began: Instant) -> Called {
        let settings = snapshot.config.settings();
        let version = settings.api_version;
        // What the transport does before its first await is inside as well, and so is decoding.
        let call = AssertUnwindSafe(async {
            let request = ApiRequest::new(version.path(), version.content_type(), body);
            match self.transport.send(request).await {
                Ok(response) if (200..300).contains(&response.status) => {
                    let redactor = &settings.redactor;
                    let verdict = Verdict::from_response(version, &response.body, redactor);
                    (verdict, None)
                }
                Ok(response) => {
                    let reason = FailOpenReason::Status(response.status);
                    (Err(reason.into()), reliability::retry_after(&response))
                }
                Err(error) => (Err(error), None),
            }
        });
        let failed = |reason: FailOpenReason| (Err(reason.into()), None);
        let (verdict, retry_after) =
            match tokio::time::timeout_at(began + settings.timeout, call.catch_unwind()).await {
                Ok(Ok(called)) => called,
                Ok(Err(_panic)) => failed(FailOpenReason::Internal),
                Err(_elapsed) => failed(FailOpenReason::Timeout),
            };
        let counts = match (&verdict, retry_after) {
            (_, Some(wait)) => Some(CallResult::RetryAfter(wait)),
            (Ok(_), None) => Some(CallResult::Answered),
            (Err(error), None) => CallResult::of_failure(error.kind()),
        };
        Called { verdict, counts }
    }

    fn conclude(
        &self,
        outcome: Outcome,
        response: Response,
        began: Instant,
        observed: Option<&ObservedRequest>,
    ) -> Decision {
        let decision = Decision::new(self.id, outcome, began.elapsed(), response);
        decision.log();
        if !self.observers.is_empty() {
            self.observers.decided(&decision, observed);
        }
        decision
    }
}

/// What came of a call: for the visitor, and for the circuit breaker if it says something about
/// the service.
struct Called {
    verdict: Result<Verdict, CallError>,
    counts: Option<CallResult>,
}
