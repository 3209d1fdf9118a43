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
use std::time::Duration;

pub(crate) use self::circuit::{Admission, CallResult, Circuit, CircuitChange, Probe};
pub(crate) use self::health::Health;
pub(crate) use self::in_flight::InFlight;
use crate::config::{CircuitBreaker, Settings};
use crate::error::FailOpenReason;
use crate::transport::ApiResponse;

/// The circuit breaker that is configured, if it is on.
pub(crate) fn circuit(settings: &Settings) -> Option<Arc<Circuit>> {
    (settings.circuit_breaker == CircuitBreaker::On).then(|| {
        Arc::new(Circuit::new(circuit::Rules {
            min_calls: settings.circuit_breaker_min_calls,
            window: settings.circuit_breaker_window,
            max_probe_interval: settings.circuit_breaker_max_probe_interval,
            timeout: settings.policies.longest_timeout(),
        }))
    })
}

impl CallResult {
    /// What a failure says about the service, if it says anything.
    pub(crate) fn of_failure(reason: FailOpenReason) -> Option<Self> {
        match reason {
            // The service refuses this request or this key: it is alive, and its refusal is as fast
            // as a verdict. Visitors who could get theirs refused must not open the circuit for
            // everybody.
            FailOpenReason::Status(400..500) => Some(Self::Answered),
            // Of this process, whatever the service does.
            FailOpenReason::Local | FailOpenReason::Internal => None,
            _ => Some(Self::Failed),
        }
    }
}

/// How long the service asked not to be called.
pub(crate) fn retry_after(response: &ApiResponse) -> Option<Duration> {
    response
        .retry_after
        .filter(|wait| matches!(response.status, 429 | 503) && !wait.is_zero())
}
