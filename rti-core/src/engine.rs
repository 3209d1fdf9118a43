//! The engine: from a request to a decision, in two steps.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::breaker::{Breaker, CallResult};
use crate::config::{CircuitBreaker, Config, ResultHeader};
use crate::decision::{Action, Challenge, Decision, Outcome, Response, SkipRule};
use crate::error::{CallError, FailOpenReason};
use crate::health::Health;
use crate::in_flight::InFlight;
use crate::path;
use crate::payload::{self, Payload};
use crate::policy::{Course, Shown};
use crate::protocol::Encoder;
use crate::reply::Reply;
use crate::request::RtiRequest;
use crate::result_header;
use crate::transport::{Call, Transport};
use crate::verdict::Verdict;

/// The engine that an adapter asks: one for an application, shared by cloning.
///
/// A request is dealt with in two steps, so that nothing of it is borrowed across an await:
/// [`inspect`](Self::inspect) copies what is needed, [`decide`](Self::decide) asks the service. No
/// step can fail: where there is no verdict in time, the decision is to let the request go on.
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
/// # assert_eq!(decision.outcome().name(), "failed_open");
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
    breaker: Option<Breaker>,
    in_flight: InFlight,
}

/// What [`Rti::inspect`] found: an owned snapshot, or that there is nothing to ask.
///
/// ```
/// # fn is_asked_about(inspection: &rti_core::Inspection) -> bool {
/// inspection.payload().is_some()
/// # }
/// ```
#[must_use = "nothing is decided before `Rti::decide`"]
#[derive(Debug)]
pub struct Inspection {
    began: Instant,
    finding: Finding,
}

#[derive(Debug)]
enum Finding {
    Ask(Box<Payload>),
    Settled(Outcome),
}

impl Inspection {
    /// What will be sent, when something is.
    pub fn payload(&self) -> Option<&Payload> {
        match &self.finding {
            Finding::Ask(payload) => Some(payload),
            Finding::Settled(_) => None,
        }
    }
}

impl Rti {
    /// An engine that asks over HTTP.
    ///
    /// # Errors
    /// The HTTP client cannot be built, for want of CA certificates for one; the message says what
    /// to do.
    #[cfg(feature = "http")]
    pub fn new(config: Config) -> Result<Self, crate::ConfigError> {
        let transport = crate::transport::HttpTransport::new(config.api_endpoint())?;
        Ok(Self::with_transport(config, transport))
    }

    /// An engine that asks over a transport of your own.
    pub fn with_transport(config: Config, transport: impl Transport) -> Self {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        for warning in config.warnings() {
            tracing::warn!(target: "rti", option = warning.option(), "{warning}");
        }
        let settings = config.settings();
        Self(Arc::new(Engine {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            encoder: Encoder::new(settings),
            transport: Box::new(transport),
            health: Health::default(),
            breaker: (settings.circuit_breaker == CircuitBreaker::On).then(Breaker::new),
            in_flight: InFlight::new(settings.max_in_flight),
            config,
        }))
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Whether this engine made the decision. A layer that finds such a decision on a request has
    /// been here before and does not ask again.
    pub fn made(&self, decision: &Decision) -> bool {
        decision.asked_by() == self.0.id
    }

    /// A decision to let a request go on because something of the adapter's broke: its own faults
    /// must not take the site down either.
    pub fn fail_open(&self, reason: FailOpenReason) -> Decision {
        self.0.health.failed_open(&reason.into());
        self.0.settle(
            Outcome::FailedOpen(reason),
            Response::ONWARD,
            Instant::now(),
        )
    }

    /// The first step: looks at a request and copies what is needed. Does not block.
    ///
    /// A panic in an extractor or in the request's view is caught: the request will go on.
    pub fn inspect(&self, request: &dyn RtiRequest) -> Inspection {
        let began = Instant::now();
        let finding = catch_unwind(AssertUnwindSafe(|| self.0.find(request))).unwrap_or(
            Finding::Settled(Outcome::FailedOpen(FailOpenReason::Internal)),
        );
        Inspection { began, finding }
    }

    /// The second step: asks the service, unless there is nothing to ask, and decides.
    ///
    /// The future owns what it needs and is `Send`. Dropping it gives up the call.
    pub fn decide(
        &self,
        inspection: Inspection,
    ) -> impl Future<Output = Decision> + Send + 'static {
        let engine = Arc::clone(&self.0);
        async move { engine.decide(inspection).await }
    }
}

impl std::fmt::Debug for Rti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rti")
            .field("config", &self.0.config)
            .finish_non_exhaustive()
    }
}

impl Engine {
    fn find(&self, request: &dyn RtiRequest) -> Finding {
        let settings = self.config.settings();
        let target = request.target();
        let target = path::split(&target);
        if let Some(rule) = self.skip_rule(request.method(), target.path) {
            return Finding::Settled(Outcome::Skipped(rule));
        }
        let event = settings
            .routes
            .find(request.method(), target.path)
            .cloned()
            .unwrap_or_default();
        Finding::Ask(Box::new(payload::capture(settings, request, target, event)))
    }

