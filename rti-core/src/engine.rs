//! The engine: from a request to a decision, in two steps.

mod asking;
mod deciding;
mod inspection;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use self::inspection::Finding;
pub use self::inspection::Inspection;
use crate::config::Config;
use crate::decision::{Decision, Outcome, Response};
use crate::error::FailOpenReason;
use crate::protocol::Encoder;
use crate::reliability::{self, Circuit, Health, InFlight};
use crate::request::RtiRequest;
use crate::transport::Transport;

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
    circuit: Option<Arc<Circuit>>,
    in_flight: InFlight,
}

impl Rti {
    /// An engine that asks over HTTP.
    ///
    /// # Errors
    /// The HTTP client cannot be built, for want of CA certificates for one; the message says what
    /// to do.
    #[cfg(feature = "http")]
    pub fn new(config: Config) -> Result<Self, crate::ConfigError> {
        let transport = crate::transport::HttpTransport::new(&config)?;
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
        let found = catch_unwind(AssertUnwindSafe(|| self.0.find(request)));
        let finding = found.unwrap_or_else(|_panic| {
            self.0.health.failed_open(&FailOpenReason::Internal.into());
            Finding::Settled(Outcome::FailedOpen(FailOpenReason::Internal))
        });
        Inspection { finding }
    }

    /// The second step: asks the service, unless there is nothing to ask, and decides.
    ///
    /// The future owns what it needs and is `Send`. Dropping it gives up the call. The deadline
    /// starts when it is first polled: a server may inspect a request long before it is its turn,
    /// as with pipelined requests.
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
