//! One pass over the headers of a request.

use super::CaptureRules;
use crate::client_ip::ForwardedHeaders;
use crate::cookies;
use crate::known_headers::KnownHeader;
use crate::payload::COOKIE_NAMES;
use crate::payload::bounds::{self, FIELD, SHORT};
use crate::payload::text::{self, Keep, Span, Text};
use crate::request::{HeaderCase, HeaderOrder, HttpVersion, RtiRequest, TEST_HEADER};
use crate::requester::Signs;

const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Room for a browser's headers and URL without growing.
const USUAL_TEXT: usize = 2048;
const USUAL_NAMES: usize = 384;

/// What one pass over the headers finds.
pub(super) struct Headers {
    pub(super) text: Text,
    pub(super) names: String,
    pub(super) spans: [Option<Span>; KnownHeader::COUNT],
    pub(super) cookies: [Option<Span>; COOKIE_NAMES.len()],
    pub(super) trusted_ip: Option<Span>,
    pub(super) platform_request_id: Option<Span>,
    pub(super) trusted_host: Option<Span>,
    pub(super) forwarded_proto: Option<Span>,
    pub(super) signs: Signs,
    /// What headers without a place of their own take if all of it is encoded.
    shared_at_worst: usize,
    /// What they take, once it had to be measured.
    shared_taken: Option<usize>,
}

impl Headers {
    pub(super) fn visit(rules: &CaptureRules, request: &dyn RtiRequest) -> Self {
        let mut headers = Self {
            text: Text::with_capacity(USUAL_TEXT),
            names: String::new(),
            spans: [None; KnownHeader::COUNT],
            cookies: [None; COOKIE_NAMES.len()],
            trusted_ip: None,
            platform_request_id: None,
            trusted_host: None,
            forwarded_proto: None,
            signs: Signs::default(),
            shared_at_worst: 0,
            shared_taken: None,
        };
        let style = NameStyle::of(request);
        let mut names = Vec::with_capacity(USUAL_NAMES);
        request.for_each_header(&mut |name, value| {
            let known = KnownHeader::lookup(name);
            // Its name would show in the verdict, and the value is a secret.
            if known.is_none() && name.eq_ignore_ascii_case(TEST_HEADER) {
                return;
            }
            add_name(&mut names, name, known, style);
            headers.add(rules, name, known, value);
        });
        headers.names = finished(names, request.header_order());
        headers
    }

    fn add(&mut self, rules: &CaptureRules, name: &str, known: Option<KnownHeader>, value: &[u8]) {
        if let Some(known) = known {
            self.signs.note(known, value);
            if rules.carried.get(known as usize) == Some(&true) {
                self.add_known(known, value);
            }
        } else if name.eq_ignore_ascii_case("cookie") {
            self.add_cookies(value);
        } else if name.eq_ignore_ascii_case(FORWARDED_PROTO) {
            self.forwarded_proto = Some(self.text.push_bytes(value, SHORT, Keep::Head));
        } else if name.eq_ignore_ascii_case("upgrade") {
            self.signs.note_upgrade(value);
        }
        let is = |wanted: &Option<Box<str>>| {
            wanted
                .as_deref()
                .is_some_and(|wanted| wanted.eq_ignore_ascii_case(name))
        };
        if is(&rules.client_ip.trusted_header) {
            self.trusted_ip = Some(match self.trusted_ip {
                None => self.text.push_bytes(value, FIELD, Keep::Tail),
                Some(before) => self.text.join(before, value, FIELD, Keep::Tail),
            });
        }
        if is(&rules.trusted_host_header) {
            // Of several the last, which the proxy itself wrote.
            let last = value.rsplit(|byte| *byte == b',').next().unwrap_or(value);
            let last = last.trim_ascii();
            self.trusted_host = Some(self.text.push_bytes(last, SHORT, Keep::Head));
        }
        if is(&rules.request_id_header) {
            self.platform_request_id = Some(self.text.push_bytes(value, SHORT, Keep::Head));
        }
    }

