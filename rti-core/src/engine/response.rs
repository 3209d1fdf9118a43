//! From a verdict to what the visitor gets.

use crate::config::Settings;
use crate::decision::{Action, Challenge, Response};
use crate::policy::{Enforcement, Policy, ResponseKind};
use crate::reply::{Denial, Reply, ReplyShape};
use crate::requester::Requester;
use crate::result_header;
use crate::verdict::Verdict;
use crate::words::{Mode, ResultHeader};

pub(super) fn respond(
    settings: &Settings,
    policy: Option<&dyn Policy>,
    verdict: &Verdict,
    shape: ReplyShape,
) -> Response {
    let Enforcement { action, response } = enforcement(settings, policy, verdict);
    let denied = || shape.denied(verdict, Denial::Blocked);
    let reply = match (response, action) {
        (ResponseKind::PassThrough, _) | (ResponseKind::Captcha, Action::Challenge) => None,
        (ResponseKind::NotFound, _) => Some(shape.fit(Reply::not_found())),
        // A script would follow a redirect, and take the page for its response.
        (ResponseKind::Redirect, _) if shape.requester == Requester::Navigation => {
            let url = settings.redirect_url.as_ref();
            // The lists never redirect without one; a policy of the application's may.
            Some(url.map_or_else(denied, |url| shape.fit(Reply::redirect(&url.location))))
        }
        // A blocked visitor whom nobody challenges stays blocked.
        _ => Some(denied()),
    };
    Response {
        action,
        reply,
        challenge: match response {
            ResponseKind::Captcha => Challenge::Wanted,
            _ => Challenge::NotWanted,
        },
        result_header: (settings.result_header == ResultHeader::On)
            .then(|| result_header::value(settings.api_version, verdict)),
        shape,
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
