//! What a challenged visitor gets in place of the page.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rti_core::{ChallengeEventKind, Reply, Requester};
use serde_json::json;

use super::{Challenge, report};
use crate::challenged::Challenged;
use crate::page::{self, Kind, Page, Wait};
use crate::rate::{self, Counted};
use crate::refusal::Refusal;
use crate::request::ChallengeRequest;
use crate::resume::{Form, Return, ReturnPath, sign_return};
use crate::visitor::Network;
use crate::wait::WithoutScripts;

pub(super) fn reply(kit: &Challenge, request: &ChallengeRequest, challenged: &Challenged) -> Reply {
    if let Requester::Grpc | Requester::Subresource = challenged.requester {
        // Nobody could solve it there.
        return challenged.denial.clone().unwrap_or_else(refused);
    }
    // What a script gets is no challenge, and one that repeats its requests must not use up those of all who
    // share its address.
    if challenged.requester == Requester::Navigation && !may_have_challenge(kit, request) {
        return limited(kit, request);
    }
    report(
        request,
        ChallengeEventKind::Issued,
        challenged.threat_type,
        None,
    );
    match challenged.requester {
        Requester::Navigation => {
            let form = kit.sealing().seal(request, kit.now());
            let target = sign_return(
                &kit.settings().keys,
                &return_of(kit, request, challenged, &form),
            );
            show(
                kit,
                request,
                &target,
                &form,
                challenged.reference.as_deref(),
                None,
            )
        }
        _ => problem(kit, request, challenged),
    }
}

/// The page, for a first time or after a refused solution.
pub(super) fn show(
    kit: &Challenge,
    request: &ChallengeRequest,
    return_to: &str,
    form: &Form,
    reference: Option<&str>,
    refusal: Option<Refusal>,
) -> Reply {
    let settings = kit.settings();
    let lang = kit.lang_for(request);
    let permission = match settings.without_scripts {
        WithoutScripts::Wait(time) => {
            let seconds = time.as_secs();
            let permission = kit.waits().issue(request, kit.now(), seconds);
            permission.map(|permission| (permission, seconds))
        }
        WithoutScripts::Refuse => None,
    };
    let widget = settings.provider.as_ref().map(|provider| provider.widget());
    let page = Page {
        lang: &lang,
        prefix: &settings.prefix,
        kind: widget.as_ref().map_or(Kind::ProofOfWork, Kind::Provider),
        return_to,
        form,
        wait: permission.as_ref().map(|(permission, seconds)| Wait {
            permission,
            seconds: *seconds,
        }),
        reference,
        notice: refusal.map(|refusal| refusal.sentence(&lang.phrases.refusals)),
    };
    let status = refusal.map_or(403, Refusal::status);
    page.reply(status).unwrap_or_else(|_no_random| refused())
}

/// Where a visitor returns to: the page that was asked for. A POST that is not kept returns to the page
/// it was made from, since its own path may answer to POST alone.
fn return_of(
    kit: &Challenge,
    request: &ChallengeRequest,
    challenged: &Challenged,
    form: &Form,
) -> Return {
    let target = match (challenged.requester, form) {
        (Requester::Navigation, Form::None) => Some(request.target()),
        _ => request.referring_page(),
    };
    let path = target
        .filter(|target| !kit.owns(target))
        .and_then(ReturnPath::parse);
    Return {
        path: path.unwrap_or_else(ReturnPath::root),
        threat_type: challenged.threat_type,
    }
}

/// For a script: it can solve the challenge itself, or open the page.
fn problem(kit: &Challenge, request: &ChallengeRequest, challenged: &Challenged) -> Reply {
    let settings = kit.settings();
    let prefix = &settings.prefix;
    let target = return_of(kit, request, challenged, &Form::Lost);
    let target = sign_return(&settings.keys, &target);
    let return_to = utf8_percent_encode(&target, NON_ALPHANUMERIC);
    let mut problem = json!({
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "This request looks automated. Solve the challenge and send it again.",
        "challenge": {
            "required": true,
            "kind": settings.method(),
            "url": format!("{prefix}page?return_to={return_to}"),
            "verify": format!("{prefix}verify"),
        },
    });
    // A captcha service has its own challenges.
    let members = problem.pointer_mut("/challenge");
    if let (None, Some(members)) = (
        &settings.provider,
        members.and_then(|it| it.as_object_mut()),
    ) {
        let url = format!("{prefix}challenge?return_to={return_to}");
        members.insert("challenge".to_owned(), url.into());
    }
    if let (Some(reference), Some(members)) = (&challenged.reference, problem.as_object_mut()) {
        members.insert("reference".to_owned(), reference.as_str().into());
    }
    Reply::new(403)
        .with_header("content-type", "application/problem+json")
        .with_header("cache-control", "no-store")
        .with_body(problem.to_string())
}

/// Counts a challenge, or the page of one. `false` where the network of this visitor has had too many.
pub(super) fn may_have_challenge(kit: &Challenge, request: &ChallengeRequest) -> bool {
    let network = Network::of(request.client_ip());
    let rates = &kit.settings().rates;
    rates.count(network, Counted::Challenge, kit.now())
}

/// Beyond a limit: a page for browsers, and a reason for programs.
pub(super) fn limited(kit: &Challenge, request: &ChallengeRequest) -> Reply {
    let lang = kit.lang_for(request);
    let page = request.wants_html().then(|| page::limited(&lang));
    match page {
        Some(Ok(page)) => page.with_header("retry-after", seconds_left(kit)),
        _ => rate_limited(kit),
    }
}

fn seconds_left(kit: &Challenge) -> String {
    rate::seconds_left(kit.now()).to_string()
}

pub(super) fn rate_limited(kit: &Challenge) -> Reply {
    refusal_as_json(Refusal::RateLimited).with_header("retry-after", seconds_left(kit))
}

/// A refusal for programs.
pub(super) fn refusal_as_json(refusal: Refusal) -> Reply {
    let problem = json!({
        "type": "about:blank",
        "title": "The solution was refused",
        "status": refusal.status(),
        "reason": refusal.as_str(),
    });
    Reply::new(refusal.status())
        .with_header("content-type", "application/problem+json")
        .with_header("cache-control", "no-store")
        .with_body(problem.to_string())
}

pub(super) fn refused() -> Reply {
    Reply::new(403).with_header("cache-control", "no-store")
}
