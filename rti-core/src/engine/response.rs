//! From a verdict to what the visitor gets.

use crate::config::{RedirectUrl, Settings};
use crate::decision::{Action, ChallengeState, RequestFacts, Response, Rule};
use crate::policy::{Enforcement, Policy, PolicyInput, ResponseKind};
use crate::reply::{Denial, Reply, ReplyShape};
use crate::requester::Requester;
use crate::result_header;
use crate::verdict::Verdict;
use crate::words::Mode;

/// What the response depends on, of one request.
pub(super) struct Responder<'a> {
    pub(super) settings: &'a Settings,
    pub(super) policy: Option<&'a dyn Policy>,
    pub(super) request: &'a RequestFacts,
    pub(super) shape: ReplyShape,
}

impl Responder<'_> {
    pub(super) fn respond(&self, verdict: &Verdict) -> Response {
        let (enforcement, rule) = self.enforcement(verdict);
        let policy_action = enforcement.action();
        let Enforcement { action, response } = match self.settings.mode {
            Mode::Monitoring => Enforcement::allow(),
            Mode::Blocking => enforcement,
        };
        Response {
            action,
            policy_action,
            rule,
            reply: self.reply(verdict, response, action),
            challenge: match response {
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

    fn reply(&self, verdict: &Verdict, response: ResponseKind, action: Action) -> Option<Reply> {
        let shape = &self.shape;
        let denied = || shape.denied(verdict, Denial::Blocked);
        match (response, action) {
            (ResponseKind::PassThrough, _) | (ResponseKind::Captcha, Action::Challenge) => None,
            (ResponseKind::NotFound, _) => Some(shape.not_found()),
            // A script would follow a redirect, and take the page for its response.
            (ResponseKind::Redirect, _) if shape.requester == Requester::Navigation => {
                let url = self.settings.redirect_url.as_ref();
                // The lists never redirect without one; a policy of the application's may.
                let redirect =
                    |url: &RedirectUrl| Reply::redirect(&url.location, verdict.request_id());
                Some(url.map_or_else(denied, |url| shape.fit(redirect(url))))
            }
            // A blocked visitor whom nobody challenges stays blocked.
            _ => Some(denied()),
        }
    }

    fn enforcement(&self, verdict: &Verdict) -> (Enforcement, Option<Rule>) {
        let (configured, rule) = self.settings.policy.enforcement(verdict);
        let (Some(policy), Some(event_type)) = (self.policy, &self.request.event_type) else {
            return (configured, rule);
        };
        let enforcement = policy.enforcement(&PolicyInput {
            verdict,
            configured,
            method: &self.request.method,
            path: &self.request.path,
            client_ip: self.request.client_ip,
            event_type,
            requester: self.shape.requester,
        });
        let changed = enforcement != configured;
        (enforcement, if changed { Some(Rule::Custom) } else { rule })
    }
}
