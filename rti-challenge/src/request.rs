//! What the kit needs of a request: an owned, small copy.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use rti_core::{Rti, RtiRequest};

use crate::cookie::Candidates;

/// The most that is kept of a header's value. What is longer is cut, which a binding survives and a
/// comparison does not.
const MAX_HEADER_BYTES: usize = 2048;

/// The parts of a request that the kit looks at: method, target, a few headers, the client's address,
/// and the body where it is needed.
///
/// An adapter makes one from the view that the engine reads, so that both see the same request.
///
/// ```
/// use std::borrow::Cow;
/// use rti_challenge::ChallengeRequest;
/// use rti_core::{HttpVersion, RtiRequest};
///
/// struct Plain;
///
/// impl RtiRequest for Plain {
///     fn method(&self) -> &str { "GET" }
///     fn target(&self) -> Cow<'_, str> { "/page?a=1".into() }
///     fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
///         visit("host", b"shop.example");
///     }
///     fn http_version(&self) -> HttpVersion { HttpVersion::Http11 }
/// }
///
/// let request = ChallengeRequest::new(&Plain, "192.0.2.1".parse().ok());
/// assert_eq!(request.path(), "/page");
/// ```
#[derive(Debug, Clone, Default)]
pub struct ChallengeRequest {
    method: String,
    target: String,
    is_https: bool,
    host: Option<String>,
    user_agent: Vec<u8>,
    accept: Option<String>,
    content_type: Option<String>,
    origin: Option<String>,
    referer: Option<String>,
    fetch_site: Option<String>,
    is_mobile: bool,
    cookies: Candidates,
    client_ip: Option<IpAddr>,
    body: RequestBody,
    /// The engine of the request, which is not the only one that a kit may serve.
    engine: Option<Rti>,
}

/// The body of a request, as far as it was read. See
/// [`Challenge::body_limit`](crate::Challenge::body_limit). `Debug` shows its length alone: it may be a form with
/// a password.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum RequestBody {
    /// It was not read.
    #[default]
    NotRead,
    /// All of it.
    Whole(Bytes),
    /// It is longer than the limit.
    TooLarge,
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRead => f.write_str("NotRead"),
            Self::Whole(body) => write!(f, "Whole({} bytes)", body.len()),
            Self::TooLarge => f.write_str("TooLarge"),
        }
    }
}

impl ChallengeRequest {
    /// A copy of what the kit needs. `client_ip` is the visitor's address as the engine found it, not
    /// that of a proxy. What happens to its challenge reaches no observer, since it has no engine.
    pub fn new(request: &dyn RtiRequest, client_ip: Option<IpAddr>) -> Self {
        let mut copy = Self {
            method: request.method().to_owned(),
            target: origin_form(&request.target()).to_owned(),
            is_https: request.scheme() == Some("https"),
            host: request.authority().map(str::to_owned),
            client_ip,
            ..Self::default()
        };
        request.for_each_header(&mut |name, value| copy.note(name, value));
        copy
    }

    /// A copy of what the kit needs, with the address, the host and the scheme as the engine's
    /// configuration has them: behind a proxy they are those that the visitor sees. The engine's observers receive
    /// what happens to its challenge.
    ///
    /// ```
    /// use rti_challenge::ChallengeRequest;
    /// use rti_core::{Rti, RtiRequest};
    ///
    /// fn seen(rti: &Rti, view: &dyn RtiRequest) -> ChallengeRequest {
    ///     ChallengeRequest::seen_by(rti, view)
    /// }
    /// ```
    pub fn seen_by(rti: &Rti, request: &dyn RtiRequest) -> Self {
        let visitor = rti.visitor(request);
        let mut copy = Self::new(request, visitor.client_ip());
        copy.is_https = visitor.scheme() == "https";
        if let Some(host) = visitor.host() {
            copy.host = Some(host.to_owned());
        }
        copy.with_engine(rti)
    }

    pub(crate) fn with_engine(mut self, rti: &Rti) -> Self {
        self.engine = Some(rti.clone());
        self
    }

    /// The same request with its body.
    #[must_use]
    pub fn with_body(mut self, body: RequestBody) -> Self {
        self.body = body;
        self
    }

