//! The names and labels of what is counted for decisions and challenges, made once: a key made for each would be
//! allocated and hashed each time. Every label is one of a few words; nothing of a visitor is in them.

use std::sync::LazyLock;

use metrics::{Key, Label};

use super::reasons::Reasons;
use super::{
    CHALLENGE_CALLBACKS, CHALLENGES, CHALLENGES_BY_THREAT, DECISIONS, FAIL_CLOSED, FAIL_OPEN,
    SHADOWS, THREATS, VERDICT_DURATION,
};
use crate::challenge_event::{ChallengeEvent, ChallengeEventKind};
use crate::decision::{Action, ChallengeResult, Decision, Outcome};
use crate::threat_type::ThreatType;

pub(super) static KEYS: LazyLock<Keys> = LazyLock::new(Keys::new);

const FRAMEWORKS: &[&str] = &["axum", "actix", "rocket", "custom"];
const EVALUATED: &str = "evaluated";
const FAILED_OPEN: &str = "failed_open";
const FAILED_CLOSED: &str = "failed_closed";
const OUTCOMES: &[&str] = &[EVALUATED, FAILED_OPEN, FAILED_CLOSED, "skipped"];

pub(super) struct Keys {
    /// For each framework, outcome, action and policy action, in this order.
    decisions: Vec<Key>,
    /// For each threat type with a name and one for all others, and each policy action.
    threats: Vec<Key>,
    /// For each action of a shadow, and each policy action.
    shadows: Vec<Key>,
    pub(super) fail_open: Reasons,
    pub(super) fail_closed: Reasons,
    challenges: Vec<Key>,
    /// For each threat type with a name and one for all others, and each kind of event.
    challenges_by_threat: Vec<Key>,
    challenge_callbacks: Vec<Key>,
    evaluated: Key,
    failed_open: Key,
    failed_closed: Key,
}

impl Keys {
    fn new() -> Self {
        let mut decisions = Vec::new();
        for framework in FRAMEWORKS {
            for outcome in OUTCOMES {
                for action in Action::ALL {
                    for policy_action in Action::ALL {
                        let labels = vec![
                            Label::new("framework", *framework),
                            Label::new("outcome", *outcome),
                            Label::new("action", action.as_str()),
                            Label::new("policy_action", policy_action.as_str()),
                        ];
                        decisions.push(Key::from_parts(DECISIONS, labels));
                    }
                }
            }
        }
        let unknown = ThreatType::Unknown(0);
        let mut threats = Vec::new();
        let mut challenges_by_threat = Vec::new();
        for threat_type in ThreatType::NAMED.iter().chain([&unknown]) {
            for policy_action in Action::ALL {
                let labels = vec![
                    Label::new("threat_type", threat_type.as_str()),
                    Label::new("policy_action", policy_action.as_str()),
                ];
                threats.push(Key::from_parts(THREATS, labels));
            }
            for kind in ChallengeEventKind::ALL {
                let labels = vec![
                    Label::new("threat_type", threat_type.as_str()),
                    Label::new("result", kind.as_str()),
                ];
                challenges_by_threat.push(Key::from_parts(CHALLENGES_BY_THREAT, labels));
            }
        }
        let mut shadows = Vec::new();
        for shadow_action in Action::ALL {
            for policy_action in Action::ALL {
                let labels = vec![
                    Label::new("shadow_action", shadow_action.as_str()),
                    Label::new("policy_action", policy_action.as_str()),
                ];
                shadows.push(Key::from_parts(SHADOWS, labels));
            }
        }
        let challenges = ChallengeEventKind::ALL.iter();
        let callbacks = ChallengeResult::ALL.iter();
        Self {
            decisions,
            threats,
            shadows,
            fail_open: Reasons::new(FAIL_OPEN),
            fail_closed: Reasons::new(FAIL_CLOSED),
            challenges: challenges
                .map(|kind| one(CHALLENGES, "result", kind.as_str()))
                .collect(),
            challenges_by_threat,
            challenge_callbacks: callbacks
                .map(|result| one(CHALLENGE_CALLBACKS, "result", result.as_str()))
                .collect(),
            evaluated: one(VERDICT_DURATION, "outcome", EVALUATED),
            failed_open: one(VERDICT_DURATION, "outcome", FAILED_OPEN),
            failed_closed: one(VERDICT_DURATION, "outcome", FAILED_CLOSED),
        }
    }

