//! The queries of the dashboard in `deploy/`.

use std::fs;

use serde_json::Value;

const DASHBOARD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../deploy/grafana-dashboard.json"
);

/// One query, and the panel that shows it.
pub(crate) struct Query {
    pub(crate) panel: String,
    pub(crate) expression: String,
}

/// All of them, with Grafana's variables replaced: all jobs, and an interval that reaches back to the
/// first scrape.
pub(crate) fn queries() -> Vec<Query> {
    let dashboard: Value = serde_json::from_slice(&fs::read(DASHBOARD).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let of_panel = |panel: &Value| -> Vec<Query> {
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        let query = |target: &Value| Query {
            panel: panel["title"].as_str().unwrap().to_owned(),
            expression: replaced(target["expr"].as_str().unwrap()),
        };
        targets.iter().map(query).collect()
    };
    panels.iter().flat_map(of_panel).collect()
}

fn replaced(expression: &str) -> String {
    let replaced = expression
        .replace("$__rate_interval", "5m")
        .replace("$job", ".*");
    assert!(!replaced.contains('$'), "{expression}");
    replaced
}
