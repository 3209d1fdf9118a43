//! The summary beside the metrics, for one known run: both count the same.

use std::collections::BTreeMap;

use metrics_exporter_prometheus::PrometheusBuilder;
use rti_axum::{Mode, OnFailure, PolicyOptions};
use rti_core::{ChallengeEvent, ThreatType};
use rti_inspector::Inspector;
use rti_simulator::{Fault, Rule};
use serde_json::{Value, json};

use crate::harness::{FIREFOX, Site};

/// On one thread, whose recorder no other test has.
#[tokio::test]
async fn the_summary_and_the_metrics_count_the_same() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let site = Site::with(Inspector::builder(), |config| {
        let closed = PolicyOptions::new().on_failure(OnFailure::Closed);
        config.mode(Mode::Blocking).policy("pay", ["/pay"], closed)
    })
    .await;
    for round in 0..3 {
        site.visit_by_three().await;
        site.visit("/health", FIREFOX, &format!("192.0.2.{round}"))
            .await;
    }
    site.simulator
        .set_rules([Rule::always().then(Fault::status(503))]);
    for path in ["/", "/", "/pay"] {
        site.visit(path, FIREFOX, "192.0.2.1").await;
    }
    happens_to_challenges(&site);
    site.flush().await;

    let summary = site.get("/api/summary").await;
    let rendered = recorder.handle().render();
    let by = |metric, label| sums(&rendered, metric, label);
    for (member, metric, label) in [
        ("outcomes", "rti_decisions_total", "outcome"),
        ("actions", "rti_decisions_total", "action"),
        ("policy_actions", "rti_decisions_total", "policy_action"),
        ("threat_types", "rti_threats_total", "threat_type"),
        ("fail_open", "rti_fail_open_total", "reason"),
        ("fail_closed", "rti_fail_closed_total", "reason"),
        ("challenges", "rti_challenges_total", "result"),
    ] {
        assert_eq!(
            not_zero(&summary[member]),
            by(metric, label),
            "{member}: {rendered}"
        );
    }
    let outcomes = json!({"evaluated": 9, "failed_open": 2, "failed_closed": 1, "skipped": 3});
    assert_eq!(summary["outcomes"], outcomes);
    assert_eq!(summary["total"], 15);
    let challenges = json!({"issued": 3, "passed": 2, "failed": 2, "replayed": 1, "expired": 1, "provider_error": 1});
    assert_eq!(summary["challenges"], challenges);
    let by_threat_type = json!({
        "VPN": {"issued": 2, "passed": 1}, "proxy": {"issued": 1, "passed": 0}, "unknown": {"issued": 0, "passed": 1},
    });
    assert_eq!(summary["challenges_by_threat_type"], by_threat_type);
    for (name, counts) in by_threat_type.as_object().unwrap() {
        let labels = format!("rti_challenges_by_threat_total{{threat_type=\"{name}\",");
        for result in ["issued", "passed"] {
            let line = format!("{labels}result=\"{result}\"}} {}", counts[result]);
            // A series that was never counted is not there.
            let is_there = rendered.contains(&line) || counts[result] == 0;
            assert!(is_there, "{line}: {rendered}");
        }
    }
}

/// As the challenge kit reports it.
fn happens_to_challenges(site: &Site) {
    let vpn = Some(ThreatType::Vpn);
    for (word, threat_type) in [
        ("issued", vpn),
        ("issued", vpn),
        ("issued", Some(ThreatType::Proxy)),
        ("passed", vpn),
        ("passed", None),
        ("failed", vpn),
        ("failed", None),
        ("replayed", vpn),
        ("expired", vpn),
        ("provider_error", None),
    ] {
        let kind = word.parse().unwrap();
        site.rti
            .observe_challenge(&ChallengeEvent::new(kind, threat_type));
    }
}

/// What a metric counted, by one of its labels.
fn sums(rendered: &str, metric: &str, label: &str) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for line in rendered
        .lines()
        .filter(|line| line.starts_with(&format!("{metric}{{")))
    {
        let (labels, value) = line.rsplit_once(' ').unwrap();
        let mut pairs = labels.split(['{', ',', '}']);
        let is_label = |pair: &str| {
            pair.strip_prefix(label)?
                .strip_prefix('=')
                .map(str::to_owned)
        };
        let name = pairs.find_map(is_label).unwrap();
        *sums.entry(name.trim_matches('"').to_owned()).or_default() +=
            value.parse::<u64>().unwrap();
    }
    sums.retain(|_, count| *count > 0);
    sums
}

/// Metrics count no visitor under `valid`: that is not a threat.
fn not_zero(counts: &Value) -> BTreeMap<String, u64> {
    let counts = counts.as_object().unwrap().iter();
    let counts = counts.map(|(name, count)| (name.clone(), count.as_u64().unwrap()));
    counts
        .filter(|(name, count)| *count > 0 && name != "valid")
        .collect()
}