    fn note(&mut self, name: &str, value: &[u8]) {
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let cut = value.get(..MAX_HEADER_BYTES).unwrap_or(value);
        let text = || String::from_utf8_lossy(cut).trim().to_owned();
        if is("cookie") {
            self.cookies.read(value);
        } else if is("user-agent") {
            self.user_agent = cut.to_vec();
        } else if is("host") {
            // The authority of HTTP/2 comes first, as for the engine.
            self.host.get_or_insert_with(text);
        } else if is("accept") {
            self.accept.get_or_insert_with(text);
        } else if is("content-type") {
            self.content_type.get_or_insert_with(text);
        } else if is("origin") {
            self.origin.get_or_insert_with(text);
        } else if is("referer") {
            self.referer.get_or_insert_with(text);
        } else if is("sec-fetch-site") {
            self.fetch_site.get_or_insert_with(text);
        } else if is("sec-ch-ua-mobile") {
            self.is_mobile = text() == "?1";
        }
    }

    /// The method, as received.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Path and query, as received.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The path alone, as received.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The visitor's address.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.client_ip
    }

    pub(crate) fn engine(&self) -> Option<&Rti> {
        self.engine.as_ref()
    }

    pub(crate) fn user_agent(&self) -> &[u8] {
        &self.user_agent
    }

    pub(crate) fn body(&self) -> &RequestBody {
        &self.body
    }

    pub(crate) fn cookies(&self) -> &Candidates {
        &self.cookies
    }

    pub(crate) fn is_mobile(&self) -> bool {
        self.is_mobile
    }

    /// The name of the host that the visitor sees, without a port.
    pub(crate) fn host_name(&self) -> Option<&str> {
        self.host.as_deref().map(without_port)
    }

    /// Whether this is plain http on loopback, where browsers keep no cookie of the prefix `__Host-`. A
    /// host that only claims to be loopback gains a cookie of another name for itself.
    pub(crate) fn is_http_on_loopback(&self) -> bool {
        let is_loopback = self.host_name().is_some_and(|host| {
            let host = host.trim_matches(['[', ']']);
            // Names below `localhost` are loopback too (RFC 6761).
            let top = host.rsplit('.').next().unwrap_or_default();
            top.eq_ignore_ascii_case("localhost")
                || host
                    .parse::<IpAddr>()
                    .is_ok_and(|ip| ip.to_canonical().is_loopback())
        });
        is_loopback && !self.is_https
    }

    pub(crate) fn media_type(&self) -> &str {
        let value = self.content_type.as_deref().unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    /// Whether the response is read by a program: JSON is wanted and HTML is not.
    pub(crate) fn wants_json(&self) -> bool {
        let accept = self.accept.as_deref().unwrap_or_default();
        !accept.contains("text/html") && accept.contains("json")
    }

    pub(crate) fn wants_html(&self) -> bool {
        let accept = self.accept.as_deref().unwrap_or_default();
        accept.contains("text/html")
    }

    /// Where the request was made from, as far as a browser says.
    pub(crate) fn source(&self) -> Source {
        // Scripts cannot set this header; it is sent where the connection is secure.
        if let Some(site) = &self.fetch_site {
            return match site.as_str() {
                "same-origin" => Source::SameOrigin,
                // Typed by the visitor, or a bookmark: no page.
                "none" => Source::Unknown,
                _ => Source::Elsewhere,
            };
        }
        match (&self.origin, &self.host) {
            (None, _) => Source::Unknown,
            (Some(origin), Some(host)) if is_origin_of(origin, host) => Source::SameOrigin,
            (Some(_), _) => Source::Elsewhere,
        }
    }

    /// Path and query of the page that the request was made from, if it is one of this site.
    pub(crate) fn referring_page(&self) -> Option<&str> {
        let (referer, host) = (self.referer.as_deref()?, self.host.as_deref()?);
        let authority = referer.find("://")? + "://".len();
        let page = authority + referer.get(authority..)?.find('/')?;
        let (origin, page) = referer.split_at_checked(page)?;
        is_origin_of(origin, host).then_some(page)
    }
}

/// Where a request was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A page of this site.
    SameOrigin,
    /// A page of another site, or nothing that a page of this site sends.
    Elsewhere,
    /// No header says: not a browser's POST.
    Unknown,
}

/// `http://host/path` as `/path`: a client may send the absolute form.
fn origin_form(target: &str) -> &str {
    let Some((_, rest)) = target
        .split_once("://")
        .filter(|_| !target.starts_with('/'))
    else {
        return target;
    };
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The scheme is not compared: behind a proxy that is not trusted it is not known.
fn is_origin_of(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(scheme, authority)| {
        let default = match scheme {
            "https" => ":443",
            _ => ":80",
        };
        // Browsers leave it out, and some proxies add it.
        let shortest = |authority| str::strip_suffix(authority, default).unwrap_or(authority);
        shortest(authority).eq_ignore_ascii_case(shortest(host))
    })
}

