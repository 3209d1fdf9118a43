//! What the engine needs to see of a request: the one trait an adapter implements.

use std::any::Any;
use std::borrow::Cow;
use std::net::IpAddr;

use crate::path;

/// A request as RTI looks at it, whatever the framework.
///
/// An adapter implements this on a small view that borrows the framework's request; the engine
/// copies what it needs in [`Rti::inspect`](crate::Rti::inspect) and lets go of it.
///
/// The headers are *visited*, not iterated over: some frameworks yield temporaries from which
/// nothing can be borrowed, and a visitor keeps the trait usable as `&dyn RtiRequest`, which is
/// what the extractors of a [`ConfigBuilder`](crate::ConfigBuilder) are given. There are no types
/// of the `http` crate here, because two majors of it are in use.
///
/// ```
/// use std::borrow::Cow;
/// use rti_core::{HttpVersion, RtiRequest};
///
/// struct Plain { target: String, headers: Vec<(String, String)> }
///
/// impl RtiRequest for Plain {
///     fn method(&self) -> &str { "GET" }
///     fn target(&self) -> Cow<'_, str> { Cow::Borrowed(&self.target) }
///     fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
///         for (name, value) in &self.headers {
///             visit(name, value.as_bytes());
///         }
///     }
///     fn http_version(&self) -> HttpVersion { HttpVersion::Http11 }
/// }
///
/// let request = Plain {
///     target: "/subscribe?channel=summer%20sale".into(),
///     headers: vec![("Host".into(), "shop.example".into())],
/// };
/// let request: &dyn RtiRequest = &request;
/// assert_eq!(request.path(), "/subscribe");
/// assert_eq!(request.query_parameter("channel").as_deref(), Some("summer sale"));
/// assert_eq!(request.header("host").as_deref(), Some("shop.example"));
/// ```
pub trait RtiRequest {
    /// The method, as received.
    fn method(&self) -> &str;

    /// Path and query as received, nothing decoded or normalised. The absolute form
    /// (`http://host/path`) is understood.
    fn target(&self) -> Cow<'_, str>;

    /// Shows every header to `visit`, one call an occurrence, in the best order there is.
    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8]));

    /// The version of the protocol, which decides the case of header names.
    fn http_version(&self) -> HttpVersion;

    /// How much the order of [`for_each_header`](Self::for_each_header) means. Claim
    /// [`HeaderOrder::Wire`] only with a test over a raw socket.
    fn header_order(&self) -> HeaderOrder {
        HeaderOrder::Unknown
    }

    /// Whether header names still have the case the client wrote them in.
    fn header_case(&self) -> HeaderCase {
        HeaderCase::Lost
    }

    /// `http` or `https`, when the connection shows it; `http` is assumed otherwise.
    fn scheme(&self) -> Option<&str> {
        None
    }

    /// The authority of HTTP/2 or of an absolute target; the `Host` header is used without it.
    fn authority(&self) -> Option<&str> {
        None
    }

    /// The address at the other end of the connection: never one from a header.
    fn peer_ip(&self) -> Option<IpAddr> {
        None
    }

    /// The framework's holder of typed values, such as a user's session, for extractors: with
    /// axum and tower it is `http::Extensions`, with actix-web `HttpRequest`. `None` by default, and with
    /// Rocket, whose request borrows. Read it with [`typed`](#method.typed).
    fn typed_values(&self) -> Option<&dyn Any> {
        None
    }
}

/// For extractors, and for whoever has a `&dyn RtiRequest`.
impl dyn RtiRequest + '_ {
    /// The framework's holder of typed values, if it is of this type.
    ///
    /// ```
    /// use rti_core::Config;
    ///
    /// // With axum, `T` is `http::Extensions`: here a type stands for it.
    /// struct Extensions { user: String }
    ///
    /// let config = Config::builder("key", "hash", "us")
    ///     .channel(|request| Some(request.typed::<Extensions>()?.user.clone()));
    /// # config.build()?;
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn typed<T: Any>(&self) -> Option<&T> {
        self.typed_values()?.downcast_ref()
    }

    /// A browser sends it, without cookies, to learn whether a script may send a request. A path that
    /// responds to `OPTIONS` with more than that is checked with `check_preflights`.
    pub(crate) fn is_preflight(&self) -> bool {
        self.method() == "OPTIONS" && self.header("access-control-request-method").is_some()
    }

    /// The path alone: what routes and exclusions are matched on.
    pub fn path(&self) -> Cow<'_, str> {
        match self.target() {
            Cow::Borrowed(target) => Cow::Borrowed(path::split(target).path),
            Cow::Owned(target) => Cow::Owned(path::split(&target).path.to_owned()),
        }
    }

    /// The value of the first header of this name (in any case), when it is UTF-8.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut found = None;
        self.for_each_header(&mut |candidate, value| {
            if found.is_none() && candidate.eq_ignore_ascii_case(name) {
                found = Some(std::str::from_utf8(value).ok().map(str::to_owned));
            }
        });
        found.flatten()
    }

    /// The decoded value of the first query parameter of this name.
    pub fn query_parameter(&self, name: &str) -> Option<String> {
        let target = self.target();
        let query = path::split(&target).query?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.into_owned())
    }
}

/// The header of a test request, in lower case, with the
/// [`test_secret`](crate::ConfigBuilder::test_secret). It is not sent to the service, and adapters remove it
/// from every request, as they do [`RESULT_HEADER`](crate::RESULT_HEADER).
pub const TEST_HEADER: &str = "x-rti-test";

/// The version of HTTP a request came in.
///
/// ```
/// # use rti_core::HttpVersion;
/// assert_ne!(HttpVersion::Http11, HttpVersion::Http2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/0.9 and HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2, where header names are in lower case.
    Http2,
    /// HTTP/3, where header names are in lower case.
    Http3,
}

/// How the order in which a framework shows headers relates to that on the wire.
///
/// ```
/// # use rti_core::HeaderOrder;
/// assert_ne!(HeaderOrder::Wire, HeaderOrder::Unknown);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderOrder {
    /// The order is the wire's, each occurrence in its place.
    Wire,
    /// The order of first appearance; repeats were moved to the first of their name.
    Grouped,
    /// The order says nothing. Names are then sent sorted, so that they do not vary by chance.
    Unknown,
}

/// Whether the case of header names survived.
///
/// ```
/// # use rti_core::HeaderCase;
/// assert_ne!(HeaderCase::AsReceived, HeaderCase::Lost);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderCase {
    /// Names are as the client wrote them and are sent so.
    AsReceived,
    /// Names were lower-cased. They are sent capitalised by word for HTTP/1.x (`User-Agent`, as
    /// browsers write them), and in lower case for HTTP/2 and later, where they are so on the wire.
    Lost,
}
