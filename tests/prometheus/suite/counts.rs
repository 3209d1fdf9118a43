//! An account of decisions, kept apart from the metrics.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use rti_axum::{ChallengeEvent, Decision, Observer, Outcome, ThreatType};

/// From the labels of a metric to its number.
pub(crate) type Counts = BTreeMap<Vec<String>, u64>;

/// Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Account(Arc<Mutex<Counted>>);

#[derive(Clone, Default)]
pub(crate) struct Counted {
    /// By framework, outcome, action and policy action.
    pub(crate) decisions: Counts,
    /// By threat type and policy action.
    pub(crate) threats: Counts,
    /// By reason.
    pub(crate) fail_open: Counts,
    /// By result.
    pub(crate) challenges: Counts,
    /// By threat type and result.
    pub(crate) challenges_by_threat: Counts,
    /// By result.
    pub(crate) challenge_callbacks: Counts,
    /// How often somebody waited, by outcome.
    pub(crate) waits: Counts,
}

impl Account {
    pub(crate) fn counted(&self) -> Counted {
        self.0.lock().unwrap().clone()
    }
}

impl Observer for Account {
    fn decided(&self, decision: &Decision) {
        let mut counted = self.0.lock().unwrap();
        let outcome = decision.outcome().as_str();
        let action = decision.action().as_str();
        let policy_action = decision.policy_action().as_str();
        count(
            &mut counted.decisions,
            &["axum", outcome, action, policy_action],
        );
        if let Some(threat_type) = decision.threat_type()
            && threat_type.code() != 0
        {
            count(&mut counted.threats, &[threat_type.as_str(), policy_action]);
        }
        if let Outcome::FailedOpen(reason) = decision.outcome() {
            count(&mut counted.fail_open, &[&reason.to_string()]);
        }
        if let Some(result) = decision.challenge_result() {
            count(&mut counted.challenge_callbacks, &[result.as_str()]);
        }
        if outcome != "skipped" {
            count(&mut counted.waits, &[outcome]);
        }
    }

    fn challenge(&self, event: &ChallengeEvent) {
        let mut counted = self.0.lock().unwrap();
        let threat_type = event.threat_type.map_or("unknown", ThreatType::as_str);
        let result = event.kind.as_str();
        count(&mut counted.challenges, &[result]);
        count(&mut counted.challenges_by_threat, &[threat_type, result]);
    }
}

fn count(counts: &mut Counts, labels: &[&str]) {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    *counts.entry(labels).or_default() += 1;
}
