//! Setting when the service is not called.

use std::time::Duration;

use super::super::CircuitBreaker;
use super::ConfigBuilder;

impl ConfigBuilder {
    /// Whether calls stop while the service gives no responses. Default: [`CircuitBreaker::On`].
    pub fn circuit_breaker(mut self, circuit_breaker: CircuitBreaker) -> Self {
        self.circuit_breaker = circuit_breaker;
        self
    }

    /// How many calls must fail without a response between them before the circuit opens. Default:
    /// 5, since on a quiet site two or three may fail by chance; from 1 to 1,000,000.
    pub fn circuit_breaker_min_calls(mut self, calls: u32) -> Self {
        self.circuit_breaker_min_calls = calls;
        self
    }

    /// For how long calls must fail, from the first to the last of them, before the circuit opens.
    /// Default: 500 ms, longer than a burst on a pool without connections takes to fail, and as
    /// long as visitors of an outage wait for the deadline; from 1 ms to 60 s.
    pub fn circuit_breaker_window(mut self, window: Duration) -> Self {
        self.circuit_breaker_window = window;
        self
    }

    /// The longest time from a failed probe to the next one: so long it takes at most, beside one
    /// deadline, until a service that is back is noticed. The first is 50 ms, and each is a tenth
    /// longer than the one before. Default: 500 ms; from 10 ms to 60 s.
    pub fn circuit_breaker_max_probe_interval(mut self, interval: Duration) -> Self {
        self.circuit_breaker_max_probe_interval = interval;
        self
    }

    /// The most calls in flight at once; requests past it continue at once, unchecked. One client
    /// address (IPv6: a network of 64 bits) may hold half of them.
    ///
    /// Default: half of the file descriptors that this process may open (`ulimit -n`, the soft
    /// limit), at least 64 and at most 4096, since a call takes one and its visitor another; 1024
    /// where there is no such limit to read. From 1 to 1,000,000.
    ///
    /// ```
    /// use std::time::Duration;
    /// use rti_core::Config;
    ///
    /// let config = Config::builder("key", "hash", "us")
    ///     .max_in_flight(200)
    ///     .circuit_breaker_min_calls(10)
    ///     .circuit_breaker_window(Duration::from_secs(1))
    ///     .circuit_breaker_max_probe_interval(Duration::from_secs(2))
    ///     .build()?;
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.max_in_flight = Some(calls);
        self
    }
}
