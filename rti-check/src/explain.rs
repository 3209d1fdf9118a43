//! What a configuration does with a request: played through an engine whose service has a set answer, so that
//! it cannot differ from what an application would do.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use rti_core::{
    ApiRequest, ApiResponse, ApiVersion, CallError, Config, Decision, FailOpenReason, HttpVersion,
    Mode, Outcome, Rti, RtiRequest, ThreatType, Transport,
};

use crate::arguments::Request;

/// Who asks: the same verdict has another response for each.
const REQUESTERS: [(&str, &[(&str, &str)]); 4] = [
    ("page", &[("sec-fetch-mode", "navigate")]),
    ("fetch", &[("sec-fetch-mode", "cors")]),
    (
        "image",
        &[("sec-fetch-dest", "image"), ("sec-fetch-mode", "no-cors")],
    ),
    ("gRPC", &[("content-type", "application/grpc")]),
];

/// The `test_secret` of what is explained: a test request is one for which blocking acts on everybody.
pub(crate) const TEST_SECRET: &str = "explained-not-sent";

/// A line for each verdict. The configuration has [`TEST_SECRET`].
pub(crate) async fn table(
    config: &Config,
    request: &Request,
    threat: Option<ThreatType>,
) -> String {
    let mut lines = vec![format!("{} {}", request.method, request.target)];
    let policies = config.policies().into_iter();
    let shares = policies.filter(|policy| acts_on_a_share(policy.mode, policy.enforce_percent));
    lines.extend(shares.map(|policy| {
        let (name, share) = (policy.name, policy.enforce_percent);
        format!("  where policy {name} acts: as for the {share} % of visitors on whom it does")
    }));
    for threat in threat.map_or_else(|| ThreatType::NAMED.to_vec(), |threat| vec![threat]) {
        let response = Ok(verdict(config.api_version(), threat));
        lines.push(line(config, request, &threat.to_string(), response).await);
    }
    let down = Err(FailOpenReason::Connect);
    lines.push(line(config, request, "no verdict", down).await);
    lines.join("\n") + "\n"
}

async fn line(
    config: &Config,
    request: &Request,
    verdict: &str,
    response: Result<String, FailOpenReason>,
) -> String {
    let rti = Rti::with_transport(config.clone(), Canned(response));
    let mut decisions = Vec::new();
    for (requester, headers) in REQUESTERS {
        decisions.push((requester, decide(&rti, config, request, headers).await));
    }
    let Some((_, decision)) = decisions.first() else {
        return String::new();
    };
    if let Outcome::Skipped(reason) = decision.outcome() {
        return format!("  {verdict}: not checked: {reason}");
    }
    let why = decision.rule().map(|rule| format!(" by {rule}"));
    let replies = decisions
        .iter()
        .map(|(requester, decision)| format!(" {requester}: {};", received(decision)));
    format!(
        "  {verdict}: policy {}: {}, blocking would {}{};{}",
        decision.policy(),
        decision.action(),
        decision.policy_action(),
        why.unwrap_or_default(),
        replies.collect::<String>(),
    )
}

/// As for a visitor of the share, where the policy has one.
async fn decide(
    rti: &Rti,
    config: &Config,
    request: &Request,
    headers: &[(&'static str, &'static str)],
) -> Decision {
    let decision = rti.decide(rti.inspect(&Visit { request, headers })).await;
    let policies = config.policies();
    let policy = policies
        .iter()
        .find(|policy| *policy.name == *decision.policy());
    if !policy.is_some_and(|policy| acts_on_a_share(policy.mode, policy.enforce_percent)) {
        return decision;
    }
    let headers = [headers, &[("x-rti-test", TEST_SECRET)]].concat();
    let visit = Visit {
        request,
        headers: &headers,
    };
    let acted = rti.decide(rti.inspect(&visit)).await;
    // A test makes monitoring policies act too; they are not what is asked for.
    let is_the_same = acted.policy() == decision.policy() && acted.rule() == decision.rule();
    if is_the_same { acted } else { decision }
}

fn acts_on_a_share(mode: Mode, enforce_percent: f64) -> bool {
    mode == Mode::Blocking && enforce_percent > 0.0 && enforce_percent < 100.0
}

/// What the visitor gets.
fn received(decision: &Decision) -> String {
    if decision.wants_challenge() {
        return "the challenge callback".to_owned();
    }
    match decision.reply() {
        None => "continues".to_owned(),
        Some(reply) => {
            let location = reply.headers().find(|(name, _)| *name == "location");
            let location = location.map(|(_, url)| format!(" to {url}"));
            format!("{}{}", reply.status(), location.unwrap_or_default())
        }
    }
}

/// The service's response for a threat type, as its protocol has it.
fn verdict(version: ApiVersion, threat: ThreatType) -> String {
    let code = threat.code();
    let is_invalid = threat != ThreatType::Valid;
    match version {
        ApiVersion::V1 | ApiVersion::V3 => {
            format!(
                r#"{{"isInvalid":{is_invalid},"threatTypeCode":{code},"requestId":"explained"}}"#
            )
        }
        _ => {
            let level = if is_invalid { "malicious" } else { "benign" };
            format!(
                r#"{{"decision":{{"verdict":"{level}"}},"classification":{{"code":{code}}},"ids":{{"rayId":"explained"}}}}"#
            )
        }
    }
}

struct Canned(Result<String, FailOpenReason>);

#[rti_core::async_trait]
impl Transport for Canned {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        let body = self.0.clone()?;
        Ok(ApiResponse::new(200, body))
    }
}

struct Visit<'a> {
    request: &'a Request,
    headers: &'a [(&'static str, &'static str)],
}

impl RtiRequest for Visit<'_> {
    fn method(&self) -> &str {
        &self.request.method
    }

    fn target(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.request.target)
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self.headers {
            visit(name, value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        Some(Ipv4Addr::LOCALHOST.into())
    }
}
