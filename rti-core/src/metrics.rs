//! What is counted with the facade crate `metrics`, under the names that `docs/observability.md` lists.
//!
//! The recorder is looked up for each decision. Keeping its counters was the alternative: counters taken
//! before the application installs its recorder would count nothing for good, and those of a recorder that
//! forgets idle series would count into nothing. What is kept is the keys, which are made once.

mod keys;
mod reasons;

use metrics::{Gauge, Key, Label, Level, Metadata, Recorder, Unit};

use self::keys::KEYS;
use self::reasons::FIXED_REASONS;
use crate::challenge_event::{ChallengeEvent, ChallengeEventKind};
use crate::config::{Config, ConfigError};
use crate::decision::{ChallengeResult, Decision, Outcome};
use crate::observer::Observer;
use crate::transport::ConnectionCounts;
use crate::words::CircuitState;

/// The name of the histogram of how long requests waited for their decision, in seconds.
///
/// See [`VERDICT_DURATION_BUCKETS`] for its buckets.
pub const VERDICT_DURATION: &str = "rti_verdict_duration_seconds";

/// Buckets for [`VERDICT_DURATION`], in seconds: from a millisecond to a second, and close together
/// around the default deadline of 100 ms.
///
/// The facade `metrics` has no buckets: the exporter is given them. With
/// [metrics-exporter-prometheus](https://docs.rs/metrics-exporter-prometheus):
///
/// ```
/// use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
/// use rti_core::{VERDICT_DURATION, VERDICT_DURATION_BUCKETS};
///
/// let histogram = Matcher::Full(VERDICT_DURATION.to_owned());
/// let recorder = PrometheusBuilder::new()
///     .set_buckets_for_metric(histogram, VERDICT_DURATION_BUCKETS)?
///     .install_recorder()?;
/// # Ok::<(), metrics_exporter_prometheus::BuildError>(())
/// ```
pub const VERDICT_DURATION_BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.09, 0.1, 0.11, 0.15, 0.25, 0.5, 1.0,
];

const DECISIONS: &str = "rti_decisions_total";
const THREATS: &str = "rti_threats_total";
const SHADOWS: &str = "rti_shadow_decisions_total";
const FAIL_OPEN: &str = "rti_fail_open_total";
const FAIL_CLOSED: &str = "rti_fail_closed_total";
const CALLS_IN_FLIGHT: &str = "rti_calls_in_flight";
const CONNECTIONS: &str = "rti_connections";
const CIRCUIT_OPEN: &str = "rti_circuit_open";
const CHALLENGES: &str = "rti_challenges_total";
const CHALLENGES_BY_THREAT: &str = "rti_challenges_by_threat_total";
const CHALLENGE_CALLBACKS: &str = "rti_challenge_callbacks_total";
const CONFIG_RELOADS: &str = "rti_config_reloads_total";

static METADATA: Metadata<'static> = Metadata::new("rti", Level::INFO, Some(module_path!()));

/// Counts decisions and challenges. Every engine has one.
pub(crate) struct MetricsObserver;

impl Observer for MetricsObserver {
    fn decided(&self, decision: &Decision) {
        metrics::with_recorder(|recorder| count(recorder, decision));
    }

    fn challenge(&self, event: &ChallengeEvent) {
        metrics::with_recorder(|recorder| count_challenge(recorder, event));
    }

    fn circuit_changed(&self, state: CircuitState) {
        metrics::with_recorder(|recorder| record_circuit(recorder, state));
    }

    fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        let result = match result {
            Ok(_) => ConfigReload::Applied,
            Err(_) => ConfigReload::Rejected,
        };
        count_config_reloads(result, 1);
    }
}

fn count(recorder: &dyn Recorder, decision: &Decision) {
    let keys = &*KEYS;
    increment(recorder, keys.decision(decision), 1);
    increment(recorder, keys.threat(decision), 1);
    increment(recorder, keys.shadow(decision), 1);
    let without_verdict = match decision.outcome() {
        Outcome::FailedOpen(reason) => Some((&keys.fail_open, *reason)),
        Outcome::FailedClosed(reason) => Some((&keys.fail_closed, *reason)),
        _ => None,
    };
    if let Some((reasons, reason)) = without_verdict {
        match reasons.get(reason) {
            Some(key) => increment(recorder, Some(key), 1),
            None => increment(recorder, Some(&reasons.of_status(reason)), 1),
        }
    }
    if let Some(result) = decision.challenge_result() {
        increment(recorder, keys.challenge_callback(result), 1);
    }
    if let Some(key) = keys.duration(decision.outcome()) {
        let histogram = recorder.register_histogram(key, &METADATA);
        histogram.record(decision.elapsed());
    }
}

