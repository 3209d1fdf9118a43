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
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

pub use self::builder::RtiBuilder;
pub use self::inspection::Inspection;
use self::inspection::{InspectionResult, Snapshot};
use self::response::Responder;
#[cfg(feature = "http")]
use crate::config::ConfigError;
use crate::config::{Config, Settings};
use crate::decision::{
    self, ChallengeResult, Decision, Exchange, Outcome, RequestFacts, Response, SkipReason, Times,
};
use crate::deployment::Deployment;
use crate::error::{CallError, FailOpenReason};
use crate::known_headers::KnownHeader;
use crate::observer::Observers;
use crate::path::{self, Target};
use crate::payload::{self, Payload};
use crate::reliability::{
    self, Admission, CallResult, Circuit, CircuitChange, Health, InFlight, Probe,
};
use crate::reply::ReplyShape;
use crate::request::RtiRequest;
use crate::transport::{ApiRequest, ApiResponse, Transport};
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

    /// For adapters: reports what came of a decision that [wants a challenge](Decision::wants_challenge),
    /// and gives the final decision to act on. Observers and logs receive that one, so it is called for
    /// each such decision, also where there is no callback.
    pub fn conclude_challenge(&self, decision: &Decision, result: ChallengeResult) -> Decision {
        let decision = decision.concluded(result);
        if result == ChallengeResult::Panicked {
            let reason = FailOpenReason::Internal;
            self.engine.health.failed_open(&reason.into());
        }
        self.engine.publish(&self.engine.snapshot.load(), &decision);
        decision
    }

    /// The first step: looks at a request and copies what is needed. Does not block.
    ///
    /// A panic in an extractor or in the request's view is caught: the request will continue.
    pub fn inspect(&self, request: &dyn RtiRequest) -> Inspection {
        let began = Instant::now();
        let snapshot = self.engine.snapshot.load_full();
        let inspect = || self.engine.inspect(&snapshot, request, self.middleware);
        let inspected = catch_unwind(AssertUnwindSafe(inspect));
        let (result, request) = inspected.unwrap_or_else(|_panic| {
            let reason = FailOpenReason::Internal;
            self.engine.health.failed_open(&reason.into());
            let decided = InspectionResult::Decided(Outcome::FailedOpen(reason));
            (decided, RequestFacts::unknown(self.middleware))
        });
        Inspection {
            snapshot,
            result,
            request,
            began,
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
    ) -> (InspectionResult, RequestFacts) {
        let settings = snapshot.config.settings();
        let target = request.target();
        let target = path::split(&target);
        let skipped = if let Some(reason) = settings.exclusions.find(request.method(), target) {
            reason
        } else if settings.check_preflights == CheckPreflights::Off && request.is_preflight() {
            SkipReason::Preflight
        } else {
            return self.snapshot_of(settings, request, target, middleware);
        };
        let mut facts = RequestFacts {
            method: payload::method(request.method()),
            path: payload::bounded_path(target.path).into(),
            ..RequestFacts::unknown(middleware)
        };
        if !self.observers.is_empty() {
            (facts.client_ip, facts.user_agent) = payload::visitor(&settings.capture, request);
        }
        let outcome = Outcome::Skipped(skipped);
        (InspectionResult::Decided(outcome), facts)
    }

    fn snapshot_of(
        &self,
        settings: &Settings,
        request: &dyn RtiRequest,
        target: Target<'_>,
        middleware: &'static str,
    ) -> (InspectionResult, RequestFacts) {
        let event = settings.routes.find(request.method(), target.path);
        let event = event.cloned().unwrap_or_default();
        let payload = payload::capture(&settings.capture, request, target, event, middleware);
        self.deployment
            .observe(&settings.capture.client_ip, &payload);
        let user_agent = payload.header(KnownHeader::UserAgent);
        let facts = RequestFacts {
            method: payload.method.clone(),
            path: payload::bounded_path(target.path).into(),
            client_ip: payload.client_ip(),
            event_type: Some(payload.event_type().clone()),
            user_agent: user_agent
                .filter(|_| !self.observers.is_empty())
                .map(Box::from),
            middleware,
        };
        (InspectionResult::Check(Box::new(payload)), facts)
    }

    async fn decide(self: &Arc<Self>, inspection: Inspection) -> Decision {
        let began = Instant::now();
        let Inspection {
            snapshot,
            result,
            request,
            began: inspected,
        } = inspection;
        let settings = snapshot.config.settings();
        let mut called = Called::default();
        let mut span = Span::none();
        let (outcome, response) = match result {
            InspectionResult::Decided(outcome) => (outcome, Response::PASS_THROUGH),
            InspectionResult::Check(payload) => {
                let responder = Responder {
                    settings,
                    policy: snapshot.policy.as_deref(),
                    request: &request,
                    shape: ReplyShape::new(
                        payload.method(),
                        payload.requester(),
                        &settings.block_page,
                    ),
                };
                span = decision::span(
                    settings.log_decisions,
                    &request,
                    settings.api_endpoint.host(),
                );
                let check = self.check(&snapshot, payload, began, &mut called);
                let checked = check.instrument(span.clone()).await;
                self.judge(checked, &responder)
            }
        };
        let now = Instant::now();
        let times = Times {
            total: now.duration_since(inspected),
            decide: now.duration_since(began),
            connection: called.connection_time,
            service: called.service_time,
        };
        let decision = Decision::new(self.id, request, outcome, times, response, called.exchange);
        decision.record_in(&span);
        // One that wants a challenge is not final.
        if !decision.wants_challenge() {
            self.publish(&snapshot, &decision);
        }
        decision
    }

    /// From the verdict to what is done: a policy of the application's may panic.
    fn judge(
        &self,
        checked: Result<Verdict, CallError>,
        responder: &Responder<'_>,
    ) -> (Outcome, Response) {
        let judged = checked.and_then(|verdict| {
            let respond = || responder.respond(&verdict);
            match catch_unwind(AssertUnwindSafe(respond)) {
                Ok(response) => Ok((verdict, response)),
                Err(_panic) => Err(FailOpenReason::Internal.into()),
            }
        });
        match judged {
            Ok((verdict, response)) => {
                self.health.evaluated();
                (Outcome::Evaluated(verdict), response)
            }
            Err(error) => {
                self.health.failed_open(&error);
                (Outcome::FailedOpen(error.kind()), Response::PASS_THROUGH)
            }
        }
    }

    /// Calls the service, if the circuit breaker and the cap on calls in flight allow it.
    async fn check(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        payload: Box<Payload>,
        began: Instant,
        called: &mut Called,
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
        if self.observers.want_exchange() {
            let redactor = snapshot.config.settings().redactor.clone();
            called.exchange = Some(Exchange::new(body.clone(), redactor));
        }
        let verdict = self.call(snapshot, body, began, called).await;
        if let (Some(permit), Some(result)) = (permit, called.counts) {
            self.circuit_changed(permit.report(result));
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
            let mut called = Called::default();
            // Whether there is a verdict is of no interest: nobody waits for it.
            let _ = engine
                .call(&snapshot, body, Instant::now(), &mut called)
                .await;
            if let Some(result) = called.counts {
                engine.circuit_changed(probe.report(result));
            }
        });
    }

    /// One deadline over the whole call; a panic of the transport is one more way to fail.
    async fn call(
        &self,
        snapshot: &Snapshot,
        body: Bytes,
        began: Instant,
        called: &mut Called,
    ) -> Result<Verdict, CallError> {
        let settings = snapshot.config.settings();
        let version = settings.api_version;
        // What the transport does before its first await is inside as well, and so is decoding.
        let call = AssertUnwindSafe(async {
            let request = ApiRequest::new(version.path(), version.content_type(), body);
            let response = self.transport.send(request).await?;
            called.responded(began.elapsed(), &response);
            if !(200..300).contains(&response.status) {
                return Err(FailOpenReason::Status(response.status).into());
            }
            Verdict::from_response(version, &response.body, &settings.redactor)
        });
        let deadline = began + settings.timeout;
        let verdict = match tokio::time::timeout_at(deadline, call.catch_unwind()).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_panic)) => Err(FailOpenReason::Internal.into()),
            Err(_elapsed) => Err(FailOpenReason::Timeout.into()),
        };
        called.counts = match (&verdict, called.retry_after) {
            (_, Some(wait)) => Some(CallResult::RetryAfter(wait)),
            (Ok(_), None) => Some(CallResult::Answered),
            (Err(error), None) => CallResult::of_failure(error.kind()),
        };
        verdict
    }

    fn circuit_changed(&self, change: Option<CircuitChange>) {
        if let (Some(_), Some(circuit)) = (change, &self.circuit) {
            self.observers.circuit_changed(circuit);
        }
    }

    /// A decision is final.
    fn publish(&self, snapshot: &Snapshot, decision: &Decision) {
        decision.log(snapshot.config.settings().log_decisions);
        self.observers.decided(decision);
    }
}

/// What is known of a call beside the verdict.
#[derive(Default)]
struct Called {
    /// What it says about the service, if anything: for the circuit breaker.
    counts: Option<CallResult>,
    retry_after: Option<Duration>,
    connection_time: Option<Duration>,
    service_time: Option<Duration>,
    exchange: Option<Exchange>,
}

impl Called {
    fn responded(&mut self, elapsed: Duration, response: &ApiResponse) {
        self.retry_after = reliability::retry_after(response);
        self.connection_time = response.connection_time;
        let waited = response.connection_time.unwrap_or_default();
        self.service_time = Some(elapsed.saturating_sub(waited));
        if let Some(exchange) = &mut self.exchange {
            exchange.received_body(response.body.clone());
        }
    }
}
