//! A request of the `http` crate as the engine sees it, for hyper, tower and frameworks on them.

use std::any::Any;
use std::borrow::Cow;
use std::net::IpAddr;

use http::request::Parts;
use http::uri::{Authority, Scheme};
use http::{Extensions, HeaderMap, Method, Request, Uri, Version};

use crate::request::{HeaderOrder, HttpVersion, RtiRequest};

/// An [`RtiRequest`] over the head of a request of the `http` crate (version 1), which hyper, tower,
/// tonic and axum use. An extractor reads the request's `http::Extensions` with
/// [`typed`](trait.RtiRequest.html#method.typed).
///
/// A request of the `http` crate does not contain its connection: give the peer's address with
/// [`with_peer_ip`](Self::with_peer_ip), and where you serve TLS yourself the scheme with
/// [`with_scheme`](Self::with_scheme).
///
/// ```
/// use std::net::IpAddr;
/// use rti_core::{Decision, HttpView, Rti};
///
/// async fn check<B>(rti: &Rti, peer: IpAddr, request: http::Request<B>) -> Decision {
///     let inspection = rti.inspect(&HttpView::from_request(&request).with_peer_ip(peer));
///     rti.decide(inspection).await
/// }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct HttpView<'a> {
    method: &'a Method,
    uri: &'a Uri,
    version: Version,
    headers: &'a HeaderMap,
    extensions: Option<&'a Extensions>,
    peer_ip: Option<IpAddr>,
    scheme: Option<Scheme>,
}

impl<'a> HttpView<'a> {
    /// A view of this request. It has no client address yet.
    pub fn new(parts: &'a Parts) -> Self {
        Self::from_head(&parts.method, &parts.uri, parts.version, &parts.headers)
            .with_extensions(&parts.extensions)
    }

    /// A view of this request, whatever its body. It has no client address yet.
    pub fn from_request<B>(request: &'a Request<B>) -> Self {
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        Self::from_head(method, uri, request.version(), headers)
            .with_extensions(request.extensions())
    }

    /// A view of a request whose type is the framework's own, and whose head is of types of the `http`
    /// crate, as with poem and salvo. It has no client address and no extensions yet.
    pub fn from_head(
        method: &'a Method,
        uri: &'a Uri,
        version: Version,
        headers: &'a HeaderMap,
    ) -> Self {
        Self {
            method,
            uri,
            version,
            headers,
            extensions: None,
            peer_ip: None,
            scheme: None,
        }
    }

    /// Sets the typed values that extractors reach.
    pub fn with_extensions(mut self, extensions: &'a Extensions) -> Self {
        self.extensions = Some(extensions);
        self
    }

    /// Sets the address at the other end of the connection: never one from a header.
    pub fn with_peer_ip(mut self, peer_ip: impl Into<Option<IpAddr>>) -> Self {
        self.peer_ip = peer_ip.into();
        self
    }

    /// Sets the scheme of the connection. Without it that of HTTP/2 and HTTP/3 is taken from the
    /// request, and `http` is assumed for HTTP/1.
    pub fn with_scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    /// Sets the URI as the visitor sent it, where a router has changed that of the request.
    pub fn with_original_uri(mut self, uri: &'a Uri) -> Self {
        self.uri = uri;
        self
    }
}

impl RtiRequest for HttpView<'_> {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn target(&self) -> Cow<'_, str> {
        let target = self.uri.path_and_query();
        target.map_or("/", |target| target.as_str()).into()
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self.headers {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        match self.version {
            Version::HTTP_09 | Version::HTTP_10 => HttpVersion::Http10,
            Version::HTTP_2 => HttpVersion::Http2,
            Version::HTTP_3 => HttpVersion::Http3,
            _ => HttpVersion::Http11,
        }
    }

    /// hyper fills the map in the order of the wire, and the map keeps it but for repeats, which it
    /// moves to the first of their name. The `http` crate promises none of this, so the suite pins it
    /// over a raw socket.
    fn header_order(&self) -> HeaderOrder {
        if self.headers.len() == self.headers.keys_len() {
            HeaderOrder::Wire
        } else {
            HeaderOrder::Grouped
        }
    }

    /// From the URI for HTTP/2 and later alone: in HTTP/1 it is part of an absolute target, in which
    /// a client writes what it likes.
    fn scheme(&self) -> Option<&str> {
        match (&self.scheme, self.http_version()) {
            (Some(scheme), _) => Some(scheme.as_str()),
            (None, HttpVersion::Http2 | HttpVersion::Http3) => self.uri.scheme_str(),
            (None, _) => None,
        }
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(Authority::as_str)
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        self.peer_ip
    }

    fn typed_values(&self) -> Option<&dyn Any> {
        self.extensions.map(|extensions| extensions as _)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn parts(request: http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_order_is_that_of_the_wire_until_a_name_repeats() {
        let request = || Request::builder().header("b", "1").header("a", "1");
        let once = parts(request());
        assert_eq!(HttpView::new(&once).header_order(), HeaderOrder::Wire);
        let repeated = parts(request().header("b", "2"));
        let view = HttpView::new(&repeated);
        assert_eq!(view.header_order(), HeaderOrder::Grouped);
    }

    #[test]
    fn the_scheme_of_an_absolute_target_is_not_trusted() {
        let request = || Request::builder().uri("https://shop.example/a?b");
        let http1 = parts(request());
        let view = HttpView::new(&http1);
        assert_eq!(view.scheme(), None);
        assert_eq!(view.authority(), Some("shop.example"));
        assert_eq!(view.target(), "/a?b");
        assert_eq!(view.with_scheme(Scheme::HTTPS).scheme(), Some("https"));
        let http2 = parts(request().version(Version::HTTP_2));
        assert_eq!(HttpView::new(&http2).scheme(), Some("https"));
    }

    #[test]
    fn the_address_and_the_original_uri_are_those_given() {
        let parts = parts(Request::builder().uri("/rest"));
        let (peer, whole) = (
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Uri::from_static("/a/rest"),
        );
        let view = HttpView::new(&parts);
        assert_eq!(view.peer_ip(), None);
        let view = view.with_peer_ip(peer).with_original_uri(&whole);
        assert_eq!(view.peer_ip(), Some(peer));
        assert_eq!(view.target(), "/a/rest");
    }

    #[test]
    fn extractors_reach_the_extensions() {
        let parts = parts(Request::builder().extension("a session"));
        let view = HttpView::new(&parts);
        let extensions = (&view as &dyn RtiRequest).typed::<http::Extensions>();
        assert_eq!(extensions.and_then(|all| all.get()), Some(&"a session"));
    }

    #[test]
    fn a_whole_request_is_seen_as_its_parts_are() {
        let request = Request::get("/a?b").header("c", "d").extension("e");
        let request = request.version(Version::HTTP_2).body("f").unwrap();
        let whole = format!("{:?}", HttpView::from_request(&request));
        let (parts, _body) = request.into_parts();
        assert_eq!(whole, format!("{:?}", HttpView::new(&parts)));
    }
}
