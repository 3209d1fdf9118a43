//! What an engine is doing at a moment.

use super::Rti;
#[cfg(feature = "http")]
use crate::telemetry::Telemetry;
use crate::transport::ConnectionCounts;
use crate::words::CircuitState;

/// What an engine is doing at the moment of [`Rti::statistics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Calls for which a visitor waits, at most `max_in_flight`.
    pub calls_in_flight: usize,
    /// The connections to the service, of all tokio runtimes; `None` where the transport does not say.
    pub connections: Option<ConnectionCounts>,
    /// Whether the service is called; closed where the circuit breaker is off.
    pub circuit: CircuitState,
    /// How many messages of the option `telemetry` were dropped since the engine was made: more came
    /// than could be sent, or one could not be delivered. Zero where it is off.
    pub telemetry_dropped: u64,
}

impl Rti {
    /// What the engine is doing now, for a page or a gauge. It counts when it is called, some
    /// microseconds, so that requests pay nothing for it: call it as often as someone looks.
    ///
    /// ```
    /// use rti_core::{CircuitState, Config, Rti};
    ///
    /// let config = Config::builder("key", "hash", "http://127.0.0.1:9").build()?;
    /// let statistics = Rti::new(config)?.statistics();
    /// assert_eq!(statistics.calls_in_flight, 0);
    /// assert_eq!(statistics.circuit, CircuitState::Closed);
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn statistics(&self) -> Statistics {
        let engine = &*self.engine;
        let is_open = engine
            .circuit
            .as_ref()
            .is_some_and(|circuit| circuit.is_announced_open());
        #[cfg(feature = "http")]
        let telemetry_dropped = engine.telemetry.as_ref().map_or(0, Telemetry::dropped);
        #[cfg(not(feature = "http"))]
        let telemetry_dropped = 0;
        Statistics {
            telemetry_dropped,
            calls_in_flight: usize::try_from(engine.in_flight.calls()).unwrap_or(usize::MAX),
            connections: engine.transport.connections(),
            circuit: if is_open {
                CircuitState::Open
            } else {
                CircuitState::Closed
            },
        }
    }

    /// Sets the gauges of the feature `metrics`: `rti_calls_in_flight`, `rti_connections` and
    /// `rti_circuit_open`. Call it whenever metrics are scraped, before they are rendered; setting them
    /// at each change was the alternative, and requests would pay for it. Only the circuit, which
    /// changes rarely, is set at each change as well.
    ///
    /// It also describes all metrics and makes counters of rare events start at zero. Where a process
    /// has more than one engine, the gauges are those of the one for which it was called last.
    ///
    /// ```
    /// use rti_core::{Config, Rti};
    ///
    /// /// What the handler of `/metrics` does.
    /// fn scraped(rti: &Rti, prometheus: &metrics_exporter_prometheus::PrometheusHandle) -> String {
    ///     rti.record_gauges();
    ///     prometheus.render()
    /// }
    /// ```
    #[cfg(feature = "metrics")]
    pub fn record_gauges(&self) {
        let Statistics {
            calls_in_flight,
            connections,
            circuit,
            telemetry_dropped: _,
        } = self.statistics();
        crate::metrics::record_gauges(calls_in_flight, connections, circuit);
    }
}
