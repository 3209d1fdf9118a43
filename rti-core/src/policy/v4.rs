//! Protocols v4: the level decides, and lists of codes and reasons add to it.

use std::collections::BTreeSet;

use super::{Enforcement, ResponseKind};
use crate::decision::{Action, Rule};
use crate::verdict::{Verdict, VerdictLevel};
use crate::words::Strategy;

/// What leads to an action beside the level of the verdict. The lists only ever add.
#[derive(Debug, Clone, Default)]
pub(crate) struct VerdictLists {
    pub(crate) block: Triggers,
    pub(crate) challenge: Triggers,
    pub(crate) redirect: Triggers,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Triggers {
    pub(crate) codes: BTreeSet<i64>,
    pub(crate) reasons: BTreeSet<i64>,
}

impl Triggers {
    /// The entry that matches, by the names of the two options.
    fn find(&self, verdict: &Verdict, [codes, reasons]: [&'static str; 2]) -> Option<Rule> {
        let code = verdict.threat_type().code();
        if self.codes.contains(&code) {
            let option = codes;
            return Some(Rule::Code { option, code });
        }
        if self.reasons.is_empty() {
            return None;
        }
        let mut of_verdict = verdict.reasons().iter().copied();
        let reason = of_verdict.find(|reason| self.reasons.contains(reason))?;
        let option = reasons;
        Some(Rule::Reason { option, reason })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.codes.is_empty() && self.reasons.is_empty()
    }
}

impl VerdictLists {
    /// The first that matches wins: block, challenge, redirect.
    pub(super) fn action(&self, verdict: &Verdict) -> (Action, Option<Rule>) {
        let level = |level| {
            let found = verdict.level().filter(|found| **found == level);
            found.cloned().map(Rule::Level)
        };
        let block = || self.block.find(verdict, ["block_codes", "block_reasons"]);
        let challenge = || {
            let options = ["challenge_codes", "challenge_reasons"];
            self.challenge.find(verdict, options)
        };
        let redirect = || {
            let options = ["redirect_codes", "redirect_reasons"];
            self.redirect.find(verdict, options)
        };
        if let rule @ Some(_) = level(VerdictLevel::Malicious).or_else(block) {
            (Action::Block, rule)
        } else if let rule @ Some(_) = level(VerdictLevel::Suspicious).or_else(challenge) {
            (Action::Challenge, rule)
        } else if let rule @ Some(_) = redirect() {
            (Action::Redirect, rule)
        } else {
            (Action::Allow, None)
        }
    }
}

/// How actions show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Strategies {
    pub(crate) blocking: Strategy,
    pub(crate) challenging: Strategy,
}

impl Strategies {
    pub(super) fn can_challenge(self) -> bool {
        self.challenging == Strategy::Captcha
    }

    pub(super) fn enforcement(self, action: Action) -> Enforcement {
        let response = match action {
            Action::Block => response_kind(self.blocking),
            Action::Challenge => response_kind(self.challenging),
            Action::Redirect => ResponseKind::Redirect,
            Action::Allow => ResponseKind::PassThrough,
        };
        Enforcement { action, response }
    }
}

fn response_kind(strategy: Strategy) -> ResponseKind {
    match strategy {
        Strategy::AccessDenied => ResponseKind::AccessDenied,
        Strategy::NotFound => ResponseKind::NotFound,
        Strategy::Redirect => ResponseKind::Redirect,
        Strategy::Captcha => ResponseKind::Captcha,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::ApiVersion;

    fn verdict(word: &str, code: i64, reasons: &[i64]) -> Verdict {
        let response = serde_json::json!({
            "decision": {"verdict": word},
            "classification": {"code": code},
            "ids": {"rayId": "r"},
            "cheqDetection": {"reasons": reasons},
        });
        Verdict::decode(ApiVersion::V4_1, response.to_string().as_bytes()).unwrap()
    }

    fn lists() -> VerdictLists {
        let triggers = |code, reason| Triggers {
            codes: [code].into(),
            reasons: [reason].into(),
        };
        VerdictLists {
            block: triggers(1, -1),
            challenge: triggers(2, -2),
            redirect: triggers(3, -3),
        }
    }

    #[test]
    fn the_first_that_matches_wins() {
        for (word, code, reasons, expected) in [
            ("benign", 0, &[][..], Action::Allow),
            ("odd", 0, &[], Action::Allow),
            ("malicious", 3, &[-2], Action::Block),
            ("benign", 1, &[-2], Action::Block),
            ("suspicious", 0, &[7, -1], Action::Block),
            ("suspicious", 3, &[], Action::Challenge),
            ("benign", 2, &[-3], Action::Challenge),
            ("odd", 3, &[-2], Action::Challenge),
            ("benign", 3, &[], Action::Redirect),
            ("benign", 0, &[9, -3], Action::Redirect),
        ] {
            assert_eq!(
                lists().action(&verdict(word, code, reasons)).0,
                expected,
                "{word} {code} {reasons:?}"
            );
        }
    }

    #[test]
    fn without_lists_the_level_decides() {
        let lists = VerdictLists::default();
        assert_eq!(lists.action(&verdict("malicious", 0, &[])).0, Action::Block);
        assert_eq!(
            lists.action(&verdict("suspicious", 3, &[])).0,
            Action::Challenge
        );
        assert_eq!(lists.action(&verdict("benign", 3, &[-5])).0, Action::Allow);
    }
}
