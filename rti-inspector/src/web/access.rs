//! Who may see it: the checks before every path, also those that there are not.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN, SET_COOKIE,
};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use subtle::ConstantTimeEq as _;

use super::api;
use crate::page;
use crate::store::Shared;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a request must show.
pub(crate) struct Access {
    hosts: Hosts,
    /// The name of the page's cookie; `None` behind a login.
    cookie: Option<String>,
}

/// The values of `Host` that are answered. Any other may be a name of a stranger's that was made to lead to
/// this address (DNS rebinding), whose page could read everything.
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    pub(crate) fn new(hosts: impl IntoIterator<Item = String>) -> Self {
        let lower = hosts
            .into_iter()
            .map(|host| host.trim().to_ascii_lowercase());
        Self(lower.filter(|host| !host.is_empty()).collect())
    }

    /// The loopback addresses and names, with the port.
    pub(crate) fn loopback(port: u16) -> Self {
        let names = ["127.0.0.1", "[::1]", "localhost"];
        let mut hosts: Vec<_> = names.iter().map(|name| format!("{name}:{port}")).collect();
        if port == 80 {
            hosts.extend(names.map(str::to_owned));
        }
        Self(hosts)
    }

    pub(crate) fn with(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(Self::new(hosts).0);
        self
    }

    fn contain(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

impl Access {
    pub(crate) fn with_token(hosts: Hosts, address: SocketAddr) -> Self {
        Self {
            hosts,
            // Cookies know no ports: with one name, two inspectors would take each other's.
            cookie: Some(format!("rti_inspector_{}", address.port())),
        }
    }

    pub(crate) fn behind_login(hosts: Hosts) -> Self {
        Self {
            hosts,
            cookie: None,
        }
    }
}

pub(super) async fn check(
    State((shared, access)): State<(Arc<Shared>, Arc<Access>)>,
    request: Request,
    next: Next,
) -> Response {
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    let Some(host) = host(uri, headers).filter(|host| access.hosts.contain(host)) else {
        return api::error(
            StatusCode::MISDIRECTED_REQUEST,
            "not a host of the inspector: where it is one, name it in RTI_INSPECTOR_HOSTS (`hosts`)",
        );
    };
    if !is_same_origin(&host, method, uri, headers) {
        return api::error(StatusCode::FORBIDDEN, "a page of another origin");
    }
    let Some(cookie) = &access.cookie else {
        return next.run(request).await;
    };
    if is_page(method, uri)
        && let Some(token) = query_token(uri)
        && is_equal(token, &shared.token)
    {
        // So that the token is in no history and no screenshot.
        let value = format!("{cookie}={token}; HttpOnly; SameSite=Strict; Path=/");
        return (
            StatusCode::SEE_OTHER,
            [(LOCATION, "/"), (SET_COOKIE, &*value)],
        )
            .into_response();
    }
    let is_own = |token| is_equal(token, &shared.token);
    if bearer(headers).is_some_and(is_own) || cookies(headers, cookie).any(is_own) {
        return next.run(request).await;
    }
    if is_page(method, uri) {
        return page::without_token();
    }
    api::error(
        StatusCode::UNAUTHORIZED,
        "no token, or not this inspector's",
    )
}

/// Of `Host`, or of the target where it names one. Two that differ are none.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let mut all = headers.get_all(HOST).iter();
    let named = all.next().map(|host| host.to_str().unwrap_or_default());
    if all.next().is_some() {
        return None;
    }
    let target = uri.authority().map(axum::http::uri::Authority::as_str);
    match (named, target) {
        (Some(named), Some(target)) if !named.eq_ignore_ascii_case(target) => None,
        (named, target) => named.or(target).map(str::to_owned),
    }
}

/// Whether the request comes from the inspector's own page, or from no page. Browsers name the origin with
/// every POST, with every event stream of another origin, and tell the site of all requests.
fn is_same_origin(host: &str, method: &Method, uri: &Uri, headers: &HeaderMap) -> bool {
    let is_origin = |origin: &str| {
        let host_of = |scheme| origin.strip_prefix(scheme);
        let named = host_of("http://").or_else(|| host_of("https://"));
        named.is_some_and(|named| named.eq_ignore_ascii_case(host))
    };
    let mut origins = headers.get_all(ORIGIN).iter();
    if !origins.all(|origin| origin.to_str().is_ok_and(is_origin)) {
        return false;
    }
    match headers.get(FETCH_SITE).map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => true,
        // A link to the page may be followed from anywhere. It shows nothing without the cookie.
        _ => is_page(method, uri),
    }
}

fn is_page(method: &Method, uri: &Uri) -> bool {
    uri.path() == "/" && (method == Method::GET || method == Method::HEAD)
}

fn query_token(uri: &Uri) -> Option<&str> {
    let mut pairs = uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("token="))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(COOKIE).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';'));
    pairs.filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// In a time that does not depend on where they differ. The length is no secret.
fn is_equal(shown: &str, token: &str) -> bool {
    shown.as_bytes().ct_eq(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_equal() {
        assert!(is_equal("0123", "0123"));
        for other in ["", "012", "0124", "01234", "1123", "0123 "] {
            assert!(!is_equal(other, "0123"), "{other}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        let line = "a=1; rti_inspector_80=x; xrti_inspector_80=y; rti_inspector_801=z";
        headers.insert(COOKIE, line.parse().unwrap());
        let found: Vec<_> = cookies(&headers, "rti_inspector_80").collect();
        assert_eq!(found, ["x"]);
    }
}
