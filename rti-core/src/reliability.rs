//! When the service is not called, and when it is logged that verdicts stopped.

mod circuit;
mod health;
mod in_flight;
#[cfg(test)]
mod model;
#[cfg(test)]
mod shares;
mod sync;

use std::sync::Arc;

pub(crate) use self::circuit::{Admission, CallResult, Circuit, Probe};
pub(crate) use self::health::Health;
pub(crate) use self::in_flight::InFlight;
use crate::config::{CircuitBreaker, Settings};

/// The circuit breaker that is configured, if it is on.
pub(crate) fn circuit(settings: &Settings) -> Option<Arc<Circuit>> {
    (settings.circuit_breaker == CircuitBreaker::On).then(|| {
        Arc::new(Circuit::new(circuit::Rules {
            min_calls: settings.circuit_breaker_min_calls,
            window: settings.circuit_breaker_window,
            max_probe_interval: settings.circuit_breaker_max_probe_interval,
            timeout: settings.timeout,
        }))
    })
}
