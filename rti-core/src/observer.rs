//! Observers: they receive every decision, what happens to challenges, and every change of the circuit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::challenge_event::ChallengeEvent;
use crate::config::{Config, ConfigError};
use crate::decision::Decision;
use crate::reliability::Circuit;
use crate::words::CircuitState;

/// Receives every decision, what happens to challenges, and every change of the circuit, for metrics, telemetry
/// or a log.
///
/// It is given to [`Rti::builder`](crate::Rti::builder) and called within the request, so it must
/// return at once: count, or put into a bounded queue. Cloning a decision to keep it is cheap. A panic in
/// an observer is caught, logged once, and changes nothing.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use rti_core::{Config, Decision, Observer, Rti};
///
/// #[derive(Default)]
/// struct FailedOpen(AtomicU64);
///
/// impl Observer for FailedOpen {
///     fn decided(&self, decision: &Decision) {
///         if decision.outcome().as_str() == "failed_open" {
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
    /// A decision is final: once for each request, for one that is challenged after the callback. Not for
    /// a request whose visitor left before. Does nothing by default.
    fn decided(&self, decision: &Decision) {
        _ = decision;
    }

    /// Something happened to a challenge of the challenge kit: see [`ChallengeEvent`]. Without the kit there are
    /// no such events. Does nothing by default.
    fn challenge(&self, event: &ChallengeEvent) {
        _ = event;
    }

    /// The circuit opened or closed. Does nothing by default.
    fn circuit_changed(&self, state: CircuitState) {
        _ = state;
    }

    /// The configuration was reloaded and this one is in force, or it was not because of these faults. Does
    /// nothing by default.
    fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        _ = result;
    }

    /// Whether decisions are to keep what was sent and what came back, as
    /// [`Decision::exchange`]: some kilobytes each. Read once, when the engine is made. Not by default.
    fn wants_exchange(&self) -> bool {
        false
    }
}

impl<T: Observer + ?Sized> Observer for Arc<T> {
    fn decided(&self, decision: &Decision) {
        (**self).decided(decision);
    }

    fn challenge(&self, event: &ChallengeEvent) {
        (**self).challenge(event);
    }

    fn circuit_changed(&self, state: CircuitState) {
        (**self).circuit_changed(state);
    }

    fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        (**self).config_reloaded(result);
    }

    fn wants_exchange(&self) -> bool {
        (**self).wants_exchange()
    }
}

/// The observers of an engine. Without any, each use is one branch.
#[derive(Default)]
pub(crate) struct Observers {
    all: Vec<Box<dyn Observer>>,
    want_visitor: bool,
    want_exchange: bool,
    /// The state that they received last. Its lock is held while they receive another, so that what they
    /// receive last is the present state.
    circuit: Mutex<CircuitState>,
    has_warned: AtomicBool,
}

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.want_visitor = true;
        self.want_exchange |= observer.wants_exchange();
        self.all.push(Box::new(observer));
    }

    /// Adds one of this crate, which reads nothing of the visitor.
    #[cfg(any(feature = "http", feature = "metrics"))]
    pub(crate) fn add_own(&mut self, observer: impl Observer) {
        self.all.push(Box::new(observer));
    }

    /// Whether the visitor's address and user agent are read where the request is not checked.
    pub(crate) fn want_visitor(&self) -> bool {
        self.want_visitor
    }

    pub(crate) fn want_exchange(&self) -> bool {
        self.want_exchange
    }

    pub(crate) fn decided(&self, decision: &Decision) {
        self.each(|observer| observer.decided(decision));
    }

    pub(crate) fn challenge(&self, event: &ChallengeEvent) {
        self.each(|observer| observer.challenge(event));
    }

    /// The circuit may have changed. Its state is read under the lock: two changes on two threads could
    /// otherwise be received in the wrong order.
    pub(crate) fn circuit_changed(&self, circuit: &Circuit) {
        if self.all.is_empty() {
            return;
        }
        let mut received = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let state = if circuit.is_announced_open() {
            CircuitState::Open
        } else {
            CircuitState::Closed
        };
        if std::mem::replace(&mut *received, state) != state {
            self.each(|observer| observer.circuit_changed(state));
        }
    }

    pub(crate) fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        self.each(|observer| observer.config_reloaded(result));
    }

    fn each(&self, receive: impl Fn(&dyn Observer)) {
        for observer in &self.all {
            let panicked = catch_unwind(AssertUnwindSafe(|| receive(&**observer))).is_err();
            if panicked && !self.has_warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(target: "rti", "an observer panicked; further panics are not logged");
            }
        }
    }
}
