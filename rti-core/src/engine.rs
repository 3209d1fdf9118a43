//! The engine: from a request to a decision, in two steps. It reads from top to bottom: inspect a
//! request, decide, call the service.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;
use tokio::time::Instant;

#[cfg(feature = "http")]
use crate::config::ConfigError;
use crate::config::{Config, ResultHeader, Settings};
use crate::decision::{Action, Challenge, Decision, Outcome, Response};
use crate::deployment::Deployment;
use crate::error::{CallError, FailOpenReason};
use crate::path;
use crate::payload::{self, Payload};
use crate::policy::{Enforcement, ResponseKind};
use crate::protocol::Encoder;
use crate::reliability::{self, Admission, CallResult, Circuit, Health, InFlight, Probe};
use crate::reply::{Reply, ReplyShape};
use crate::request::RtiRequest;
use crate::result_header;
use crate::transport::{ApiRequest, ApiResponse, Transport};
use crate::verdict::Verdict;

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
pub struct Rti(Arc<Engine>);

struct Engine {
    id: u64,
    config: Config,
    encoder: Encoder,
    transport: Box<dyn Transport>,
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
        let transport = crate::transport::HttpTransport::new(&config)?;
        Ok(Self::with_transport(config, transport))
    }

    /// An engine that calls the service over a transport of your own.
    pub fn with_transport(config: Config, transport: impl Transport) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        for warning in config.warnings() {
            tracing::warn!(target: "rti", option = warning.option(), "{warning}");
        }
        let settings = config.settings();
        Self(Arc::new(Engine {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            encoder: encoder(settings),
            transport: Box::new(transport),
            health: Health::default(),
            deployment: Deployment::default(),
            circuit: reliability::circuit(settings),
            in_flight: InFlight::new(settings.max_in_flight),
            config,
        }))
    }

    /// Opens the connections that are kept for calls from this tokio runtime, and returns when they
    /// are open or cannot be opened: after five seconds at the latest.
    ///
    /// An engine that is made inside a runtime begins with that by itself. Await this where the first
    /// visitors must get verdicts, before the application listens. With a transport of your own it
    /// does what [`Transport::warm_up`] does.
    pub async fn warm_up(&self) {
        self.0.transport.warm_up().await;
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Whether this engine made the decision. A layer that finds such a decision on a request has
    /// been here before and does not check it again.
    pub fn is_own(&self, decision: &Decision) -> bool {
        decision.engine_id() == self.0.id
    }

    /// A decision to let a request continue because something of the adapter's broke: its own faults
    /// must not take the site down either.
    pub fn fail_open(&self, reason: FailOpenReason) -> Decision {
        self.0.health.failed_open(&reason.into());
        let outcome = Outcome::FailedOpen(reason);
        self.0
            .conclude(outcome, Response::PASS_THROUGH, Instant::now())
    }

    /// For adapters: there is no challenge callback. Where the configuration challenges visitors, that
    /// is logged, once: they continue, which is rarely meant.
    pub fn note_no_challenge_callback(&self) {
        let policy = &self.0.config.settings().policy;
        self.0.deployment.note_no_challenge_callback(policy);
    }

    /// The first step: looks at a request and copies what is needed. Does not block.
    ///
    /// A panic in an extractor or in the request's view is caught: the request will continue.
    pub fn inspect(&self, request: &dyn RtiRequest) -> Inspection {
        let inspected = catch_unwind(AssertUnwindSafe(|| self.0.inspect(request)));
        Inspection(inspected.unwrap_or_else(|_panic| {
            self.0.health.failed_open(&FailOpenReason::Internal.into());
            InspectionResult::Decided(Outcome::FailedOpen(FailOpenReason::Internal))
        }))
    }

    /// The second step: calls the service, unless there is nothing to check, and decides.
    ///
    /// The deadline of the call begins when the future is first polled. It owns what it needs and is
    /// `Send`. Dropping it gives up the call.
    pub fn decide(
        &self,
        inspection: Inspection,
    ) -> impl Future<Output = Decision> + Send + 'static {
        let engine = Arc::clone(&self.0);
        async move { engine.decide(inspection.0).await }
    }
}

