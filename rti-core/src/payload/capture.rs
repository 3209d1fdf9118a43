//! Taking the snapshot: one pass over the headers, and what follows from them.

mod headers;

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::SystemTime;

use self::headers::Headers;
use super::Payload;
use super::bounds::{self, FIELD, SHORT};
use super::text::{self, Keep, Span};
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
    let peer = request.peer_ip();
    let mut headers = Headers::visit(rules, request);
    let client_ip = rules.client_ip.resolve(peer, headers.forwarded());
    let peer_trust = if rules.client_ip.is_trusted_proxy(peer) {
        PeerTrust::Trusted
    } else {
        PeerTrust::Untrusted
    };
    let named = headers
        .trusted_host
        .filter(|host| !host.is_empty() && rules.client_ip.is_header_trusted(peer));
    let host = named.or_else(|| host(&mut headers, request, target));
    let request_url = host
        .filter(|host| headers.at(Some(*host)).is_some_and(path::is_authority))
        .map(|host| request_url(&mut headers, request, target, peer_trust, host));
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

/// The client address and the user agent alone, for observers of requests that are not checked.
pub(crate) fn visitor(
    rules: &CaptureRules,
    request: &dyn RtiRequest,
) -> (Option<IpAddr>, Option<Box<str>>) {
    let headers = Headers::visit(rules, request);
    let client_ip = rules
        .client_ip
        .resolve(request.peer_ip(), headers.forwarded());
    let user_agent = headers.at(headers.known(KnownHeader::UserAgent));
    (client_ip, user_agent.map(Box::from))
}

/// Whether the connection comes from a proxy whose word is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeerTrust {
    Trusted,
    Untrusted,
}

/// `Host` or `:authority`. A target whose authority is empty or broken leaves it to the header:
/// without a host there is no URL.
fn host(headers: &mut Headers, request: &dyn RtiRequest, target: Target<'_>) -> Option<Span> {
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

fn request_url(
    headers: &mut Headers,
    request: &dyn RtiRequest,
    target: Target<'_>,
    peer_trust: PeerTrust,
    host: Span,
) -> Span {
    let forwarded = headers
        .at(headers.forwarded_proto)
        .filter(|_| peer_trust == PeerTrust::Trusted);
    // Of several the last, which the proxy itself wrote.
    let forwarded = forwarded
        .and_then(|list| list.rsplit(',').next())
        .map(str::trim);
    let scheme = match forwarded.or_else(|| request.scheme()) {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https://",
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
