//! The inspector beside Prometheus and the dashboard, for one known run: three ways to the same numbers.

use std::collections::BTreeMap;

use rti_conformance::client::{Connection, Request};
use serde_json::Value;

use crate::dashboard;
use crate::prometheus::{Prometheus, Sample};
use crate::site::Site;

type Numbers = BTreeMap<String, f64>;

/// `/api/summary`, as a program reads it.
pub(crate) async fn summary(site: &Site) -> Value {
    site.inspector.flush();
    let page = &site.inspector_page;
    let request = Request::get("/api/summary")
        .without_headers()
        .header("Host", page.address().to_string())
        .header("Authorization", format!("Bearer {}", page.token()));
    let mut connection = Connection::open(page.address()).await;
    connection.send(&request).await.json()
}

/// Scrapes are decisions too, and go on meanwhile, so what was skipped is left out of all three.
pub(crate) async fn says_the_same(summary: &Value, prometheus: &Prometheus) {
    let skipped = number(&summary["outcomes"]["skipped"]);
    for (member, label, query) in [
        (
            "outcomes",
            "outcome",
            "sum by (outcome) (rti_decisions_total)",
        ),
        (
            "actions",
            "action",
            r#"sum by (action) (rti_decisions_total{outcome!="skipped"})"#,
        ),
        (
            "policy_actions",
            "policy_action",
            r#"sum by (policy_action) (rti_decisions_total{outcome!="skipped"})"#,
        ),
        (
            "threat_types",
            "threat_type",
            "sum by (threat_type) (rti_threats_total)",
        ),
        (
            "challenges",
            "result",
            "sum by (result) (rti_challenges_total)",
        ),
        (
            "fail_open",
            "reason",
            "sum by (reason) (rti_fail_open_total)",
        ),
    ] {
        let shown = of_summary(&summary[member], skipped);
        let scraped = by_label(&prometheus.query(query).await, label);
        assert_eq!(shown, scraped, "{member}");
        assert!(!shown.is_empty(), "{member}");
    }
    for result in ["issued", "passed"] {
        let query = format!(r#"rti_challenges_by_threat_total{{result="{result}"}}"#);
        let scraped = by_label(&prometheus.query(&query).await, "threat_type");
        let shown = summary["challenges_by_threat_type"].as_object().unwrap();
        let shown = shown.iter();
        let shown: Numbers = shown
            .map(|(name, counts)| (name.clone(), number(&counts[result])))
            .collect();
        assert_eq!(shown, scraped, "{result}");
        assert!(!shown.is_empty(), "{result}");
    }
}

/// A dashboard shows rates. Both rounds of the run are alike, so shares of rates are shares of numbers.
pub(crate) async fn the_dashboard_shows_the_same(summary: &Value, prometheus: &Prometheus) {
    let outcomes = &summary["outcomes"];
    let evaluated = number(&outcomes["evaluated"]);
    let failed_open = number(&outcomes["failed_open"]);
    let skipped = number(&outcomes["skipped"]);
    let acted_on = |member: &str| {
        let actions = of_summary(&summary[member], skipped);
        let acted_on = actions.iter().filter(|(action, _)| *action != "allow");
        acted_on.map(|(_, count)| count).sum::<f64>() / evaluated
    };
    let waited = number(&summary["total"]) - skipped;
    for (panel, share) in [
        ("Blocking would act on", acted_on("policy_actions")),
        ("Was acted on", acted_on("actions")),
        ("Without a verdict", failed_open / waited),
    ] {
        let samples = of_panel(prometheus, panel).await;
        assert_eq!(samples.len(), 1, "{panel}: {samples:?}");
        assert_near(panel, samples[0].value, share);
        assert!(share > 0.0, "{panel}");
    }
    for (panel, label, member) in [
        ("Threats", "threat_type", "threat_types"),
        ("Without a verdict, by reason", "reason", "fail_open"),
        ("Outcomes", "outcome", "outcomes"),
    ] {
        let samples = by_label(&of_panel(prometheus, panel).await, label);
        let shown = of_summary(&summary[member], skipped);
        assert_eq!(
            samples.keys().collect::<Vec<_>>(),
            shown.keys().collect::<Vec<_>>(),
            "{panel}"
        );
        let (all_samples, all_shown) = (samples.values().sum::<f64>(), shown.values().sum::<f64>());
        for (name, count) in &shown {
            assert_near(panel, samples[name] / all_samples, count / all_shown);
        }
    }
}

async fn of_panel(prometheus: &Prometheus, title: &str) -> Vec<Sample> {
    let mut queries = dashboard::queries().into_iter();
    let query = queries.find(|query| query.panel == title).unwrap();
    prometheus.query(&query.expression).await
}

/// What is not zero, without what was skipped, and without the visitors who are no threat, whom metrics
/// do not count as one.
fn of_summary(member: &Value, skipped: f64) -> Numbers {
    let all = member.as_object().unwrap().iter();
    let mut numbers: Numbers = all
        .map(|(name, count)| (name.clone(), number(count)))
        .collect();
    numbers.retain(|name, count| *count > 0.0 && name != "skipped" && name != "valid");
    if let Some(allowed) = numbers.get_mut("allow") {
        *allowed -= skipped;
    }
    numbers
}

fn by_label(samples: &[Sample], label: &str) -> Numbers {
    let mut numbers = Numbers::new();
    for sample in samples {
        *numbers.entry(sample.labels[label].clone()).or_default() += sample.value;
    }
    numbers.retain(|name, count| *count > 0.0 && name != "skipped");
    numbers
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn assert_near(panel: &str, shown: f64, expected: f64) {
    assert!(
        (shown - expected).abs() < 0.001,
        "{panel}: {shown}, not {expected}"
    );
}
