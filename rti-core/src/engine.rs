//! The engine: from a request to a decision. `inspect.rs` reads the request, `check.rs` calls the service,
//! `response.rs` says what the visitor gets, and this file joins them.

mod builder;
mod check;
mod inspect;
mod inspection;
mod mode_switch;
mod reload;
mod response;
mod statistics;
mod test_request;
#[cfg(test)]
mod tests;
mod watch;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

pub use self::builder::RtiBuilder;
use self::check::Called;
use self::inspect::Inspector;
pub use self::inspection::Inspection;
use self::inspection::{InspectionResult, Snapshot};
use self::mode_switch::ModeSwitch;
use self::response::Responder;
pub use self::statistics::Statistics;
use crate::challenge_event::ChallengeEvent;
use crate::config::Config;
#[cfg(feature = "http")]
use crate::config::ConfigError;
use crate::decision::{
    self, ChallengeResult, Decision, Enforcing, Outcome, RequestFacts, Response, Times,
};
use crate::deployment::Deployment;
use crate::error::{CallError, FailOpenReason};
use crate::observer::Observers;
use crate::payload::{self, Visitor};
use crate::policy::{Judge, Selected};
use crate::reliability::{Circuit, Health, InFlight};
use crate::reply::ReplyShape;
use crate::request::RtiRequest;
use crate::requester::Requester;
#[cfg(feature = "http")]
use crate::telemetry::Telemetry;
use crate::transport::Transport;
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
pub struct Rti {
    engine: Arc<Engine>,
    /// The name and version that are sent.
    middleware: &'static str,
}

struct Engine {
    id: u64,
    /// What is in force for the requests that begin now.
    snapshot: ArcSwap<Snapshot>,
    mode: ModeSwitch,
    transport: Box<dyn Transport>,
    observers: Observers,
    health: Health,
    deployment: Deployment,
    #[cfg(feature = "http")]
    telemetry: Option<Telemetry>,
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

    /// For challenge kits: something happened to a challenge of a request of this engine. Its observers receive
    /// it, metrics among them.
    ///
    /// ```
    /// use rti_core::{ChallengeEvent, ChallengeEventKind, Decision, Rti};
    ///
    /// fn issued(rti: &Rti, decision: &Decision) {
    ///     let kind = ChallengeEventKind::Issued;
    ///     rti.observe_challenge(&ChallengeEvent::new(kind, decision.threat_type()));
    /// }
    /// ```
    pub fn observe_challenge(&self, event: &ChallengeEvent) {
        self.engine.observers.challenge(event);
    }

    /// Who sends a request and to which site, without a verdict: for what an adapter answers itself, such as
    /// the paths of a challenge.
    ///
    /// ```
    /// use rti_core::{Rti, RtiRequest};
    ///
    /// fn network(rti: &Rti, request: &dyn RtiRequest) -> Option<std::net::IpAddr> {
    ///     rti.visitor(request).client_ip()
    /// }
    /// ```
    pub fn visitor(&self, request: &dyn RtiRequest) -> Visitor {
        let snapshot = self.engine.snapshot.load();
        let rules = &snapshot.config.settings().capture;
        let look = || payload::visitor(rules, request);
        catch_unwind(AssertUnwindSafe(look)).unwrap_or(Visitor::UNKNOWN)
    }

    /// The first step: looks at a request and copies what is needed. Does not block.
    ///
    /// A panic in an extractor or in the request's view is caught: the request will continue.
    pub fn inspect(&self, request: &dyn RtiRequest) -> Inspection {
        let began = Instant::now();
        let snapshot = self.engine.snapshot.load_full();
        let settings = snapshot.config.settings();
        let mode = self.engine.mode.in_force(settings.mode);
        let mut selected = Selected::DEFAULT;
        let mut enforcing = Enforcing::ByPolicy;
        let inspect = || {
            enforcing = test_request::enforcing(settings, request);
            let inspector = Inspector {
                engine: &self.engine,
                settings,
                mode,
                enforcing,
                middleware: self.middleware,
            };
            inspector.inspect(request, &mut selected)
        };
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
            mode,
            selected,
            enforcing,
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
        Arc::clone(&self.engine).decide(inspection)
    }
}

impl Engine {
    async fn decide(self: Arc<Self>, inspection: Inspection) -> Decision {
        let began = Instant::now();
        let Inspection {
            snapshot,
            result,
            request,
            mode,
            selected,
            enforcing,
            began: inspected,
        } = inspection;
        let settings = snapshot.config.settings();
        let mut called = Called::default();
        let mut responder = Responder {
            settings,
            policy: snapshot.policy.as_deref(),
            request: &request,
            shape: ReplyShape::new(&request.method, Requester::Navigation, &settings.block_page),
            judge: Judge {
                policies: &settings.policies,
                selected: &selected,
                mode,
                enforcing,
            },
        };
        let mut span = Span::none();
        let (outcome, response) = match result {
            InspectionResult::Decided(Outcome::FailedOpen(reason)) => responder.fail(reason),
            InspectionResult::Decided(outcome) => (outcome, Response::PASS_THROUGH),
            InspectionResult::Check(payload) => {
                responder.shape =
                    ReplyShape::new(payload.method(), payload.requester(), &settings.block_page);
                let server = settings.api_endpoint.host();
                span = decision::span(settings.log_decisions, &request, server);
                let timeouts = settings.policies.of(&selected).map(|rules| rules.timeout);
                let deadline = began + timeouts.max().unwrap_or_default();
                let check = self.check(&snapshot, payload, deadline, &mut called);
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
        let decision = Decision::new(
            self.id,
            request,
            outcome,
            times,
            response,
            called.exchange,
            enforcing,
        );
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
                let (outcome, response) = responder.fail(error.kind());
                match outcome {
                    Outcome::FailedClosed(_) => self.health.failed_closed(&error),
                    _ => self.health.failed_open(&error),
                }
                (outcome, response)
            }
        }
    }

    /// A decision is final.
    fn publish(&self, snapshot: &Snapshot, decision: &Decision) {
        decision.log(snapshot.config.settings().log_decisions);
        self.observers.decided(decision);
    }
}
