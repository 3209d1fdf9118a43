//! The rules of numbers: of calls, and of milliseconds.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::ConfigBuilder;
use super::super::options::{self, ConfigOption};

pub(in crate::config) const MILLIS_RULE: &str = "expected milliseconds from 1 to 60000";
pub(in crate::config) const PROBE_INTERVAL_RULE: &str = "expected milliseconds from 10 to 60000";
pub(in crate::config) const CALLS_RULE: &str = "expected a number of calls from 1 to 1000000";

const CALLS: RangeInclusive<usize> = 1..=1_000_000;
const MAX: Duration = Duration::from_secs(60);

impl ConfigBuilder {
    pub(super) fn check_limits(&mut self) {
        let calls = usize::try_from(self.circuit_breaker_min_calls).unwrap_or(usize::MAX);
        let min = Duration::from_millis(1);
        self.check_calls(&options::CIRCUIT_BREAKER_MIN_CALLS, calls);
        self.check_calls(&options::MAX_IN_FLIGHT, self.max_in_flight);
        self.check_millis(&options::TIMEOUT, self.timeout, min, MILLIS_RULE);
        self.check_millis(
            &options::CIRCUIT_BREAKER_WINDOW,
            self.circuit_breaker_window,
            min,
            MILLIS_RULE,
        );
        self.check_millis(
            &options::CIRCUIT_BREAKER_MAX_PROBE_INTERVAL,
            self.circuit_breaker_max_probe_interval,
            10 * min,
            PROBE_INTERVAL_RULE,
        );
    }

    fn check_calls(&mut self, option: &ConfigOption, calls: usize) {
        if !CALLS.contains(&calls) {
            self.invalid(option, &calls.to_string(), CALLS_RULE);
        }
    }

    fn check_millis(
        &mut self,
        option: &ConfigOption,
        value: Duration,
        min: Duration,
        rule: &'static str,
    ) {
        if !(min..=MAX).contains(&value) {
            let millis = value.as_secs_f64() * 1000.0;
            self.invalid(option, &millis.to_string(), rule);
        }
    }
}
