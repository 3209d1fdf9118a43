//! The rules of numbers: of calls, and of milliseconds.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::lint::ConfigWarning;
use super::super::options::{
    self, CALLS_RULE, CONNECTIONS_RULE, ConfigOption, MILLIS_RULE, PROBE_INTERVAL_RULE,
};
use super::super::{ConfigBuilder, descriptors};

const CALLS: RangeInclusive<usize> = 1..=1_000_000;
const MAX: Duration = Duration::from_secs(60);

impl ConfigBuilder {
    pub(super) fn check_limits(&mut self) {
        let calls = usize::try_from(self.circuit_breaker_min_calls).unwrap_or(usize::MAX);
        let min = Duration::from_millis(1);
        self.check_calls(&options::CIRCUIT_BREAKER_MIN_CALLS, calls);
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
        let connections = self.min_idle_connections;
        if connections > 1000 {
            let option = &options::MIN_IDLE_CONNECTIONS;
            self.invalid(option, &connections.to_string(), CONNECTIONS_RULE);
        }
    }

    pub(super) fn take_max_in_flight(&mut self, warnings: &mut Vec<ConfigWarning>) -> usize {
        let option = &options::MAX_IN_FLIGHT;
        let Some(calls) = self.max_in_flight.take() else {
            return descriptors::calls_in_flight();
        };
        self.check_calls(option, calls);
        if descriptors::limit().is_some_and(|limit| calls > limit) {
            warnings.push(ConfigWarning::new(
                option.name,
                calls.to_string(),
                "is more than this process may open files and connections (`ulimit -n`): it would \
                 have none left for visitors before the cap is reached",
            ));
        }
        calls
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
