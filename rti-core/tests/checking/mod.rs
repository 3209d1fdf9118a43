//! A visitor's request, and an engine that checks it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rti_core::{Config, ConfigBuilder, Decision, HttpVersion, Mode, Rti, RtiRequest};

/// So long that a loaded machine answers in time.
pub(crate) const GENEROUS: Duration = Duration::from_secs(20);

/// A request of a visitor, with a few headers more.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) peer: Option<IpAddr>,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            headers: Vec::new(),
            peer: Some(Ipv4Addr::new(192, 0, 2, 1).into()),
        }
    }
}

impl RtiRequest for Page {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> Cow<'_, str> {
        "/shop?item=1".into()
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in &self.headers {
            visit(name, value.as_bytes());
        }
        visit("host", b"shop.example");
        visit("user-agent", b"Mozilla/5.0");
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        self.peer
    }
}

/// Blocking, so that a verdict that slipped through would show.
pub(crate) fn config(origin: &str) -> ConfigBuilder {
    Config::builder("k-1", "t-1", origin)
        .mode(Mode::Blocking)
        .timeout(GENEROUS)
        // The tests count connections: none is opened but for a call.
        .min_idle_connections(0)
}

/// Checks a visitor's request.
pub(crate) async fn check(rti: &Rti) -> Decision {
    rti.decide(rti.inspect(&Page::default())).await
}
