//! The alerts by themselves, with promtool.

use std::process::Command;

pub(crate) const ALERTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../deploy/prometheus-alerts.yml"
);

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules.yml");

pub(crate) fn are_valid() {
    promtool(&["check", "rules", ALERTS]);
}

pub(crate) fn alert_when_they_are_to() {
    promtool(&["test", "rules", TESTS]);
}

fn promtool(arguments: &[&str]) {
    let output = Command::new("promtool").args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "promtool {arguments:?}:\n{said}");
}
