//! The paths of the kit: the challenge, its page and files, and where solutions go.

use rti_core::{ChallengeEventKind, Reply};

use super::submission::Submission;
use super::{Challenge, interstitial, report, verification};
use crate::assets;
use crate::clearance::Grade;
use crate::page;
use crate::refusal::Refusal;
use crate::request::{ChallengeRequest, Source};
use crate::resume::{Form, Return, ReturnPath, read_return, sign_return};

pub(super) async fn reply(kit: &Challenge, request: &ChallengeRequest) -> Reply {
    let path = request.path().strip_prefix(&*kit.settings().prefix);
    let is_read = matches!(request.method(), "GET" | "HEAD");
    let reply = match path.unwrap_or_default() {
        "challenge" if is_read => challenge(kit, request),
        "page" if is_read => page(kit, request),
        "verify" if request.method() == "POST" => return verify(kit, request).await,
        "challenge" | "page" => Reply::new(405).with_header("allow", "GET, HEAD"),
        "verify" => Reply::new(405).with_header("allow", "POST"),
        other => match other.strip_prefix("assets/").and_then(assets::reply) {
            Some(asset) if is_read => asset,
            Some(_) => Reply::new(405).with_header("allow", "GET, HEAD"),
            None => Reply::new(404),
        },
    };
    match request.method() {
        "HEAD" => reply.headers_alone(),
        _ => reply,
    }
}

/// An ALTCHA challenge as JSON, for the network and user agent that will redeem it. A page of scripts whose
/// request was challenged names in `return_to` why it was.
fn challenge(kit: &Challenge, request: &ChallengeRequest) -> Reply {
    let settings = kit.settings();
    if settings.provider.is_some() {
        return Reply::new(404);
    }
    // A page of another site cannot read it, and must not use up those of its visitor's network.
    if request.source() == Source::Elsewhere {
        return interstitial::refusal_as_json(Refusal::CrossSite);
    }
    if !interstitial::may_have_challenge(kit, request) {
        return interstitial::rate_limited(kit);
    }
    let threat_type = return_of_query(kit, request).and_then(|target| target.threat_type);
    let challenge = kit.work().issue(request, threat_type, kit.now());
    let json = challenge.and_then(|challenge| serde_json::to_vec(&challenge).ok());
    match json {
        Some(json) => Reply::new(200)
            .with_header("content-type", "application/json")
            .with_header("cache-control", "no-store")
            .with_body(json),
        None => interstitial::refusal_as_json(Refusal::Unavailable),
    }
}

/// The page by itself, for a page of scripts whose request was challenged.
fn page(kit: &Challenge, request: &ChallengeRequest) -> Reply {
    if !interstitial::may_have_challenge(kit, request) {
        return interstitial::limited(kit, request);
    }
    let return_to = return_of_query(kit, request).unwrap_or_else(to_the_root);
    let return_to = sign_return(&kit.settings().keys, &return_to);
    interstitial::show(kit, request, &return_to, &Form::None, None, None)
}

fn return_of_query(kit: &Challenge, request: &ChallengeRequest) -> Option<Return> {
    form_urlencoded::parse(request.query().as_bytes())
        .filter(|(name, _)| name == "return_to")
        .find_map(|(_, value)| read_return(&kit.settings().keys, &value))
}

async fn verify(kit: &Challenge, request: &ChallengeRequest) -> Reply {
    let submission = Submission::read(request, kit.settings().provider.as_deref());
    let return_to = submission.as_ref().ok().and_then(|submission| {
        let text = submission.return_to.as_deref()?;
        read_return(&kit.settings().keys, text)
    });
    let of_page = return_to.as_ref().and_then(|target| target.threat_type);
    let read = submission.as_ref().map_err(|refusal| *refusal);
    let verified = verification::verify(kit, request, read).await;
    let return_to = return_to.unwrap_or_else(to_the_root);
    match verified {
        Ok(cleared) => {
            let kind = match cleared.grade {
                Grade::Solved => ChallengeEventKind::Passed,
                // Nobody has proven anything.
                Grade::Provisional => ChallengeEventKind::ProviderError,
            };
            report(request, kind, cleared.threat_type.or(of_page), None);
            let sealed = submission.ok().and_then(|submission| submission.resume);
            passed(kit, request, sealed.as_deref(), &return_to)
                .await
                .with_header("set-cookie", cleared.cookie)
        }
        Err(refusal) => {
            report(request, refusal.event(), of_page, Some(refusal));
            let sealed = submission.ok().and_then(|submission| submission.resume);
            refused(kit, request, refusal, &return_to, sealed)
        }
    }
}

/// Back to the page, or on with the form that was sent.
async fn passed(
    kit: &Challenge,
    request: &ChallengeRequest,
    sealed: Option<&str>,
    return_to: &Return,
) -> Reply {
    if request.wants_json() {
        return Reply::new(200)
            .with_header("content-type", "application/json")
            .with_header("cache-control", "no-store")
            .with_body(r#"{"passed": true}"#);
    }
    // A form that another site made a browser send here would go on as one of this site's own.
    if let Some(sealed) = sealed.filter(|_| request.source() == Source::SameOrigin)
        && let Some(form) = verification::take_form(kit, request, sealed).await
        && let Ok(reply) = page::resubmit(&form, &kit.lang_for(request))
    {
        return reply;
    }
    Reply::new(303)
        .with_header("location", return_to.path.as_str().to_owned())
        .with_header("cache-control", "no-store")
}

/// A page with a new challenge for a browser, which keeps what was sealed; a reason for a program.
fn refused(
    kit: &Challenge,
    request: &ChallengeRequest,
    refusal: Refusal,
    return_to: &Return,
    sealed: Option<String>,
) -> Reply {
    if refusal == Refusal::RateLimited {
        return interstitial::limited(kit, request);
    }
    let is_of_this_site = request.source() == Source::SameOrigin;
    if !request.wants_html() || !is_of_this_site {
        return interstitial::refusal_as_json(refusal);
    }
    // Each page has a permission to continue without scripts.
    if !interstitial::may_have_challenge(kit, request) {
        return interstitial::limited(kit, request);
    }
    let return_to = sign_return(&kit.settings().keys, return_to);
    // It is shown again only where it opens: it is put into the page.
    let form = sealed
        .filter(|sealed| kit.sealing().open(sealed, request, kit.now()).is_some())
        .map_or(Form::None, Form::Sealed);
    interstitial::show(kit, request, &return_to, &form, None, Some(refusal))
}

fn to_the_root() -> Return {
    Return {
        path: ReturnPath::root(),
        threat_type: None,
    }
}