fn count_challenge(recorder: &dyn Recorder, event: &ChallengeEvent) {
    let keys = &*KEYS;
    increment(recorder, keys.challenge(event.kind), 1);
    increment(recorder, keys.challenge_by_threat(event), 1);
    if event.kind == ChallengeEventKind::Issued {
        // A threat type whose challenges nobody passes has the pass rate zero, not none.
        let passed = ChallengeEvent::new(ChallengeEventKind::Passed, event.threat_type);
        increment(recorder, keys.challenge_by_threat(&passed), 0);
    }
}

fn increment(recorder: &dyn Recorder, key: Option<&Key>, by: u64) {
    if let Some(key) = key {
        recorder.register_counter(key, &METADATA).increment(by);
    }
}

/// What came of reading a configuration anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConfigReload {
    /// It is in force.
    Applied,
    /// It is bad, and the one before stays in force.
    Rejected,
}

/// Counts configurations that were read anew.
fn count_config_reloads(result: ConfigReload, by: u64) {
    let result = match result {
        ConfigReload::Applied => "applied",
        ConfigReload::Rejected => "rejected",
    };
    let key = Key::from_parts(CONFIG_RELOADS, vec![Label::new("result", result)]);
    metrics::with_recorder(|recorder| increment(recorder, Some(&key), by));
}

/// Sets the gauges, describes all metrics, and makes the counters of rare events be there from the
/// first scrape on: a counter that appears with the value 1 has no increase.
pub(crate) fn record_gauges(
    calls_in_flight: usize,
    connections: Option<ConnectionCounts>,
    circuit: CircuitState,
) {
    metrics::with_recorder(|recorder| {
        describe(recorder);
        set(&gauge(recorder, CALLS_IN_FLIGHT, None), calls_in_flight);
        if let Some(ConnectionCounts {
            idle,
            busy,
            dialling,
        }) = connections
        {
            for (state, count) in [("idle", idle), ("busy", busy), ("dialling", dialling)] {
                set(&gauge(recorder, CONNECTIONS, Some(state)), count);
            }
        }
        record_circuit(recorder, circuit);
        for reason in FIXED_REASONS {
            increment(recorder, KEYS.fail_open.get(*reason), 0);
            increment(recorder, KEYS.fail_closed.get(*reason), 0);
        }
        for kind in ChallengeEventKind::ALL {
            increment(recorder, KEYS.challenge(*kind), 0);
        }
        for result in ChallengeResult::ALL {
            increment(recorder, KEYS.challenge_callback(*result), 0);
        }
    });
    count_config_reloads(ConfigReload::Applied, 0);
    count_config_reloads(ConfigReload::Rejected, 0);
}

fn record_circuit(recorder: &dyn Recorder, state: CircuitState) {
    let is_open = state == CircuitState::Open;
    set(&gauge(recorder, CIRCUIT_OPEN, None), usize::from(is_open));
}

fn gauge(recorder: &dyn Recorder, name: &'static str, state: Option<&'static str>) -> Gauge {
    let labels: Vec<Label> = state
        .map(|state| Label::new("state", state))
        .into_iter()
        .collect();
    recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
}

/// Counts beyond four thousand million are shown as that.
fn set(gauge: &Gauge, count: usize) {
    gauge.set(u32::try_from(count).unwrap_or(u32::MAX));
}

fn describe(recorder: &dyn Recorder) {
    let counters = [
        (
            DECISIONS,
            "Decisions, by what was done and what blocking mode does.",
        ),
        (THREATS, "Visitors whom the service called a threat."),
        (
            SHADOWS,
            "Decisions of policies with a shadow, by what it would do.",
        ),
        (FAIL_OPEN, "Requests that continued without a verdict."),
        (FAIL_CLOSED, "Requests that were refused without a verdict."),
        (
            CHALLENGES,
            "Challenges of the kit: those that were shown, and what came of their solutions.",
        ),
        (
            CHALLENGES_BY_THREAT,
            "The same by why the visitor was challenged.",
        ),
        (
            CHALLENGE_CALLBACKS,
            "Requests to be challenged, by what the challenge callback or the kit did with them.",
        ),
        (CONFIG_RELOADS, "Configurations that were read anew."),
    ];
    for (name, text) in counters {
        recorder.describe_counter(name.into(), Some(Unit::Count), text.into());
    }
    let gauges = [
        (
            CALLS_IN_FLIGHT,
            "Calls to the service for which a visitor waits.",
        ),
        (CONNECTIONS, "Connections to the service."),
        (CIRCUIT_OPEN, "1 while the service is not called, else 0."),
    ];
    for (name, text) in gauges {
        recorder.describe_gauge(name.into(), Some(Unit::Count), text.into());
    }
    let text = "How long requests waited for their decision.";
    recorder.describe_histogram(VERDICT_DURATION.into(), Some(Unit::Seconds), text.into());
}
