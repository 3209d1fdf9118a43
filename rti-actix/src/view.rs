//! actix-web's request as the engine sees it.

use std::borrow::Cow;
use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::Version;
use rti_core::{HeaderOrder, HttpVersion, RtiRequest};

pub(crate) struct View<'a>(pub(crate) &'a ServiceRequest);

impl RtiRequest for View<'_> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    /// From the head: `match_info` holds what routing decoded.
    fn target(&self) -> Cow<'_, str> {
        let target = self.0.uri().path_and_query();
        Cow::Borrowed(target.map_or("/", |target| target.as_str()))
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self.0.headers() {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        match self.0.version() {
            Version::HTTP_09 | Version::HTTP_10 => HttpVersion::Http10,
            Version::HTTP_2 => HttpVersion::Http2,
            Version::HTTP_3 => HttpVersion::Http3,
            _ => HttpVersion::Http11,
        }
    }

    /// The map hashes, so what order it shows is chance.
    fn header_order(&self) -> HeaderOrder {
        HeaderOrder::Unknown
    }

    /// Whether the socket speaks TLS. The scheme of the URI is what the client wrote, and
    /// `ConnectionInfo` has it from headers.
    fn scheme(&self) -> Option<&str> {
        let secure = self.0.app_config().secure();
        Some(if secure { "https" } else { "http" })
    }

    fn authority(&self) -> Option<&str> {
        let authority = self.0.uri().authority();
        authority.map(actix_web::http::uri::Authority::as_str)
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        Some(self.0.peer_addr()?.ip())
    }

    fn typed_values(&self) -> Option<&dyn std::any::Any> {
        Some(self.0.request())
    }
}