    fn skip_rule(&self, method: &str, path: &str) -> Option<SkipRule> {
        let exclusions = &self.config.settings().exclusions;
        exclusions
            .find(method, path)
            .filter(|_| path::is_plain(path))
            .cloned()
    }

    async fn decide(&self, inspection: Inspection) -> Decision {
        let Inspection { began, finding } = inspection;
        match finding {
            Finding::Settled(outcome) => self.settle(outcome, Response::ONWARD, began),
            Finding::Ask(payload) => match self.ask(&payload, began).await {
                Ok(verdict) => {
                    self.health.evaluated();
                    let response = self.respond(&verdict, &payload);
                    self.settle(Outcome::Evaluated(verdict), response, began)
                }
                Err(error) => {
                    self.health.failed_open(&error);
                    self.settle(Outcome::FailedOpen(error.kind()), Response::ONWARD, began)
                }
            },
        }
    }

    fn settle(&self, outcome: Outcome, response: Response, began: Instant) -> Decision {
        let decision = Decision::new(self.id, outcome, began.elapsed(), response);
        log(&decision);
        decision
    }

    fn respond(&self, verdict: &Verdict, payload: &Payload) -> Response {
        let settings = self.config.settings();
        let Course { action, shown } = settings.policy.course(verdict);
        let reply = match (shown, action) {
            (Shown::Onward, _) | (Shown::Captcha, Action::Challenge) => None,
            (Shown::Redirect, _) => settings
                .redirect_url
                .as_ref()
                .map(|url| Reply::redirect(&url.location)),
            (Shown::NotFound, _) => Some(Reply::not_found()),
            // A blocked visitor whom nobody challenges stays blocked.
            (Shown::AccessDenied | Shown::Captcha, _) => {
                Some(Reply::blocked(payload.reply_format(), verdict))
            }
        };
        Response {
            action,
            reply,
            challenge: if shown == Shown::Captcha {
                Challenge::Wanted
            } else {
                Challenge::NotWanted
            },
            result_header: (settings.result_header == ResultHeader::On)
                .then(|| result_header::value(settings.api_version, verdict)),
        }
    }

    /// Asks, if the breaker and the cap on calls in flight let it.
    async fn ask(&self, payload: &Payload, began: Instant) -> Result<Verdict, CallError> {
        let pass = match self.breaker.as_ref().map(Breaker::admit) {
            Some(None) => return Err(FailOpenReason::CircuitOpen.into()),
            Some(pass) => pass,
            None => None,
        };
        let Some(_place) = self.in_flight.enter() else {
            return Err(FailOpenReason::Saturated.into());
        };
        let result = self.call(payload, began).await;
        match (pass, &result) {
            (Some(pass), Ok(_)) => pass.report(CallResult::Answered),
            (Some(pass), Err(error)) if speaks_of_the_service(error.kind()) => {
                pass.report(CallResult::Failed);
            }
            _ => {}
        }
        result
    }

    /// One deadline over the whole call; a panic of the transport is one more way not to answer.
    async fn call(&self, payload: &Payload, began: Instant) -> Result<Verdict, CallError> {
        let settings = self.config.settings();
        let call = AssertUnwindSafe(async {
            let answer = self.transport.send(Call {
                path: settings.api_version.path(),
                content_type: settings.api_version.content_type(),
                body: self.encoder.encode(payload),
            });
            let answer = answer.await?;
            if !(200..300).contains(&answer.status) {
                return Err(FailOpenReason::Status(answer.status).into());
            }
            Verdict::of_answer(settings.api_version, &answer.body)
        });
        match tokio::time::timeout_at(began + settings.timeout, call.catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(FailOpenReason::Internal.into()),
            Err(_elapsed) => Err(FailOpenReason::Timeout.into()),
        }
    }
}

/// Whether a failure says something about the service, and not about this one question: visitors
/// who could get theirs refused must not open the circuit for everybody.
fn speaks_of_the_service(reason: FailOpenReason) -> bool {
    !matches!(reason, FailOpenReason::Status(400 | 413 | 414 | 422 | 431))
}

fn log(decision: &Decision) {
    if !tracing::enabled!(target: "rti", tracing::Level::DEBUG) {
        return;
    }
    let verdict = decision.verdict();
    tracing::debug!(
        target: "rti",
        action = decision.action().name(),
        outcome = decision.outcome().name(),
        reason = decision.outcome().reason().as_deref().unwrap_or_default(),
        threat_type = verdict.map(|verdict| verdict.threat_type().code()),
        request_id = verdict.and_then(Verdict::request_id).map(tracing::field::debug),
        elapsed_us = u64::try_from(decision.elapsed().as_micros()).unwrap_or(u64::MAX),
        "decision"
    );
}
