//! One known run: what Prometheus scraped, what an observer and the inspector counted, and what the
//! dashboard shows.

use crate::counts::{Counted, Counts};
use crate::dashboard;
use crate::inspector;
use crate::prometheus::{JOB, Prometheus};
use crate::site::{Site, VISITORS};

/// What waited for a verdict or was to be checked; scrapes are decisions too, and go on meanwhile.
const CHECKED: &str = r#"sum(rti_decisions_total{outcome!="skipped"})"#;

#[tokio::main]
pub(crate) async fn says_what_an_observer_counted() {
    let site = Site::start().await;
    let prometheus = Prometheus::scraping(site.address).await;
    // Each result is there before there was a challenge.
    prometheus
        .wait_for("count(rti_challenges_total == 0)", 6.0)
        .await;
    // Twice: a rate takes two scrapes with different numbers.
    for rounds in 1..=2 {
        site.round_of_visitors().await;
        let visitors = f64::from(u32::try_from(rounds * VISITORS).unwrap());
        prometheus.wait_for(CHECKED, visitors).await;
    }
    compare(&site.account.counted(), &prometheus).await;
    let summary = inspector::summary(&site).await;
    inspector::says_the_same(&summary, &prometheus).await;
    inspector::the_dashboard_shows_the_same(&summary, &prometheus).await;
    every_query_answers(&prometheus).await;
    every_rule_is_evaluated(&prometheus).await;
    the_share_to_be_acted_on(&prometheus).await;
}

async fn compare(counted: &Counted, prometheus: &Prometheus) {
    for (counts, metric, labels) in [
        (
            &counted.decisions,
            r#"rti_decisions_total{outcome!="skipped"}"#,
            &["framework", "outcome", "action", "policy_action"][..],
        ),
        (
            &counted.threats,
            "rti_threats_total",
            &["threat_type", "policy_action"],
        ),
        (&counted.fail_open, "rti_fail_open_total", &["reason"]),
        (&counted.challenges, "rti_challenges_total", &["result"]),
        (
            &counted.challenges_by_threat,
            "rti_challenges_by_threat_total",
            &["threat_type", "result"],
        ),
        (
            &counted.challenge_callbacks,
            "rti_challenge_callbacks_total",
            &["result"],
        ),
        (
            &counted.waits,
            "rti_verdict_duration_seconds_count",
            &["outcome"],
        ),
    ] {
        let scraped = scraped(prometheus, metric, labels).await;
        let mut counts = counts.clone();
        counts.retain(|labels, _| !labels.contains(&"skipped".to_owned()));
        assert_eq!(scraped, counts, "{metric}");
        assert!(!counts.is_empty(), "{metric}");
    }
}

/// The series of a metric that are not zero.
async fn scraped(prometheus: &Prometheus, metric: &str, labels: &[&str]) -> Counts {
    let samples = prometheus.query(&format!("{metric} > 0")).await;
    let samples = samples.iter().map(|sample| {
        let beside = ["__name__", "instance", "job"];
        assert_eq!(
            sample.labels.len(),
            labels.len() + beside.len(),
            "{sample:?}"
        );
        assert_eq!(sample.labels["job"], JOB);
        let labels = labels.iter().map(|label| sample.labels[*label].clone());
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count"
        )]
        let count = sample.value as u64;
        (labels.collect(), count)
    });
    samples.collect()
}

async fn every_query_answers(prometheus: &Prometheus) {
    let queries = dashboard::queries();
    assert!(queries.len() > 15, "{}", queries.len());
    for query in queries {
        let samples = prometheus.query(&query.expression).await;
        let has_data = samples.iter().any(|sample| sample.value.is_finite());
        let dashboard::Query { panel, expression } = query;
        assert!(has_data, "{panel}: {expression}: {samples:?}");
    }
}

async fn every_rule_is_evaluated(prometheus: &Prometheus) {
    prometheus
        .wait_for("count(job:rti_policy_action:share15m)", 1.0)
        .await;
    let answer = prometheus.get("/api/v1/rules").await;
    let rules = answer["data"]["groups"][0]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 7, "{answer}");
    for rule in rules {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
}

/// Of the 18 requests with a verdict in each round, four of bots are blocked and four through a VPN to be challenged.
async fn the_share_to_be_acted_on(prometheus: &Prometheus) {
    let samples = prometheus.query("job:rti_policy_action:share15m").await;
    assert_eq!(samples.len(), 1, "{samples:?}");
    let share = samples[0].value;
    assert!((share - 8.0 / 18.0).abs() < 0.001, "{share}");
}
