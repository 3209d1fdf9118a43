//! The counts of a slot.

use rti_core::{Action, ChallengeEvent, ChallengeEventKind, Decision, Outcome, ThreatType};
use serde::{Deserialize, Serialize};

use super::latency::Latency;
use super::reasons::Reasons;

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
    /// Not in files of before there were any.
    #[serde(default)]
    pub(crate) challenges: ByChallengeEvent,
    /// By the same places; at last those whose threat type is not known.
    #[serde(default)]
    challenges_by_threat_type: [IssuedAndPassed; THREAT_TYPES],
    /// Why requests continued without a verdict.
    #[serde(rename = "reasons")]
    pub(crate) fail_open: Reasons,
    /// Why requests were refused without one.
    #[serde(default)]
    pub(crate) fail_closed: Reasons,
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

/// Numbers by what happened to challenges.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ByChallengeEvent {
    issued: u64,
    passed: u64,
    failed: u64,
    replayed: u64,
    expired: u64,
    provider_error: u64,
}

impl ByChallengeEvent {
    fn add(&mut self, kind: ChallengeEventKind) {
        match kind {
            ChallengeEventKind::Issued => self.issued += 1,
            ChallengeEventKind::Passed => self.passed += 1,
            ChallengeEventKind::Replayed => self.replayed += 1,
            ChallengeEventKind::Expired => self.expired += 1,
            ChallengeEventKind::ProviderError => self.provider_error += 1,
            // Another kind, should there be one, is not counted as a success.
            _ => self.failed += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.issued += other.issued;
        self.passed += other.passed;
        self.failed += other.failed;
        self.replayed += other.replayed;
        self.expired += other.expired;
        self.provider_error += other.provider_error;
    }
}

/// How many challenges of a threat type were shown, and how many solutions accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IssuedAndPassed {
    issued: u64,
    passed: u64,
}

impl Counts {
    pub(crate) fn record_challenge(&mut self, event: &ChallengeEvent) {
        self.challenges.add(event.kind);
        let found = event.threat_type.map_or(THREAT_TYPES - 1, position);
        if let Some(counts) = self.challenges_by_threat_type.get_mut(found) {
            match event.kind {
                ChallengeEventKind::Issued => counts.issued += 1,
                ChallengeEventKind::Passed => counts.passed += 1,
                _ => {}
            }
        }
    }

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
                self.fail_open.add(&reason.to_string(), 1);
            }
            Outcome::FailedClosed(reason) => {
                self.failed_closed += 1;
                self.fail_closed.add(&reason.to_string(), 1);
            }
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
        self.challenges.merge(other.challenges);
        let pairs = self.challenges_by_threat_type.iter_mut();
        for (counts, more) in pairs.zip(&other.challenges_by_threat_type) {
            counts.issued += more.issued;
            counts.passed += more.passed;
        }
        self.fail_open.merge(&other.fail_open);
        self.fail_closed.merge(&other.fail_closed);
        self.latency.merge(&other.latency);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0 && self.challenges == ByChallengeEvent::default()
    }

    /// How many requests were to be checked.
    pub(crate) fn checked(&self) -> u64 {
        self.evaluated + self.failed_open + self.failed_closed
    }

    /// Names of the threat types there were, with their numbers.
    pub(crate) fn threat_types(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let all = threat_type_names().zip(self.threat_types);
        all.filter(|(_, count)| *count > 0)
    }

    /// Names of the threat types for which there were challenges, with their numbers.
    pub(crate) fn challenges_by_threat_type(
        &self,
    ) -> impl Iterator<Item = (&'static str, IssuedAndPassed)> {
        let all = threat_type_names().zip(self.challenges_by_threat_type);
        all.filter(|(_, counts)| *counts != IssuedAndPassed::default())
    }
}

/// In the order of the places.
fn threat_type_names() -> impl Iterator<Item = &'static str> {
    let names = ThreatType::NAMED.iter().map(|threat| threat.as_str());
    names.chain(["unknown"])
}

fn position(threat: ThreatType) -> usize {
    let mut named = ThreatType::NAMED.iter();
    named
        .position(|named| *named == threat)
        .unwrap_or(THREAT_TYPES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Under the words that metrics have.
    #[test]
    fn challenges_are_counted_by_what_happened_and_why() {
        let words = [
            "issued",
            "passed",
            "failed",
            "replayed",
            "expired",
            "provider_error",
        ];
        let mut counts = Counts::default();
        for (times, word) in (1..).zip(words) {
            let event = ChallengeEvent::new(word.parse().unwrap(), Some(ThreatType::Vpn));
            (0..times).for_each(|_| counts.record_challenge(&event));
        }
        let passed = ChallengeEventKind::Passed;
        counts.record_challenge(&ChallengeEvent::new(passed, None));
        let failed = ChallengeEventKind::Failed;
        counts.record_challenge(&ChallengeEvent::new(failed, Some(ThreatType::Proxy)));
        let mut all = Counts::default();
        (0..2).for_each(|_| all.merge(&counts));
        assert_eq!(
            serde_json::to_value(all.challenges).unwrap(),
            serde_json::json!({"issued": 2, "passed": 6, "failed": 8, "replayed": 8, "expired": 10, "provider_error": 12})
        );
        let by_threat_type: Vec<_> = all.challenges_by_threat_type().collect();
        let numbers = |issued, passed| IssuedAndPassed { issued, passed };
        let expected = [("VPN", numbers(2, 4)), ("unknown", numbers(0, 2))];
        assert_eq!(by_threat_type, expected);
    }

    /// The file keeps its counts when the program is updated.
    #[test]
    fn counts_of_an_older_version_are_read() {
        let mut json = serde_json::to_value(Counts::default()).unwrap();
        let members = json.as_object_mut().unwrap();
        assert!(members.remove("challenges").is_some());
        assert!(members.remove("fail_closed").is_some());
        assert!(members.remove("challenges_by_threat_type").is_some());
        members["total"] = 7.into();
        assert_eq!(serde_json::from_value::<Counts>(json).unwrap().total, 7);
    }

    #[test]
    fn every_threat_type_has_a_place() {
        for (index, threat) in ThreatType::NAMED.iter().enumerate() {
            assert_eq!(position(*threat), index);
        }
        assert_eq!(position(ThreatType::from_code(99)), THREAT_TYPES - 1);
    }
}