/// For tests of this crate.
#[cfg(test)]
pub(crate) mod plain {
    use std::borrow::Cow;

    use rti_core::HttpVersion;

    use super::*;

    pub(crate) struct Plain<'a> {
        pub(crate) method: &'a str,
        pub(crate) target: &'a str,
        pub(crate) headers: &'a [(&'a str, &'a str)],
    }

    impl RtiRequest for Plain<'_> {
        fn method(&self) -> &str {
            self.method
        }

        fn target(&self) -> Cow<'_, str> {
            self.target.into()
        }

        fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
            for (name, value) in self.headers {
                visit(name, value.as_bytes());
            }
        }

        fn http_version(&self) -> HttpVersion {
            HttpVersion::Http11
        }
    }

    pub(crate) fn request(
        method: &str,
        target: &str,
        ip: &str,
        headers: &[(&str, &str)],
    ) -> ChallengeRequest {
        let view = Plain {
            method,
            target,
            headers,
        };
        ChallengeRequest::new(&view, ip.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::plain::request;
    use super::*;

    #[test]
    fn the_source_is_what_a_browser_says() {
        for (headers, expected) in [
            (&[][..], Source::Unknown),
            (&[("origin", "https://shop.example")], Source::SameOrigin),
            (&[("origin", "https://evil.example")], Source::Elsewhere),
            (&[("origin", "null")], Source::Elsewhere),
            (
                &[("origin", "https://shop.example.evil")],
                Source::Elsewhere,
            ),
            (&[("sec-fetch-site", "same-origin")], Source::SameOrigin),
            (&[("sec-fetch-site", "same-site")], Source::Elsewhere),
            (&[("sec-fetch-site", "none")], Source::Unknown),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://shop.example"),
                ],
                Source::Elsewhere,
            ),
        ] {
            let headers = [&[("host", "shop.example")], headers].concat();
            let request = request("POST", "/", "192.0.2.1", &headers);
            assert_eq!(request.source(), expected, "{headers:?}");
        }
    }

    /// Proxies add the default port to `Host`, browsers leave it out of `Origin`.
    #[test]
    fn an_origin_is_that_of_the_site_with_its_default_port() {
        for (host, origin, expected) in [
            ("shop.example:443", "https://shop.example", true),
            ("shop.example:80", "http://shop.example", true),
            ("shop.example", "https://shop.example:443", true),
            ("shop.example:8443", "https://shop.example", false),
            ("shop.example:80", "https://shop.example", false),
            ("[::1]:80", "http://[::1]", true),
            ("shop.example", "https://shop.example:8443", false),
            ("shop.example:44", "https://shop.example:443", false),
        ] {
            let headers = [("host", host), ("origin", origin)];
            let source = request("POST", "/", "", &headers).source();
            assert_eq!(source == Source::SameOrigin, expected, "{host} {origin}");
            let referer = format!("{origin}/a");
            let headers = [("host", host), ("referer", referer.as_str())];
            let request = request("POST", "/", "", &headers);
            assert_eq!(request.referring_page().is_some(), expected, "{host}");
        }
    }

    #[test]
    fn loopback_is_told_by_the_host() {
        for (host, expected) in [
            ("localhost:8080", true),
            ("127.0.0.1:1", true),
            ("[::1]:1", true),
            ("[::1]", true),
            ("shop.localhost:8080", true),
            ("evil-localhost", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("shop.example", false),
        ] {
            let request = request("GET", "/", "192.0.2.1", &[("host", host)]);
            assert_eq!(request.is_http_on_loopback(), expected, "{host}");
        }
    }

    #[test]
    fn the_absolute_form_is_understood() {
        for (target, path) in [
            ("/a?b=http://c/d", "/a"),
            ("http://shop.example/a?b", "/a"),
            ("http://shop.example", "/"),
        ] {
            assert_eq!(request("GET", target, "", &[]).path(), path);
        }
    }

    #[test]
    fn a_referring_page_is_of_this_site() {
        let page = |referer| {
            let headers = [("host", "shop.example"), ("referer", referer)];
            request("GET", "/", "", &headers)
                .referring_page()
                .map(str::to_owned)
        };
        assert_eq!(page("https://shop.example/a?b").as_deref(), Some("/a?b"));
        assert_eq!(page("https://shop.example.evil/a"), None);
        assert_eq!(page("https://evil.example/a"), None);
    }
}
