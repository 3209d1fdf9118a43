//! One pass over a request, copying what a verdict is asked with.

use std::borrow::Cow;
use std::time::SystemTime;

use super::bounds::{self, FIELD, SHORT};
use super::text::{self, Bound, Keep, Span, Text};
use super::{COOKIE_NAMES, Payload};
use crate::client_ip::ForwardedHeaders;
use crate::config::Settings;
use crate::cookies;
use crate::event_type::EventType;
use crate::known_headers::KnownHeader;
use crate::path::Target;
use crate::reply::ReplyFormat;
use crate::request::{HeaderCase, HeaderOrder, HttpVersion, RtiRequest};

const RTI_HOST: &str = "x-cheq-rti-host";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Room for a browser's headers and URL without growing.
const USUAL_TEXT: usize = 2048;
const USUAL_NAMES: usize = 384;

pub(crate) fn capture(
    settings: &Settings,
    request: &dyn RtiRequest,
    target: Target<'_>,
    event_type: EventType,
) -> Payload {
    let peer = request.peer_ip();
    let mut headers = Headers::visit(settings, request);
    let forwarded = ForwardedHeaders {
        trusted: headers.at(headers.trusted_ip),
        x_forwarded_for: headers.at(headers.known(KnownHeader::XForwardedFor)),
        forwarded: headers.at(headers.known(KnownHeader::Forwarded)),
    };
    let client_ip = settings.client_ip.resolve(peer, forwarded);
    let front = if settings.client_ip.is_trusted_front(peer) {
        Front::Trusted
    } else {
        Front::Unknown
    };
    let host = headers.host(request, target, front);
    let request_url = host.map(|host| headers.request_url(request, target, front, host));
    let header_names = headers.text.push(&headers.names, FIELD, Keep::Head);
    let reply_format = ReplyFormat::of(
        request.method(),
        headers.at(headers.known(KnownHeader::Accept)),
    );

    let mut extracted = settings.extractors.run(request);
    let mut left = bounds::EXTRACTED;
    for (_, value) in &mut extracted {
        let bound = Bound {
            encoded: FIELD.encoded.min(left),
            ..FIELD
        };
        value.truncate(text::fit(value, bound, Keep::Head).len());
        left -= text::encoded_len(value);
    }
    Payload {
        event_type,
        method: method(request.method()),
        client_ip,
        time: SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |elapsed| {
                u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
            }),
        header_order: request.header_order(),
        middleware: request.middleware(),
        extracted,
        reply_format,
        request_url,
        header_names,
        host,
        platform_request_id: headers.platform_request_id,
        headers: headers.spans,
        cookies: headers
            .cookies
            .map(|cookie| cookie.filter(|span| !span.is_empty())),
        text: headers.text,
    }
}

/// Whether the connection comes from a proxy whose word is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Trusted,
    Unknown,
}

/// What one pass over the headers finds.
struct Headers {
    text: Text,
    names: String,
    /// Encoded bytes left for headers without a place of their own.
    left: usize,
    spans: [Option<Span>; KnownHeader::COUNT],
    cookies: [Option<Span>; COOKIE_NAMES.len()],
    trusted_ip: Option<Span>,
    platform_request_id: Option<Span>,
    rti_host: Option<Span>,
    forwarded_proto: Option<Span>,
}

impl Headers {
    fn visit(settings: &Settings, request: &dyn RtiRequest) -> Self {
        let mut headers = Self {
            text: Text::with_capacity(USUAL_TEXT),
            names: String::with_capacity(USUAL_NAMES),
            left: bounds::OTHER_HEADERS,
            spans: [None; KnownHeader::COUNT],
            cookies: [None; COOKIE_NAMES.len()],
            trusted_ip: None,
            platform_request_id: None,
            rti_host: None,
            forwarded_proto: None,
        };
        let style = NameStyle::of(request);
        request.for_each_header(&mut |name, value| {
            headers.add_name(name, style);
            headers.add(settings, name, value);
        });
        if request.header_order() == HeaderOrder::Unknown {
            headers.sort_names();
        }
        headers
    }

    fn add_name(&mut self, name: &str, style: NameStyle) {
        // One past the bound, so that the cut is made there and nothing behind it is added.
        if self.names.len() > FIELD.bytes {
            return;
        }
        if !self.names.is_empty() {
            self.names.push(',');
        }
        match style {
            NameStyle::AsIs => self.names.push_str(name),
            NameStyle::Capitalised => {
                let mut word_begins = true;
                self.names.extend(name.chars().map(|c| {
                    let c = if word_begins {
                        c.to_ascii_uppercase()
                    } else {
                        c
                    };
                    word_begins = c == '-';
                    c
                }));
            }
        }
    }

