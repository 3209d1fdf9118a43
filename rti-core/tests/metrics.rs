//! What is counted with the facade `metrics`, as a recorder for Prometheus shows it.

#![cfg(feature = "metrics")]
#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

#[allow(dead_code, reason = "other tests use all of it")]
mod checking;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use checking::{check, config};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use rti_core::{
    ApiRequest, ApiResponse, CallError, ChallengeEvent, ChallengeEventKind, ChallengeResult,
    FailOpenReason, Rti, ThreatType, Transport, VERDICT_DURATION, VERDICT_DURATION_BUCKETS,
};

/// Answers in turn: with a verdict of this threat type, a status, or not.
struct Scripted(Mutex<VecDeque<Answer>>);

enum Answer {
    Threat(u16),
    Status(u16),
    Lost,
}

fn scripted(answers: impl IntoIterator<Item = Answer>) -> Scripted {
    Scripted(Mutex::new(answers.into_iter().collect()))
}

#[rti_core::async_trait]
impl Transport for Scripted {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match answers.pop_front().unwrap() {
            Answer::Threat(code) => {
                let is_invalid = code != 0;
                let body = format!(r#"{{"isInvalid":{is_invalid},"threatTypeCode":{code}}}"#);
                Ok(ApiResponse::new(200, body))
            }
            Answer::Status(status) => Ok(ApiResponse::new(status, "")),
            Answer::Lost => Err(FailOpenReason::Connect.into()),
        }
    }
}

fn engine(answers: impl IntoIterator<Item = Answer>) -> Rti {
    let config = config("http://127.0.0.1:9").build().unwrap();
    Rti::with_transport(config, scripted(answers))
}

/// A recorder of this thread, on which the test's runtime runs.
struct Recorder {
    prometheus: PrometheusHandle,
    _installed: metrics::LocalRecorderGuard<'static>,
}

