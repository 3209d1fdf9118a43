//! Rocket's request as the engine sees it.

use std::borrow::Cow;
use std::net::IpAddr;

use rocket::Request;
use rocket::http::Header;
use rti_core::{HeaderOrder, HttpVersion, RtiRequest};

pub(crate) struct View<'a, 'r> {
    request: &'a Request<'r>,
    /// The authority of HTTP/2.
    authority: Option<String>,
}

impl<'a, 'r> View<'a, 'r> {
    pub(crate) fn new(request: &'a Request<'r>) -> Self {
        // With HTTP/1 Rocket has the host from the header alone, so one without the header is the
        // authority of HTTP/2.
        let host = request
            .host()
            .filter(|_| !request.headers().contains("host"));
        Self {
            request,
            authority: host.map(ToString::to_string),
        }
    }
}

impl RtiRequest for View<'_, '_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// Rocket keeps the text as it came; only its segments are decoded and normalised.
    fn target(&self) -> Cow<'_, str> {
        Cow::Owned(self.request.uri().to_string())
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for header in self.request.headers().iter() {
            visit(header.name().as_str(), header.value().as_bytes());
        }
    }

    /// Rocket does not tell. What can be known is that a request with an authority and no `Host`
    /// is of HTTP/2; all others pass for HTTP/1.1.
    fn http_version(&self) -> HttpVersion {
        match self.authority {
            Some(_) => HttpVersion::Http2,
            None => HttpVersion::Http11,
        }
    }

    /// hyper's map and Rocket's keep the order of the wire but for repeats, which they move to the
    /// first of their name. Neither promises it, so a test over a raw socket pins it.
    fn header_order(&self) -> HeaderOrder {
        let mut previous: Option<Header<'_>> = None;
        let repeats = self.request.headers().iter().any(|header| {
            let repeated = previous
                .as_ref()
                .is_some_and(|previous| previous.name == header.name);
            previous = Some(header);
            repeated
        });
        if repeats {
            HeaderOrder::Grouped
        } else {
            HeaderOrder::Wire
        }
    }

    fn scheme(&self) -> Option<&str> {
        let tls = self.request.rocket().config().tls_enabled();
        Some(if tls { "https" } else { "http" })
    }

    fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// Never `client_ip()`, which believes `X-Real-IP` of anyone.
    fn peer_ip(&self) -> Option<IpAddr> {
        Some(self.request.remote()?.ip())
    }
}

#[cfg(test)]
mod tests {
    use rocket::http::uri::Host;
    use rocket::local::blocking::{Client, LocalRequest};

    use super::*;

    fn with_request(see: impl FnOnce(LocalRequest<'_>)) {
        let client = Client::untracked(rocket::build()).unwrap();
        see(client.get("/"));
    }

    #[test]
    fn the_order_is_the_wire_s_until_a_name_repeats() {
        with_request(|mut request| {
            request.add_header(Header::new("b", "1"));
            request.add_header(Header::new("a", "1"));
            assert_eq!(View::new(&request).header_order(), HeaderOrder::Wire);
            request.add_header(Header::new("B", "2"));
            assert_eq!(View::new(&request).header_order(), HeaderOrder::Grouped);
        });
    }

    #[test]
    fn a_host_header_leaves_the_version_open() {
        with_request(|mut request| {
            assert_eq!(View::new(&request).http_version(), HttpVersion::Http11);
            let host = Host::from(rocket::uri!("shop.example:8443"));
            request.inner_mut().set_host(host);
            let view = View::new(&request);
            assert_eq!(view.http_version(), HttpVersion::Http2);
            assert_eq!(view.authority(), Some("shop.example:8443"));
            request.add_header(Header::new("Host", "shop.example:8443"));
            let view = View::new(&request);
            assert_eq!(view.http_version(), HttpVersion::Http11);
            assert_eq!(view.authority(), None);
        });
    }
}
