//! axum's request as the engine sees it.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, OriginalUri, Request};
use axum::http::{Uri, Version};
use rti_core::{HeaderOrder, HttpVersion, RtiRequest};

pub(crate) struct View<'a> {
    request: &'a Request,
    uri: &'a Uri,
}

impl<'a> View<'a> {
    pub(crate) fn new(request: &'a Request) -> Self {
        // Nested routers strip their prefix; the visitor asked for the whole.
        let original = request.extensions().get::<OriginalUri>();
        Self {
            request,
            uri: original.map_or(request.uri(), |OriginalUri(uri)| uri),
        }
    }
}

impl RtiRequest for View<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn target(&self) -> Cow<'_, str> {
        Cow::Borrowed(
            self.uri
                .path_and_query()
                .map_or("/", |target| target.as_str()),
        )
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self.request.headers() {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        match self.request.version() {
            Version::HTTP_09 | Version::HTTP_10 => HttpVersion::Http10,
            Version::HTTP_2 => HttpVersion::Http2,
            Version::HTTP_3 => HttpVersion::Http3,
            _ => HttpVersion::Http11,
        }
    }

    /// hyper fills the map in the order of the wire, and the map keeps it but for repeats, which
    /// it moves to the first of their name. The `http` crate promises none of this, so a test
    /// over a raw socket pins it.
    fn header_order(&self) -> HeaderOrder {
        let headers = self.request.headers();
        if headers.len() == headers.keys_len() {
            HeaderOrder::Wire
        } else {
            HeaderOrder::Grouped
        }
    }

    /// Of HTTP/2 and later alone: in HTTP/1 it is part of an absolute target, in which a client
    /// writes what it likes.
    fn scheme(&self) -> Option<&str> {
        match self.http_version() {
            HttpVersion::Http2 | HttpVersion::Http3 => self.uri.scheme_str(),
            _ => None,
        }
    }

    fn authority(&self) -> Option<&str> {
        self.uri.authority().map(axum::http::uri::Authority::as_str)
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        let ConnectInfo(address) = self.request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        Some(address.ip())
    }

    fn typed_values(&self) -> Option<&dyn std::any::Any> {
        Some(self.request.extensions())
    }
}