    pub(super) fn decision(&self, decision: &Decision) -> Option<&Key> {
        let framework = framework(decision.middleware());
        let outcome = match decision.outcome() {
            Outcome::Evaluated(_) => 0,
            Outcome::FailedOpen(_) => 1,
            Outcome::FailedClosed(_) => 2,
            Outcome::Skipped(_) => 3,
        };
        let action = position(Action::ALL, &decision.action())?;
        let policy_action = position(Action::ALL, &decision.policy_action())?;
        let actions = Action::ALL.len();
        let row = (framework * OUTCOMES.len() + outcome) * actions + action;
        self.decisions.get(row * actions + policy_action)
    }

    /// `None` without a verdict, and for a visitor who is no threat.
    pub(super) fn threat(&self, decision: &Decision) -> Option<&Key> {
        let threat_type = decision.threat_type()?;
        if threat_type == ThreatType::Valid {
            return None;
        }
        let row = threat_row(threat_type);
        let policy_action = position(Action::ALL, &decision.policy_action())?;
        self.threats.get(row * Action::ALL.len() + policy_action)
    }

    /// `None` where the policy has no shadow.
    pub(super) fn shadow(&self, decision: &Decision) -> Option<&Key> {
        let row = position(Action::ALL, &decision.shadow_action()?)?;
        let policy_action = position(Action::ALL, &decision.policy_action())?;
        self.shadows.get(row * Action::ALL.len() + policy_action)
    }

    pub(super) fn challenge(&self, kind: ChallengeEventKind) -> Option<&Key> {
        self.challenges
            .get(position(ChallengeEventKind::ALL, &kind)?)
    }

    /// Where the threat type is not known, it is counted with those that have no name.
    pub(super) fn challenge_by_threat(&self, event: &ChallengeEvent) -> Option<&Key> {
        let row = event
            .threat_type
            .map_or(ThreatType::NAMED.len(), threat_row);
        let kind = position(ChallengeEventKind::ALL, &event.kind)?;
        self.challenges_by_threat
            .get(row * ChallengeEventKind::ALL.len() + kind)
    }

    pub(super) fn challenge_callback(&self, result: ChallengeResult) -> Option<&Key> {
        self.challenge_callbacks
            .get(position(ChallengeResult::ALL, &result)?)
    }

    /// `None` for a request that was not checked: its zero would hide the times of the others.
    pub(super) fn duration(&self, outcome: &Outcome) -> Option<&Key> {
        match outcome {
            Outcome::Evaluated(_) => Some(&self.evaluated),
            Outcome::FailedOpen(_) => Some(&self.failed_open),
            Outcome::FailedClosed(_) => Some(&self.failed_closed),
            Outcome::Skipped(_) => None,
        }
    }
}

fn one(name: &'static str, label: &'static str, value: &'static str) -> Key {
    Key::from_parts(name, vec![Label::new(label, value)])
}

/// The place in [`FRAMEWORKS`] of a middleware, from its name and version such as `rust_axum_0.1.0`.
fn framework(middleware: &str) -> usize {
    let prefixes = ["rust_axum_", "rust_actix_", "rust_rocket_"];
    let known = prefixes
        .iter()
        .position(|prefix| middleware.starts_with(prefix));
    known.unwrap_or(prefixes.len())
}

/// The place of a threat type: all without a name share the last.
fn threat_row(threat_type: ThreatType) -> usize {
    let named = position(ThreatType::NAMED, &threat_type);
    named.unwrap_or(ThreatType::NAMED.len())
}

pub(super) fn position<T: PartialEq>(all: &[T], one: &T) -> Option<usize> {
    all.iter().position(|other| other == one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_framework_is_one_of_four_words() {
        let name = |middleware| FRAMEWORKS[framework(middleware)];
        assert_eq!(name("rust_axum_0.1.0"), "axum");
        assert_eq!(name("rust_actix_1.0.0-rc.1"), "actix");
        assert_eq!(name("rust_rocket_0.1.0"), "rocket");
        for custom in ["rust_custom_0.1.0", "warp", "rust_axumx_1", "", "_"] {
            assert_eq!(name(custom), "custom");
        }
    }
}