impl Recorder {
    fn install() -> Self {
        let histogram = Matcher::Full(VERDICT_DURATION.to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(histogram, VERDICT_DURATION_BUCKETS)
            .unwrap()
            .build_recorder();
        let prometheus = recorder.handle();
        // A local recorder is borrowed, and a guard beside its owner would be a type that borrows itself.
        let recorder = Box::leak(Box::new(recorder));
        Self {
            prometheus,
            _installed: metrics::set_default_local_recorder(recorder),
        }
    }

    /// The samples that are not zero, without the histogram's.
    fn counted(&self) -> Vec<String> {
        let text = self.prometheus.render();
        let samples = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let counted = samples.filter(|line| !line.ends_with(" 0") && !line.contains("_seconds"));
        let mut counted: Vec<String> = counted.map(str::to_owned).collect();
        counted.sort();
        counted
    }
}

#[tokio::test]
async fn decisions_are_counted_under_the_documented_names() {
    let recorder = Recorder::install();
    let rti = engine([
        Answer::Threat(0),
        Answer::Threat(3),
        Answer::Threat(14),
        Answer::Threat(4711),
        Answer::Status(503),
        Answer::Lost,
    ])
    .with_middleware_name("rust_axum_9.9.9");
    for _ in 0..6 {
        let decision = check(&rti).await;
        if decision.wants_challenge() {
            rti.conclude_challenge(&decision, ChallengeResult::Passed);
        }
    }
    let decisions = |outcome, action, policy_action, count| {
        format!(
            r#"rti_decisions_total{{framework="axum",outcome="{outcome}",action="{action}",policy_action="{policy_action}"}} {count}"#
        )
    };
    assert_eq!(
        recorder.counted(),
        [
            r#"rti_challenge_callbacks_total{result="passed"} 1"#.to_owned(),
            decisions("evaluated", "allow", "allow", 2),
            decisions("evaluated", "allow", "challenge", 1),
            decisions("evaluated", "block", "block", 1),
            decisions("failed_open", "allow", "allow", 2),
            r#"rti_fail_open_total{reason="connect"} 1"#.to_owned(),
            r#"rti_fail_open_total{reason="status_503"} 1"#.to_owned(),
            r#"rti_threats_total{threat_type="VPN",policy_action="challenge"} 1"#.to_owned(),
            r#"rti_threats_total{threat_type="automation tools",policy_action="block"} 1"#
                .to_owned(),
            r#"rti_threats_total{threat_type="unknown",policy_action="allow"} 1"#.to_owned(),
        ]
    );
    let text = recorder.prometheus.render();
    for sample in [
        r#"rti_verdict_duration_seconds_count{outcome="evaluated"} 4"#,
        r#"rti_verdict_duration_seconds_count{outcome="failed_open"} 2"#,
        r#"rti_verdict_duration_seconds_bucket{outcome="evaluated",le="1"} 4"#,
        r#"rti_verdict_duration_seconds_bucket{outcome="evaluated",le="0.09"} 4"#,
    ] {
        assert!(text.contains(sample), "{sample}\n{text}");
    }
}

#[tokio::test]
async fn what_happens_to_challenges_is_counted_by_why_visitors_were_challenged() {
    let recorder = Recorder::install();
    let rti = engine([]);
    let challenges = [
        (ChallengeEventKind::Issued, Some(ThreatType::Vpn)),
        (ChallengeEventKind::Issued, Some(ThreatType::Proxy)),
        (ChallengeEventKind::Passed, Some(ThreatType::Vpn)),
        (ChallengeEventKind::Replayed, Some(ThreatType::Unknown(99))),
        (ChallengeEventKind::Failed, None),
        (ChallengeEventKind::Failed, None),
    ];
    for (kind, threat_type) in challenges {
        rti.observe_challenge(&ChallengeEvent::new(kind, threat_type));
    }
    assert_eq!(
        recorder.counted(),
        [
            r#"rti_challenges_by_threat_total{threat_type="VPN",result="issued"} 1"#,
            r#"rti_challenges_by_threat_total{threat_type="VPN",result="passed"} 1"#,
            r#"rti_challenges_by_threat_total{threat_type="proxy",result="issued"} 1"#,
            r#"rti_challenges_by_threat_total{threat_type="unknown",result="failed"} 2"#,
            r#"rti_challenges_by_threat_total{threat_type="unknown",result="replayed"} 1"#,
            r#"rti_challenges_total{result="failed"} 2"#,
            r#"rti_challenges_total{result="issued"} 2"#,
            r#"rti_challenges_total{result="passed"} 1"#,
            r#"rti_challenges_total{result="replayed"} 1"#,
        ]
    );
    // Nobody passed: the rate of that is zero.
    let text = recorder.prometheus.render();
    let none = r#"rti_challenges_by_threat_total{threat_type="proxy",result="passed"} 0"#;
    assert!(text.contains(none), "{text}");
}

/// Requests that are not checked take no time, and would hide the times of the others.
#[tokio::test]
async fn a_request_that_is_not_checked_has_no_duration() {
    let recorder = Recorder::install();
    let config = config("http://127.0.0.1:9").uri_exclusion(["/shop"]);
    let rti = Rti::with_transport(config.build().unwrap(), scripted([]));
    check(&rti).await;
    assert_eq!(
        recorder.counted(),
        [
            r#"rti_decisions_total{framework="custom",outcome="skipped",action="allow",policy_action="allow"} 1"#
        ]
    );
    assert!(!recorder.prometheus.render().contains("_seconds"));
}

#[tokio::test]
async fn a_recorder_that_comes_later_counts_from_then_on() {
    let rti = engine([Answer::Lost, Answer::Lost]);
    check(&rti).await;
    let recorder = Recorder::install();
    check(&rti).await;
    let reason = r#"rti_fail_open_total{reason="connect"} 1"#.to_owned();
    assert!(recorder.counted().contains(&reason));
}

#[tokio::test]
async fn gauges_are_set_and_rare_counters_begin_at_zero() {
    let recorder = Recorder::install();
    let config = config("http://127.0.0.1:9").build().unwrap();
    let rti = Rti::new(config).unwrap();
    rti.record_gauges();
    let text = recorder.prometheus.render();
    for sample in [
        "rti_calls_in_flight 0",
        r#"rti_connections{state="idle"} 0"#,
        r#"rti_connections{state="busy"} 0"#,
        r#"rti_connections{state="dialling"} 0"#,
        "rti_circuit_open 0",
        r#"rti_fail_open_total{reason="timeout"} 0"#,
        r#"rti_challenges_total{result="issued"} 0"#,
        r#"rti_challenges_total{result="passed"} 0"#,
        r#"rti_challenges_total{result="failed"} 0"#,
        r#"rti_challenges_total{result="replayed"} 0"#,
        r#"rti_challenges_total{result="expired"} 0"#,
        r#"rti_challenges_total{result="provider_error"} 0"#,
        r#"rti_challenge_callbacks_total{result="answered"} 0"#,
        r#"rti_config_reloads_total{result="applied"} 0"#,
        r#"rti_config_reloads_total{result="rejected"} 0"#,
        "# TYPE rti_connections gauge",
        "# HELP rti_circuit_open ",
    ] {
        assert!(text.contains(sample), "{sample}\n{text}");
    }
}

/// Without a scrape in between.
#[tokio::test]
async fn the_circuits_gauge_follows_at_once() {
    let recorder = Recorder::install();
    let config = config("http://127.0.0.1:9")
        .circuit_breaker_min_calls(1)
        .circuit_breaker_window(std::time::Duration::from_millis(1));
    let service = scripted((0..100).map(|_| Answer::Lost));
    let rti = Rti::with_transport(config.build().unwrap(), service);
    while rti.statistics().circuit == rti_core::CircuitState::Closed {
        check(&rti).await;
    }
    assert!(
        recorder
            .counted()
            .contains(&"rti_circuit_open 1".to_owned())
    );
}