    fn add(&mut self, settings: &Settings, name: &str, value: &[u8]) {
        if let Some(known) = KnownHeader::lookup(name) {
            self.add_known(known, value);
        } else if name.eq_ignore_ascii_case("cookie") {
            self.add_cookies(value);
        } else if name.eq_ignore_ascii_case(RTI_HOST) {
            self.rti_host = Some(self.text.push_bytes(value, SHORT, Keep::Head));
        } else if name.eq_ignore_ascii_case(FORWARDED_PROTO) {
            self.forwarded_proto = Some(self.text.push_bytes(value, SHORT, Keep::Head));
        }
        let is = |wanted: &Option<Box<str>>| {
            wanted
                .as_deref()
                .is_some_and(|wanted| wanted.eq_ignore_ascii_case(name))
        };
        if is(&settings.client_ip.trusted_header) {
            self.trusted_ip = Some(match self.trusted_ip {
                None => self.text.push_bytes(value, FIELD, Keep::Tail),
                Some(before) => self.text.join(before, value, FIELD, Keep::Tail),
            });
        }
        if is(&settings.request_id_header) {
            self.platform_request_id = Some(self.text.push_bytes(value, SHORT, Keep::Head));
        }
    }

    fn add_known(&mut self, header: KnownHeader, value: &[u8]) {
        let own = bounds::own_place(header);
        let before = self.known(header);
        let spent = before
            .and_then(|span| self.text.at(span))
            .map_or(0, text::encoded_len);
        let shared = Bound {
            encoded: FIELD.encoded.min(self.left + spent),
            ..FIELD
        };
        let bound = own.unwrap_or(shared);
        let keep = if header.keeps_tail() {
            Keep::Tail
        } else {
            Keep::Head
        };
        let span = match before {
            None => self.text.push_bytes(value, bound, keep),
            Some(before) => self.text.join(before, value, bound, keep),
        };
        if own.is_none() {
            let taken = self.text.at(span).map_or(0, text::encoded_len);
            self.left = (self.left + spent).saturating_sub(taken);
        }
        if let Some(slot) = self.spans.get_mut(header as usize) {
            *slot = Some(span);
        }
    }

    /// HTTP/2 clients split cookies over several headers; the first occurrence wins over all.
    fn add_cookies(&mut self, value: &[u8]) {
        let header = String::from_utf8_lossy(value);
        let (text, found) = (&mut self.text, &mut self.cookies);
        cookies::scan(&header, &COOKIE_NAMES, |index, value| {
            if let Some(slot @ None) = found.get_mut(index) {
                *slot = Some(text.push(value, FIELD, Keep::Head));
            }
        });
    }

    fn sort_names(&mut self) {
        let mut names: Vec<&str> = self.names.split(',').collect();
        names.sort_unstable();
        self.names = names.join(",");
    }

    /// `Host` or `:authority`. A trusted front may say which host the visitor really asked for.
    fn host(&mut self, request: &dyn RtiRequest, target: Target<'_>, front: Front) -> Option<Span> {
        if front == Front::Trusted && self.rti_host.is_some_and(|host| !host.is_empty()) {
            return self.rti_host;
        }
        match target.authority.or_else(|| request.authority()) {
            Some(authority) => Some(self.text.push(authority, SHORT, Keep::Head)),
            None => self
                .known(KnownHeader::Host)
                .filter(|host| !host.is_empty()),
        }
    }

    fn request_url(
        &mut self,
        request: &dyn RtiRequest,
        target: Target<'_>,
        front: Front,
        host: Span,
    ) -> Span {
        let forwarded = self
            .at(self.forwarded_proto)
            .filter(|_| front == Front::Trusted);
        let scheme = match forwarded.or_else(|| request.scheme()) {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let host = self.at(Some(host)).unwrap_or_default();
        // The asterisk of `OPTIONS *` names the server, which has no path.
        let path = if target.path.starts_with('/') {
            target.path
        } else {
            "/"
        };
        let query = target.query.unwrap_or_default();
        let mut url =
            String::with_capacity(scheme.len() + host.len() + path.len() + query.len() + 4);
        for part in [scheme, "://", host, path] {
            url.push_str(part);
        }
        if target.query.is_some() {
            url.push('?');
            url.push_str(query);
        }
        self.text.push(&url, FIELD, Keep::Head)
    }

    fn known(&self, header: KnownHeader) -> Option<Span> {
        self.spans.get(header as usize).copied().flatten()
    }

    fn at(&self, span: Option<Span>) -> Option<&str> {
        self.text.at(span?)
    }
}

/// How header names are written on the wire to the service.
#[derive(Debug, Clone, Copy)]
enum NameStyle {
    AsIs,
    Capitalised,
}

impl NameStyle {
    fn of(request: &dyn RtiRequest) -> Self {
        match (request.header_case(), request.http_version()) {
            (HeaderCase::Lost, HttpVersion::Http10 | HttpVersion::Http11) => Self::Capitalised,
            _ => Self::AsIs,
        }
    }
}

/// The usual methods cost no allocation.
fn method(method: &str) -> Cow<'static, str> {
    const USUAL: [&str; 9] = [
        "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE",
    ];
    match USUAL.into_iter().find(|usual| *usual == method) {
        Some(usual) => Cow::Borrowed(usual),
        None => Cow::Owned(text::fit(method, SHORT, Keep::Head).to_owned()),
    }
}
