//! From a verdict, or from its absence, to what the visitor gets.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::config::Settings;
use crate::decision::{Action, ChallengeState, Outcome, RequestFacts, Response, Rule};
use crate::error::FailOpenReason;
use crate::policy::{Enforcement, Judge, Judged, Policy, PolicyInput, PolicyRules, ResponseKind};
use crate::reply::{Denial, Reply, ReplyShape};
use crate::result_header;
use crate::verdict::Verdict;
use crate::words::OnFailure;

/// What the response depends on, of one request.
pub(super) struct Responder<'a> {
    pub(super) settings: &'a Settings,
    pub(super) policy: Option<&'a dyn Policy>,
    pub(super) request: &'a RequestFacts,
    pub(super) shape: ReplyShape,
    pub(super) judge: Judge<'a>,
}

impl Responder<'_> {
    pub(super) fn respond(&self, verdict: &Verdict) -> Response {
        let Judged {
            rules,
            enforcement,
            rule,
            applied,
        } = self.judge.judge(verdict, |rules, configured| {
            self.custom(rules, verdict, configured)
        });
        Response {
            action: applied.action(),
            policy_action: enforcement.action(),
            rule,
            policy: Some(Arc::clone(&rules.name)),
            shadow_action: rules
                .shadow
                .as_ref()
                .map(|shadow| self.judge.shadow_action(shadow, verdict)),
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
        let judge = &self.judge;
        let is_closed = |rules: &&PolicyRules| rules.on_failure == OnFailure::Closed;
        let enforced = |rules: &&PolicyRules| judge.acts(rules);
        let closed = judge.candidates();
        let closed = closed.filter(|rules| is_closed(rules) && judge.is_checked(rules));
        // One that acts comes first.
        let Some(rules) = closed.min_by_key(|rules| Reverse(enforced(rules))) else {
            let response = Response {
                policy: judge
                    .candidates()
                    .next()
                    .map(|rules| Arc::clone(&rules.name)),
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

    fn reply(
        &self,
        verdict: &Verdict,
        applied: Enforcement,
        redirect_to: Option<&str>,
    ) -> Option<Reply> {
        let shape = &self.shape;
        let denied = || shape.denied(verdict, Denial::Blocked);
        match (applied.response_for(shape.requester), applied.action()) {
            (ResponseKind::PassThrough, _) | (ResponseKind::Captcha, Action::Challenge) => None,
            (ResponseKind::NotFound, _) => Some(shape.not_found()),
            (ResponseKind::Redirect, _) => {
                // The lists never redirect without a URL; a policy of the application's may.
                let redirect = |url| shape.fit(Reply::redirect(url, verdict.request_id()));
                Some(redirect_to.map_or_else(denied, redirect))
            }
            // A blocked visitor whom nobody challenges stays blocked.
            _ => Some(denied()),
        }
    }
}
