//! From a verdict to what the visitor gets.

use crate::config::{ResultHeader, Settings};
use crate::decision::{Action, Challenge, Response};
use crate::policy::{Enforcement, Policy, ResponseKind};
use crate::reply::{Reply, ReplyShape};
use crate::result_header;
use crate::verdict::Verdict;
use crate::words::Mode;

pub(super) fn respond(
    settings: &Settings,
    policy: Option<&dyn Policy>,
    verdict: &Verdict,
    shape: ReplyShape,
) -> Response {
    let Enforcement { action, response } = enforcement(settings, policy, verdict);
    let blocked = || Reply::blocked(shape.format, verdict);
    let reply = match (response, action) {
        (ResponseKind::PassThrough, _) | (ResponseKind::Captcha, Action::Challenge) => None,
        (ResponseKind::Redirect, _) => {
            let url = settings.redirect_url.as_ref();
            // The lists never redirect without one; a policy of the application's may.
            Some(url.map_or_else(blocked, |url| Reply::redirect(&url.location)))
        }
        (ResponseKind::NotFound, _) => Some(Reply::not_found()),
        // A blocked visitor whom nobody challenges stays blocked.
        (ResponseKind::AccessDenied | ResponseKind::Captcha, _) => Some(blocked()),
    };
    Response {
        action,
        reply: reply.map(|reply| shape.fit(reply)),
        challenge: match response {
            ResponseKind::Captcha => Challenge::Wanted,
            _ => Challenge::NotWanted,
        },
        result_header: (settings.result_header == ResultHeader::On)
            .then(|| result_header::value(settings.api_version, verdict)),
    }
}

fn enforcement(settings: &Settings, policy: Option<&dyn Policy>, verdict: &Verdict) -> Enforcement {
    if settings.mode == Mode::Monitoring {
        return Enforcement::allow();
    }
    let configured = settings.policy.enforcement(verdict);
    match policy {
        Some(policy) => policy.enforcement(verdict, configured),
        None => configured,
    }
}
