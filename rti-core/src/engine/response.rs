//! From a verdict, or from its absence, to what the visitor gets.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::config::Settings;
use crate::decision::{Action, ChallengeState, Enforcing, Outcome, RequestFacts, Response, Rule};
use crate::error::FailOpenReason;
use crate::policy::{
    Enforcement, Policy, PolicyInput, PolicyRules, ResponseKind, Selected, Shadow, Share,
};
use crate::reply::{Denial, Reply, ReplyShape};
use crate::requester::Requester;
use crate::result_header;
use crate::verdict::Verdict;
use crate::words::{Mode, OnFailure};

/// What the response depends on, of one request.
pub(super) struct Responder<'a> {
    pub(super) settings: &'a Settings,
    pub(super) policy: Option<&'a dyn Policy>,
    pub(super) request: &'a RequestFacts,
    pub(super) shape: ReplyShape,
    /// Of the whole configuration.
    pub(super) mode: Mode,
    pub(super) selected: &'a Selected,
    pub(super) enforcing: Enforcing,
}

/// What one candidate makes of a verdict.
struct Judged<'a> {
    rules: &'a PolicyRules,
    /// What the policy says.
    enforcement: Enforcement,
    rule: Option<Rule>,
    /// What is done.
    applied: Enforcement,
}

impl<'a> Responder<'a> {
    pub(super) fn respond(&self, verdict: &Verdict) -> Response {
        let Judged {
            rules,
            enforcement,
            rule,
            applied,
        } = self.judge(verdict);
        Response {
            action: applied.action(),
            policy_action: enforcement.action(),
            rule,
            policy: Some(Arc::clone(&rules.name)),
            shadow_action: rules
                .shadow
                .as_ref()
                .map(|shadow| self.shadow_action(shadow, verdict)),
            reply: self.reply(verdict, applied, rules.redirect_to.as_deref()),
            challenge: match applied.response() {
                ResponseKind::Captcha => ChallengeState::Wanted,
                _ => ChallengeState::NotWanted,
            },
            result_header: result_header::value(
                self.settings.result_header,
                self.settings.api_version,
                verdict,
            ),
            shape: Some(self.shape.clone()),
        }
    }

    /// There is no verdict: a policy may be closed then.
    pub(super) fn fail(&self, reason: FailOpenReason) -> (Outcome, Response) {
        let candidates = || self.settings.policies.of(self.selected);
        let is_closed = |rules: &&PolicyRules| rules.on_failure == OnFailure::Closed;
        let enforced = |rules: &&PolicyRules| self.acts(rules);
        let closed = candidates().filter(|rules| is_closed(rules) && self.is_checked(rules));
        // One that acts comes first.
        let Some(rules) = closed.min_by_key(|rules| Reverse(enforced(rules))) else {
            let response = Response {
                policy: candidates().next().map(|rules| Arc::clone(&rules.name)),
                ..Response::PASS_THROUGH
            };
            return (Outcome::FailedOpen(reason), response);
        };
        let response = Response {
            policy_action: Action::Block,
            rule: Some(Rule::OnFailure),
            policy: Some(Arc::clone(&rules.name)),
            shape: Some(self.shape.clone()),
            ..Response::PASS_THROUGH
        };
        if !enforced(&rules) {
            return (Outcome::FailedOpen(reason), response);
        }
        let response = Response {
            action: Action::Block,
            reply: Some(self.shape.unavailable()),
            ..response
        };
        (Outcome::FailedClosed(reason), response)
    }

    /// Of several candidates the strictest; of equals the first.
    fn judge(&self, verdict: &Verdict) -> Judged<'a> {
        let policies = &self.settings.policies;
        let candidates = policies.of(self.selected);
        let judged = candidates
            .filter(|rules| self.is_checked(rules))
            .map(|rules| self.judge_by(rules, verdict));
        let strictness = |judged: &Judged<'_>| {
            let (applied, enforcement) = (judged.applied, judged.enforcement);
            Reverse((applied.strictness(), enforcement.strictness()))
        };
        let strictest = judged.min_by_key(strictness);
        strictest.unwrap_or_else(|| self.judge_by(policies.first(self.selected), verdict))
    }

    fn judge_by(&self, rules: &'a PolicyRules, verdict: &Verdict) -> Judged<'a> {
        let (configured, rule) = rules.lists.enforcement(verdict);
        let enforcement = self.custom(rules, verdict, configured);
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

    /// What a policy of the application's makes of it, if there is one.
    fn custom(
        &self,
        rules: &PolicyRules,
        verdict: &Verdict,
        configured: Enforcement,
    ) -> Enforcement {
        let (Some(policy), Some(event_type)) = (self.policy, &self.request.event_type) else {
            return configured;
        };
        policy.enforcement(&PolicyInput {
            verdict,
            configured,
            method: &self.request.method,
            path: &self.request.path,
            client_ip: self.request.client_ip,
            event_type,
            requester: self.shape.requester,
            policy: &rules.name,
        })
    }

    fn shadow_action(&self, shadow: &Shadow, verdict: &Verdict) -> Action {
        if self.is_enforced(shadow.mode, shadow.share) {
            shadow.lists.enforcement(verdict).0.action()
        } else {
            Action::Allow
        }
    }

    fn mode_of(&self, rules: &PolicyRules) -> Mode {
        rules.mode.unwrap_or(self.mode)
    }

    fn is_checked(&self, rules: &PolicyRules) -> bool {
        self.enforcing == Enforcing::Always || self.mode_of(rules) != Mode::Off
    }

    fn acts(&self, rules: &PolicyRules) -> bool {
        let by_policy = || self.is_enforced(self.mode_of(rules), rules.share);
        self.enforcing == Enforcing::Always || by_policy()
    }

    fn is_enforced(&self, mode: Mode, share: Share) -> bool {
        mode == Mode::Blocking && share.contains(self.selected.bucket)
    }

    fn reply(
        &self,
        verdict: &Verdict,
        applied: Enforcement,
        redirect_to: Option<&str>,
    ) -> Option<Reply> {
        let shape = &self.shape;
        let denied = || shape.denied(verdict, Denial::Blocked);
        match (applied.response(), applied.action()) {
            (ResponseKind::PassThrough, _) | (ResponseKind::Captcha, Action::Challenge) => None,
            (ResponseKind::NotFound, _) => Some(shape.not_found()),
            // A script would follow a redirect, and take the page for its response.
            (ResponseKind::Redirect, _) if shape.requester == Requester::Navigation => {
                // The lists never redirect without a URL; a policy of the application's may.
                let redirect = |url| shape.fit(Reply::redirect(url, verdict.request_id()));
                Some(redirect_to.map_or_else(denied, redirect))
            }
            // A blocked visitor whom nobody challenges stays blocked.
            _ => Some(denied()),
        }
    }
}