impl std::fmt::Debug for Rti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rti")
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

/// What [`Rti::inspect`] found: an owned snapshot, or that there is nothing to check.
///
/// ```
/// # fn is_checked(inspection: &rti_core::Inspection) -> bool {
/// inspection.payload().is_some()
/// # }
/// ```
#[must_use = "nothing is decided before `Rti::decide`"]
#[derive(Debug)]
pub struct Inspection(InspectionResult);

#[derive(Debug)]
enum InspectionResult {
    Check(Box<Payload>),
    Decided(Outcome),
}

impl Inspection {
    /// What will be sent, when something is.
    pub fn payload(&self) -> Option<&Payload> {
        match &self.0 {
            InspectionResult::Check(payload) => Some(payload),
            InspectionResult::Decided(_) => None,
        }
    }
}

impl Engine {
    fn inspect(&self, request: &dyn RtiRequest) -> InspectionResult {
        let settings = self.config.settings();
        let target = request.target();
        let target = path::split(&target);
        if let Some(reason) = settings.exclusions.find(request.method(), target) {
            return InspectionResult::Decided(Outcome::Skipped(reason));
        }
        let event = settings.routes.find(request.method(), target.path);
        let event = event.cloned().unwrap_or_default();
        let payload = payload::capture(&settings.capture, request, target, event);
        self.deployment
            .observe(&settings.capture.client_ip, &payload);
        InspectionResult::Check(Box::new(payload))
    }

    async fn decide(self: &Arc<Self>, inspected: InspectionResult) -> Decision {
        let began = Instant::now();
        let payload = match inspected {
            InspectionResult::Check(payload) => payload,
            InspectionResult::Decided(outcome) => {
                return self.conclude(outcome, Response::PASS_THROUGH, began);
            }
        };
        let shape = ReplyShape::new(payload.method(), payload.reply_format());
        match self.check(payload, began).await {
            Ok(verdict) => {
                self.health.evaluated();
                let response = self.respond(&verdict, shape);
                self.conclude(Outcome::Evaluated(verdict), response, began)
            }
            Err(error) => {
                self.health.failed_open(&error);
                let outcome = Outcome::FailedOpen(error.kind());
                self.conclude(outcome, Response::PASS_THROUGH, began)
            }
        }
    }

    /// Calls the service, if the circuit breaker and the cap on calls in flight allow it.
    async fn check(
        self: &Arc<Self>,
        payload: Box<Payload>,
        began: Instant,
    ) -> Result<Verdict, CallError> {
        let permit = match self.circuit.as_ref().map(|circuit| circuit.admit()) {
            Some(Admission::Open) => return Err(FailOpenReason::CircuitOpen.into()),
            Some(Admission::Probe(probe)) => {
                self.start_probe(probe, &payload);
                return Err(FailOpenReason::CircuitOpen.into());
            }
            Some(Admission::Call(permit)) => Some(permit),
            None => None,
        };
        let Some(_in_flight) = self.in_flight.enter(payload.client_ip()) else {
            return Err(FailOpenReason::Saturated.into());
        };
        let body = self.encoder.encode(&payload);
        drop(payload);
        let Called { verdict, counts } = self.call(body, began).await;
        if let (Some(permit), Some(result)) = (permit, counts) {
            permit.report(result);
        }
        verdict
    }

    /// Calls in the background, with the request of a visitor who continues at once. It has a place
    /// of its own beside the cap on calls in flight: in an outage the cap may be reached.
    fn start_probe(self: &Arc<Self>, probe: Probe, payload: &Payload) {
        // Without a runtime no call can be made, and the probe's place is free again.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let body = self.encoder.encode(payload);
        let engine = Arc::clone(self);
        runtime.spawn(async move {
            if let Some(result) = engine.call(body, Instant::now()).await.counts {
                probe.report(result);
            }
        });
    }

