//! The owned snapshot of a request: everything that is sent for a verdict.

mod bounds;
mod capture;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

pub(crate) use self::capture::{CaptureRules, bounded_path, capture, method, visitor};
use self::text::{Span, Text};
use crate::event_type::EventType;
use crate::extractors::Extracted;
use crate::known_headers::KnownHeader;
use crate::request::HeaderOrder;
use crate::requester::Requester;

/// The cookies that may travel, by exact name.
pub(crate) const COOKIE_NAMES: [&str; 4] = ["_cheq_rti", "_cq_duid", "_cq_pvid", "_cq_s"];

/// One of [`COOKIE_NAMES`], in their order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SessionCookie {
    CheqRti,
    Duid,
    Pvid,
    S,
}

/// Who sends a request, and to which site: what counts as the address, the host and the scheme by the
/// configuration. [`Rti::visitor`](crate::Rti::visitor) finds it, without a verdict.
#[derive(Debug, Clone)]
pub struct Visitor {
    client_ip: Option<IpAddr>,
    host: Option<Box<str>>,
    scheme: &'static str,
    user_agent: Option<Box<str>>,
}

impl Visitor {
    /// Where the request cannot be read.
    pub(crate) const UNKNOWN: Self = Self {
        client_ip: None,
        host: None,
        scheme: "http",
        user_agent: None,
    };

    /// The client address; `None` when the framework knows no peer.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.client_ip
    }

    /// The host that the visitor asked for, with its port if it has one; `None` when the request names none.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// `https` or `http`.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    pub(crate) fn into_user_agent(self) -> Option<Box<str>> {
        self.user_agent
    }
}

/// What is sent for a verdict: an owned snapshot of one request.
///
/// [`Rti::inspect`](crate::Rti::inspect) takes it, so that nothing of the framework's request is
/// borrowed while the verdict is under way. All text is bounded: a field to 4,096 bytes, and the
/// whole to less than 64 KiB on the wire.
///
/// ```
/// use rti_core::{Inspection, Payload};
///
/// fn note(inspection: &Inspection) -> Option<String> {
///     let payload: &Payload = inspection.payload()?;
///     Some(format!("{} for {}", payload.event_type(), payload.client_ip()?))
/// }
/// ```
///
/// `Debug` shows the method, the event and the address, and nothing else of the visitor's.
pub struct Payload {
    pub(crate) event_type: EventType,
    pub(crate) method: Cow<'static, str>,
    pub(crate) client_ip: Option<IpAddr>,
    /// Microseconds since the Unix epoch.
    pub(crate) time: u64,
    pub(crate) header_order: HeaderOrder,
    pub(crate) middleware: &'static str,
    pub(crate) extracted: Vec<(Extracted, String)>,
    text: Text,
    request_url: Option<Span>,
    header_names: String,
    host: Option<Span>,
    platform_request_id: Option<Span>,
    requester: Requester,
    headers: [Option<Span>; KnownHeader::COUNT],
    cookies: [Option<Span>; COOKIE_NAMES.len()],
}

impl Payload {
    /// The event the route stands for.
    pub fn event_type(&self) -> &EventType {
        &self.event_type
    }

    /// The method of the request.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The client address; `None` when the framework knows no peer.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.client_ip
    }

    /// The absolute URL; `None` when the request names no host (HTTP/1.0).
    pub fn request_url(&self) -> Option<&str> {
        self.text.at(self.request_url?)
    }

    /// The names of all headers, comma-separated.
    pub fn header_names(&self) -> &str {
        &self.header_names
    }

    /// Who sent the request, as far as its headers tell.
    pub fn requester(&self) -> Requester {
        self.requester
    }

    pub(crate) fn host(&self) -> Option<&str> {
        self.text.at(self.host?)
    }

    pub(crate) fn platform_request_id(&self) -> Option<&str> {
        self.text.at(self.platform_request_id?)
    }

    pub(crate) fn header(&self, header: KnownHeader) -> Option<&str> {
        self.text.at((*self.headers.get(header as usize)?)?)
    }

    pub(crate) fn cookie(&self, cookie: SessionCookie) -> Option<&str> {
        self.text.at((*self.cookies.get(cookie as usize)?)?)
    }

    pub(crate) fn has_extracted(&self) -> bool {
        !self.extracted.is_empty()
    }

    pub(crate) fn extracted(&self, what: Extracted) -> Option<&str> {
        self.extracted
            .iter()
            .find(|(kind, _)| *kind == what)
            .map(|(_, value)| value.as_str())
    }

    /// How many bytes of text there are, to size the encoded body by.
    pub(crate) fn text_len(&self) -> usize {
        self.text.len()
            + self.header_names.len()
            + self
                .extracted
                .iter()
                .map(|(_, value)| value.len())
                .sum::<usize>()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("method", &self.method)
            .field("event_type", &self.event_type)
            .field("client_ip", &self.client_ip)
            .finish_non_exhaustive()
    }
}
