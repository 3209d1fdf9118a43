//! Taking the snapshot: one pass over the headers, and what follows from them.

mod headers;

use std::borrow::Cow;
use std::time::SystemTime;

use self::headers::Headers;
use super::bounds::{self, FIELD, SHORT};
use super::text::{self, Keep, Span};
use super::{Payload, Visitor};
use crate::client_ip::ClientIpSource;
use crate::event_type::EventType;
use crate::extractors::{Extracted, Extractors};
use crate::known_headers::KnownHeader;
use crate::path::{self, Target};
use crate::request::RtiRequest;

/// What the configuration says of the snapshot.
#[derive(Debug)]
pub(crate) struct CaptureRules {
    pub(crate) client_ip: ClientIpSource,
    pub(crate) trusted_host_header: Option<Box<str>>,
    pub(crate) request_id_header: Option<Box<str>>,
    pub(crate) extractors: Extractors,
    /// Whether the value of a header is of use, by its number.
    pub(crate) carried: [bool; KnownHeader::COUNT],
}

pub(crate) fn capture(
    rules: &CaptureRules,
    request: &dyn RtiRequest,
    target: Target<'_>,
    event_type: EventType,
    middleware: &'static str,
) -> Payload {
    let mut headers = Headers::visit(rules, request);
    let client_ip = rules
        .client_ip
        .resolve(request.peer_ip(), headers.forwarded());
    let host = host(rules, &mut headers, request, target);
    let request_url = host
        .filter(|host| headers.at(Some(*host)).is_some_and(path::is_authority))
        .map(|host| request_url(rules, &mut headers, request, target, host));
    Payload {
        event_type,
        method: method(request.method()),
        client_ip,
        time: micros_since_epoch(),
        header_order: request.header_order(),
        middleware,
        extracted: extracted(rules, request),
        request_url,
        host,
        platform_request_id: headers.platform_request_id,
        header_names: headers.names,
        requester: headers.signs.requester(),
        headers: headers.spans,
        cookies: headers
            .cookies
            .map(|cookie| cookie.filter(|span| !span.is_empty())),
        text: headers.text,
    }
}

/// Who sends a request and to which site, for requests that are not checked.
pub(crate) fn visitor(rules: &CaptureRules, request: &dyn RtiRequest) -> Visitor {
    let mut headers = Headers::visit(rules, request);
    let target = request.target();
    let host = host(rules, &mut headers, request, path::split(&target));
    let host = headers.at(host).filter(|host| path::is_authority(host));
    let user_agent = headers.at(headers.known(KnownHeader::UserAgent));
    Visitor {
        client_ip: rules
            .client_ip
            .resolve(request.peer_ip(), headers.forwarded()),
        host: host.map(Box::from),
        scheme: scheme(rules, &headers, request),
        user_agent: user_agent.map(Box::from),
    }
}

/// The host that the visitor asked for: of the header that is trusted for it, else `Host` or `:authority`. A
/// target whose authority is empty or broken leaves it to the header: without a host there is no URL.
fn host(
    rules: &CaptureRules,
    headers: &mut Headers,
    request: &dyn RtiRequest,
    target: Target<'_>,
) -> Option<Span> {
    let named = headers
        .trusted_host
        .filter(|host| !host.is_empty() && rules.client_ip.is_header_trusted(request.peer_ip()));
    if named.is_some() {
        return named;
    }
    let authority = [target.authority, request.authority()]
        .into_iter()
        .flatten()
        .map(path::without_user_info)
        .find(|authority| path::is_authority(authority));
    if let Some(authority) = authority {
        return Some(headers.text.push(authority, SHORT, Keep::Head));
    }
    let host = headers.known(KnownHeader::Host)?;
    let kept = path::without_user_info(headers.at(Some(host))?).len();
    Some(host.tail(kept)).filter(|host| !host.is_empty())
}

/// `https` or `http`: as a trusted proxy says, else as the connection shows.
fn scheme(rules: &CaptureRules, headers: &Headers, request: &dyn RtiRequest) -> &'static str {
    let forwarded = headers
        .at(headers.forwarded_proto)
        .filter(|_| rules.client_ip.is_trusted_proxy(request.peer_ip()));
    // Of several the last, which the proxy itself wrote.
    let forwarded = forwarded
        .and_then(|list| list.rsplit(',').next())
        .map(str::trim);
    match forwarded.or_else(|| request.scheme()) {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
        _ => "http",
    }
}

fn request_url(
    rules: &CaptureRules,
    headers: &mut Headers,
    request: &dyn RtiRequest,
    target: Target<'_>,
    host: Span,
) -> Span {
    let scheme = match scheme(rules, headers, request) {
        "https" => "https://",
        _ => "http://",
    };
    // The asterisk of `OPTIONS *` names the server, which has no path.
    let path = if target.path.starts_with('/') {
        target.path
    } else {
        "/"
    };
    let query = target.query.map(|query| ["?", query]).unwrap_or_default();
    let url = [path, query[0], query[1]];
    headers.text.concat(scheme, host, url, FIELD)
}

/// A path for those who only read it.
pub(crate) fn bounded_path(path: &str) -> &str {
    text::fit(path, FIELD, Keep::Head)
}

/// The usual methods cost no allocation.
pub(crate) fn method(method: &str) -> Cow<'static, str> {
    const USUAL: [&str; 9] = [
        "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
    ];
    match USUAL.into_iter().find(|usual| *usual == method) {
        Some(usual) => Cow::Borrowed(usual),
        None => Cow::Owned(text::fit(method, SHORT, Keep::Head).to_owned()),
    }
}

fn micros_since_epoch() -> u64 {
    let elapsed = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

fn extracted(rules: &CaptureRules, request: &dyn RtiRequest) -> Vec<(Extracted, String)> {
    let mut extracted = rules.extractors.run(request);
    for (what, value) in &mut extracted {
        value.truncate(text::fit(value, bounds::extracted(*what), Keep::Head).len());
    }
    extracted
}
