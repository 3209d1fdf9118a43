//! From a verdict to what is done with a request, by the policies that may be meant for it.

use std::cmp::Reverse;
use std::sync::Arc;

use super::{Enforcement, Policies, PolicyRules, Selected, Shadow, Share};
use crate::decision::{Action, Enforcing, Rule};
use crate::verdict::Verdict;
use crate::words::Mode;

/// The candidates for one request, and what they depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) policies: &'a Policies,
    pub(crate) selected: &'a Selected,
    /// Of the whole configuration.
    pub(crate) mode: Mode,
    pub(crate) enforcing: Enforcing,
}

/// What one candidate makes of a verdict.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) rules: &'a PolicyRules,
    /// What the policy says.
    pub(crate) enforcement: Enforcement,
    pub(crate) rule: Option<Rule>,
    /// What is done.
    pub(crate) applied: Enforcement,
}

impl<'a> Judge<'a> {
    /// Of several candidates the strictest; of equals the first. `custom` may replace what the lists say.
    pub(crate) fn judge(
        &self,
        verdict: &Verdict,
        custom: impl Fn(&PolicyRules, Enforcement) -> Enforcement,
    ) -> Judged<'a> {
        let by = |rules| self.judge_by(rules, verdict, &custom);
        let candidates = self.candidates();
        let judged = candidates.filter(|rules| self.is_checked(rules)).map(by);
        let strictness = |judged: &Judged<'_>| {
            let (applied, enforcement) = (judged.applied, judged.enforcement);
            Reverse((applied.strictness(), enforcement.strictness()))
        };
        let strictest = judged.min_by_key(strictness);
        strictest.unwrap_or_else(|| by(self.policies.first(self.selected)))
    }

    fn judge_by(
        &self,
        rules: &'a PolicyRules,
        verdict: &Verdict,
        custom: impl Fn(&PolicyRules, Enforcement) -> Enforcement,
    ) -> Judged<'a> {
        let (configured, rule) = rules.lists.enforcement(verdict);
        let enforcement = custom(rules, configured);
        Judged {
            rules,
            enforcement,
            rule: if enforcement == configured {
                rule
            } else {
                Some(Rule::Custom)
            },
            applied: if self.acts(rules) {
                enforcement
            } else {
                Enforcement::allow()
            },
        }
    }

    pub(crate) fn shadow_action(&self, shadow: &Shadow, verdict: &Verdict) -> Action {
        if self.is_enforced(shadow.mode, shadow.share) {
            shadow.lists.enforcement(verdict).0.action()
        } else {
            Action::Allow
        }
    }

    pub(crate) fn candidates(&self) -> impl Iterator<Item = &'a PolicyRules> + use<'a> {
        self.policies.of(self.selected)
    }

    /// The name of the policy, where no candidate checks the request.
    pub(crate) fn off(&self) -> Option<Arc<str>> {
        let is_off = !self.candidates().any(|rules| self.is_checked(rules));
        is_off.then(|| Arc::clone(&self.policies.first(self.selected).name))
    }

    pub(crate) fn is_checked(&self, rules: &PolicyRules) -> bool {
        self.enforcing == Enforcing::Always || self.mode_of(rules) != Mode::Off
    }

    pub(crate) fn acts(&self, rules: &PolicyRules) -> bool {
        let by_policy = || self.is_enforced(self.mode_of(rules), rules.share);
        self.enforcing == Enforcing::Always || by_policy()
    }

    fn mode_of(&self, rules: &PolicyRules) -> Mode {
        rules.mode.unwrap_or(self.mode)
    }

    fn is_enforced(&self, mode: Mode, share: Share) -> bool {
        mode == Mode::Blocking && share.contains(self.selected.bucket)
    }
}
