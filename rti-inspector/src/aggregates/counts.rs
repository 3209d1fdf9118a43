//! The counts of a slot.

use rti_core::{Action, Decision, FailOpenReason, Outcome, ThreatType};
use serde::{Deserialize, Serialize};

use super::latency::Latency;

/// So many reasons of failing open are told apart; statuses of the service are among them.
const MAX_REASONS: usize = 16;
const OTHER: &str = "other";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) total: u64,
    pub(crate) evaluated: u64,
    pub(crate) failed_open: u64,
    pub(crate) failed_closed: u64,
    pub(crate) skipped: u64,
    pub(crate) actions: ByAction,
    pub(crate) policy_actions: ByAction,
    /// Of policies that have a shadow.
    pub(crate) shadow_actions: ByAction,
    /// By the places in `ThreatType::NAMED`, and at last those without a name.
    threat_types: [u64; THREAT_TYPES],
    reasons: Vec<(String, u64)>,
    pub(crate) latency: Latency,
}

const THREAT_TYPES: usize = ThreatType::NAMED.len() + 1;

/// Numbers by action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ByAction {
    pub(crate) allow: u64,
    pub(crate) block: u64,
    pub(crate) redirect: u64,
    pub(crate) challenge: u64,
}

impl ByAction {
    pub(crate) fn add(&mut self, action: Action, count: u64) {
        match action {
            Action::Block => self.block += count,
            Action::Redirect => self.redirect += count,
            Action::Challenge => self.challenge += count,
            // Another kind, should there be one, is not counted as blocking.
            _ => self.allow += count,
        }
    }

    fn merge(&mut self, other: Self) {
        self.allow += other.allow;
        self.block += other.block;
        self.redirect += other.redirect;
        self.challenge += other.challenge;
    }
}

impl Counts {
    pub(crate) fn record(&mut self, decision: &Decision) {
        self.total += 1;
        self.actions.add(decision.action(), 1);
        self.policy_actions.add(decision.policy_action(), 1);
        if let Some(action) = decision.shadow_action() {
            self.shadow_actions.add(action, 1);
        }
        match decision.outcome() {
            Outcome::Evaluated(verdict) => {
                self.evaluated += 1;
                let found = position(verdict.threat_type());
                if let Some(count) = self.threat_types.get_mut(found) {
                    *count += 1;
                }
            }
            Outcome::FailedOpen(reason) => {
                self.failed_open += 1;
                self.add_reason(&reason_name(*reason), 1);
            }
            Outcome::FailedClosed(_) => self.failed_closed += 1,
            _ => {
                self.skipped += 1;
                return;
            }
        }
        self.latency.record(decision.elapsed());
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.evaluated += other.evaluated;
        self.failed_open += other.failed_open;
        self.failed_closed += other.failed_closed;
        self.skipped += other.skipped;
        self.actions.merge(other.actions);
        self.policy_actions.merge(other.policy_actions);
        self.shadow_actions.merge(other.shadow_actions);
        let pairs = self.threat_types.iter_mut().zip(&other.threat_types);
        pairs.for_each(|(count, more)| *count += more);
        for (reason, count) in &other.reasons {
            self.add_reason(reason, *count);
        }
        self.latency.merge(&other.latency);
    }

    fn add_reason(&mut self, reason: &str, count: u64) {
        let has_room = self.reasons.len() < MAX_REASONS;
        let mut known = self.reasons.iter_mut();
        if let Some((_, known)) = known.find(|(known, _)| known == reason) {
            *known += count;
        } else if has_room || reason == OTHER {
            self.reasons.push((reason.to_owned(), count));
        } else {
            self.add_reason(OTHER, count);
        }
    }

    /// How many requests were to be checked.
    pub(crate) fn checked(&self) -> u64 {
        self.evaluated + self.failed_open + self.failed_closed
    }

    /// Names and codes of the threat types there were, with their numbers.
    pub(crate) fn threat_types(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = ThreatType::NAMED.iter().map(|threat| threat.as_str());
        let all = names.chain(["unknown"]).zip(self.threat_types);
        all.filter(|(_, count)| *count > 0)
    }

    pub(crate) fn reasons(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.reasons.iter();
        all.map(|(reason, count)| (reason.as_str(), *count))
    }
}

fn position(threat: ThreatType) -> usize {
    let mut named = ThreatType::NAMED.iter();
    named
        .position(|named| *named == threat)
        .unwrap_or(THREAT_TYPES - 1)
}

fn reason_name(reason: FailOpenReason) -> String {
    reason.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_bounded() {
        let mut counts = Counts::default();
        for status in 400..600 {
            counts.add_reason(&format!("status_{status}"), 1);
        }
        assert_eq!(counts.reasons().count(), MAX_REASONS + 1);
        assert_eq!(counts.reasons().map(|(_, count)| count).sum::<u64>(), 200);
    }

    #[test]
    fn every_threat_type_has_a_place() {
        for (index, threat) in ThreatType::NAMED.iter().enumerate() {
            assert_eq!(position(*threat), index);
        }
        assert_eq!(position(ThreatType::from_code(99)), THREAT_TYPES - 1);
    }
}
