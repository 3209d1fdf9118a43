//! Making an engine: its transport, its observers, its policy and the adapter it is for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use super::inspection::Snapshot;
use super::mode_switch::ModeSwitch;
use super::{Engine, Rti, watch};
use crate::config::Config;
#[cfg(feature = "http")]
use crate::config::ConfigError;
use crate::decision::{Decision, Outcome};
use crate::deployment::Deployment;
#[cfg(feature = "metrics")]
use crate::metrics::MetricsObserver;
use crate::observer::{Observer, Observers};
use crate::policy::{Policy, PolicyRules};
use crate::reliability::{self, Health, InFlight};
#[cfg(feature = "http")]
use crate::telemetry::Telemetry;
#[cfg(feature = "http")]
use crate::transport::HttpTransport;
use crate::transport::Transport;
use crate::words::Mode;

/// An engine that is being made. [`Rti::new`] is the short way where nothing is added.
///
/// ```
/// use rti_core::{CircuitState, Config, Observer, Rti};
///
/// struct Alert;
///
/// impl Observer for Alert {
///     fn circuit_changed(&self, state: CircuitState) {
///         eprintln!("the circuit is now {state:?}");
///     }
/// }
///
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9").build()?;
/// let rti = Rti::builder(config).observer(Alert).build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[must_use = "it is an engine only once it is built"]
pub struct RtiBuilder {
    config: Config,
    observers: Observers,
    policy: Option<Arc<dyn Policy>>,
}

impl RtiBuilder {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            observers: Observers::default(),
            policy: None,
        }
    }

    /// The configuration that the engine is made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Adds an observer. They are called in the order in which they were added.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Decides by this policy in place of the configured lists.
    pub fn policy(mut self, policy: impl Policy) -> Self {
        self.policy = Some(Arc::new(policy));
        self
    }

    /// An engine that calls the service over HTTP.
    ///
    /// # Errors
    /// The HTTP client cannot be built, for want of CA certificates for one; the message says what
    /// to do.
    #[cfg(feature = "http")]
    pub fn build(self) -> Result<Rti, ConfigError> {
        let transport = HttpTransport::new(&self.config)?;
        Ok(self.build_with_transport(transport))
    }

    /// An engine that calls the service over a transport of your own.
    pub fn build_with_transport(self, transport: impl Transport) -> Rti {
        static NEXT_ID: AtomicU64 = AtomicU64::new(0);
        for warning in self.config.warnings() {
            tracing::warn!(target: "rti", option = warning.option(), "{warning}");
        }
        let settings = self.config.settings();
        #[cfg_attr(
            not(any(feature = "http", feature = "metrics")),
            expect(unused_mut, reason = "nothing is added")
        )]
        let mut observers = self.observers;
        #[cfg(feature = "metrics")]
        observers.add_own(MetricsObserver);
        #[cfg(feature = "http")]
        let telemetry = Telemetry::new(&self.config);
        #[cfg(feature = "http")]
        if let Some(telemetry) = telemetry.clone() {
            observers.add_own(telemetry);
        }
        let off_file = settings.off_file.clone();
        let engine = Arc::new(Engine {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            transport: Box::new(transport),
            observers,
            mode: ModeSwitch::default(),
            health: Health::default(),
            deployment: Deployment::default(),
            #[cfg(feature = "http")]
            telemetry,
            circuit: reliability::circuit(settings),
            in_flight: InFlight::new(settings.max_in_flight),
            snapshot: ArcSwap::from_pointee(Snapshot::new(self.config, self.policy)),
        });
        if let Some(path) = off_file {
            watch::watch_off_file(&engine, path);
        }
        Rti {
            engine,
            middleware: concat!("rust_custom_", env!("CARGO_PKG_VERSION")),
        }
    }
}

/// What an adapter says when it is made.
impl Rti {
    /// This engine under the name and version of a middleware, such as `rust_axum_0.1.0`, which are
    /// sent to the service. Adapters call it; clones made before keep their name.
    #[must_use]
    pub fn with_middleware_name(self, middleware: &'static str) -> Self {
        Self { middleware, ..self }
    }

    /// For adapters: there is neither a challenge callback nor a challenge kit. Where the configuration challenges visitors, now or
    /// after a change at run time, that is logged, once: they continue, which is rarely meant.
    pub fn note_no_challenge_callback(&self) {
        self.engine.deployment.note_no_challenge_callback();
        self.engine.warn_of_lost_challenges();
    }

    /// For adapters: a request that is about to be inspected carries this decision. Where another engine
    /// made it, and checked the request, that is logged, once: two calls for one request are rarely
    /// meant, and either decision may block.
    pub fn note_other_engine(&self, earlier: &Decision) {
        let was_checked = !matches!(earlier.outcome(), Outcome::Skipped(_));
        if was_checked && !self.is_own(earlier) {
            self.engine.deployment.warn_of_other_engine();
        }
    }
}

impl Engine {
    /// To be called whenever the configuration or the mode has changed.
    pub(super) fn warn_of_lost_challenges(&self) {
        if !self.deployment.lacks_challenge_callback() {
            return;
        }
        let snapshot = self.snapshot.load();
        let settings = snapshot.config.settings();
        let of_all = self.mode.without_file(settings.mode);
        let challenges = |rules: &PolicyRules| {
            let mode = rules.mode.unwrap_or(of_all);
            mode == Mode::Blocking && rules.lists.can_challenge()
        };
        // What a policy of the application's does is not known here.
        let is_configured = snapshot.policy.is_none() && of_all != Mode::Off;
        if is_configured && settings.policies.iter().any(challenges) {
            self.deployment.warn_of_no_challenge_callback();
        }
    }
}

impl std::fmt::Debug for Rti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rti")
            .field("config", &self.config())
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for RtiBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RtiBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
