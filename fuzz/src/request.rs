//! A request made of fuzz input.

use std::borrow::Cow;
use std::net::IpAddr;

use rti_core::{HeaderCase, HeaderOrder, HttpVersion, RtiRequest};

/// The most bytes of all headers: what servers take, give or take.
const MOST: usize = 512 * 1024;

/// A request.
///
/// Its text has a line `METHOD target` and a line `name: value` for each header. `name*40: value`
/// is a value of forty times that text: bounds are far beyond what a fuzzer tries by itself.
#[derive(Debug, Clone)]
pub struct FuzzRequest {
    /// As received.
    pub method: String,
    /// As received.
    pub target: String,
    /// In their order.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
    /// Whether all came over HTTP/2, with headers in no order.
    pub shuffled: bool,
}

impl FuzzRequest {
    /// Reads the text, whatever it is.
    pub fn parse(text: &[u8]) -> Self {
        let mut lines = text.split(|byte| *byte == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let (method, target) = first.split_once(' ').unwrap_or(("GET", &first));
        let mut request = Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            peer: Some([192, 0, 2, 1].into()),
            shuffled: false,
        };
        let mut room = MOST;
        for line in lines {
            let Some((name, value)) = header(line, room) else {
                continue;
            };
            room -= value.len();
            request.headers.push((name, value));
        }
        request
    }
}

fn header(line: &[u8], room: usize) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(colon);
    let value = value[1..].trim_ascii();
    let name = String::from_utf8_lossy(name);
    let (name, times) = match name.split_once('*') {
        Some((name, times)) => (name.to_owned(), times.trim().parse().unwrap_or(1_usize)),
        None => (name.into_owned(), 1),
    };
    // Only so often as there is room for.
    let times = times.min(room / value.len().max(1));
    Some((name, value.repeat(times)))
}

impl RtiRequest for FuzzRequest {
    fn method(&self) -> &str {
        &self.method
    }

    fn target(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.target)
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in &self.headers {
            visit(name, value);
        }
    }

    fn http_version(&self) -> HttpVersion {
        if self.shuffled {
            HttpVersion::Http2
        } else {
            HttpVersion::Http11
        }
    }

    fn header_order(&self) -> HeaderOrder {
        if self.shuffled {
            HeaderOrder::Unknown
        } else {
            HeaderOrder::Wire
        }
    }

    fn header_case(&self) -> HeaderCase {
        HeaderCase::AsReceived
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        self.peer
    }
}