    fn add_known(&mut self, header: KnownHeader, value: &[u8]) {
        let own_place = bounds::own_place(header);
        let others = match own_place {
            None => self.taken_by_others(header, value),
            Some(_) => None,
        };
        let bound = own_place.unwrap_or_else(|| bounds::shared_place(others));
        let keep = if header.keeps_tail() {
            Keep::Tail
        } else {
            Keep::Head
        };
        let span = match self.known(header) {
            None => self.text.push_bytes(value, bound, keep),
            Some(before) => self.text.join(before, value, bound, keep),
        };
        if let Some(slot) = self.spans.get_mut(header as usize) {
            *slot = Some(span);
        }
        if let Some(others) = others {
            self.shared_taken = Some(others + self.encoded_len(header));
        }
    }

    /// What the other headers without a place of their own take, where that must be known.
    fn taken_by_others(&mut self, header: KnownHeader, value: &[u8]) -> Option<usize> {
        self.shared_at_worst += 3 * value.len().min(FIELD.bytes);
        // A browser's headers never come near the bound, so they need not be measured.
        if self.shared_at_worst <= bounds::OTHER_HEADERS {
            return None;
        }
        // Measured once, and then kept, or a client could have each header measured for each other one.
        let taken = self.shared_taken.unwrap_or_else(|| {
            let shared = KnownHeader::ALL.into_iter();
            let shared = shared.filter(|header| bounds::own_place(*header).is_none());
            shared.map(|header| self.encoded_len(header)).sum()
        });
        Some(taken - self.encoded_len(header))
    }

    fn encoded_len(&self, header: KnownHeader) -> usize {
        self.at(self.known(header)).map_or(0, text::encoded_len)
    }

    /// HTTP/2 clients split cookies over several headers; the first occurrence wins over all.
    fn add_cookies(&mut self, header: &[u8]) {
        let (text, found) = (&mut self.text, &mut self.cookies);
        cookies::scan(header, &COOKIE_NAMES, |index, value| {
            // A value that begins with the name again was set by a faulty client of the service.
            let repeats = COOKIE_NAMES
                .get(index)
                .is_some_and(|name| value.starts_with(name.as_bytes()));
            let value = if repeats { &[] } else { value };
            if let Some(slot @ None) = found.get_mut(index) {
                *slot = Some(text.push_bytes(value, FIELD, Keep::Head));
            }
        });
    }

    pub(super) fn known(&self, header: KnownHeader) -> Option<Span> {
        self.spans.get(header as usize).copied().flatten()
    }

    pub(super) fn forwarded(&self) -> ForwardedHeaders<'_> {
        ForwardedHeaders {
            trusted: self.at(self.trusted_ip),
            x_forwarded_for: self.at(self.known(KnownHeader::XForwardedFor)),
            forwarded: self.at(self.known(KnownHeader::Forwarded)),
        }
    }

    pub(super) fn at(&self, span: Option<Span>) -> Option<&str> {
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

fn add_name(names: &mut Vec<u8>, name: &str, known: Option<KnownHeader>, style: NameStyle) {
    // One past the bound, so that the cut is made there and nothing behind it is added.
    if names.len() > FIELD.bytes {
        return;
    }
    if !names.is_empty() {
        names.push(b',');
    }
    match (style, known) {
        (NameStyle::Capitalised, Some(known)) => names.extend_from_slice(known.title()),
        (NameStyle::AsIs, _) => names.extend_from_slice(name.as_bytes()),
        (NameStyle::Capitalised, None) => {
            let begin = names.len();
            names.extend_from_slice(name.as_bytes());
            let added = names.get_mut(begin..).unwrap_or_default();
            for word in added.split_mut(|byte| *byte == b'-') {
                if let Some(first) = word.first_mut() {
                    first.make_ascii_uppercase();
                }
            }
        }
    }
}

fn finished(names: Vec<u8>, order: HeaderOrder) -> String {
    let mut names = String::from_utf8(names).unwrap_or_default();
    if order == HeaderOrder::Unknown {
        let mut sorted: Vec<&str> = names.split(',').collect();
        sorted.sort_unstable();
        names = sorted.join(",");
    }
    names.truncate(text::fit(&names, FIELD, Keep::Head).len());
    names
}