    /// One deadline over the whole call; a panic of the transport is one more way to fail.
    async fn call(&self, body: Bytes, began: Instant) -> Called {
        let settings = self.config.settings();
        // What the transport does before its first await is inside as well, and so is decoding.
        let call = AssertUnwindSafe(async {
            let response = self.transport.send(ApiRequest::new(
                settings.api_version.path(),
                settings.api_version.content_type(),
                body,
            ));
            match response.await {
                Ok(response) if (200..300).contains(&response.status) => {
                    let version = settings.api_version;
                    let verdict =
                        Verdict::from_response(version, &response.body, &settings.redactor);
                    (verdict, None)
                }
                Ok(response) => {
                    let reason = FailOpenReason::Status(response.status);
                    (Err(reason.into()), retry_after(&response))
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
            (Err(error), None) => counts_as(error.kind()),
        };
        Called { verdict, counts }
    }

    fn respond(&self, verdict: &Verdict, shape: ReplyShape) -> Response {
        let settings = self.config.settings();
        let Enforcement { action, response } = settings.policy.enforcement(verdict);
        let reply = match (response, action) {
            (ResponseKind::PassThrough, _) | (ResponseKind::Captcha, Action::Challenge) => None,
            (ResponseKind::Redirect, _) => {
                let url = settings.redirect_url.as_ref();
                url.map(|url| Reply::redirect(&url.location))
            }
            (ResponseKind::NotFound, _) => Some(Reply::not_found()),
            // A blocked visitor whom nobody challenges stays blocked.
            (ResponseKind::AccessDenied | ResponseKind::Captcha, _) => {
                Some(Reply::blocked(shape.format, verdict))
            }
        };
        Response {
            action,
            reply: reply.map(|reply| shape.fit(reply)),
            challenge: match response {
                ResponseKind::Captcha => Challenge::Wanted,
                _ => Challenge::NotWanted,
            },
            result_header: (settings.result_header == ResultHeader::On)
                .then(|| result_header::value(settings.api_version, verdict)),
        }
    }

    fn conclude(&self, outcome: Outcome, response: Response, began: Instant) -> Decision {
        let decision = Decision::new(self.id, outcome, began.elapsed(), response);
        log(&decision);
        decision
    }
}

/// What came of a call: for the visitor, and for the circuit breaker if it says something about
/// the service.
struct Called {
    verdict: Result<Verdict, CallError>,
    counts: Option<CallResult>,
}

fn encoder(settings: &Settings) -> Encoder {
    let key = settings.api_key.expose_secret();
    let version = settings.api_version;
    Encoder::new(version, key, &settings.tag_hash, settings.session_sync)
}

/// How long the service asked not to be called.
fn retry_after(response: &ApiResponse) -> Option<Duration> {
    response
        .retry_after
        .filter(|wait| matches!(response.status, 429 | 503) && !wait.is_zero())
}

/// What a failure says about the service.
fn counts_as(reason: FailOpenReason) -> Option<CallResult> {
    match reason {
        // The service refuses this request or this key: it is alive, and its refusal is as fast as
        // a verdict. Visitors who could get theirs refused must not open the circuit for everybody.
        FailOpenReason::Status(400..500) => Some(CallResult::Answered),
        // Of this process, whatever the service does.
        FailOpenReason::Local | FailOpenReason::Internal => None,
        _ => Some(CallResult::Failed),
    }
}

fn log(decision: &Decision) {
    if !tracing::enabled!(target: "rti", tracing::Level::DEBUG) {
        return;
    }
    let verdict = decision.verdict();
    tracing::debug!(
        target: "rti",
        action = decision.action().as_str(),
        outcome = decision.outcome().as_str(),
        reason = decision.outcome().reason().as_deref().unwrap_or_default(),
        threat_type = verdict.map(|verdict| verdict.threat_type().code()),
        request_id = verdict.and_then(Verdict::request_id).map(tracing::field::debug),
        elapsed_us = u64::try_from(decision.elapsed().as_micros()).unwrap_or(u64::MAX),
        "decision"
    );
}
