//! Who sent a request: a browser that shows a page, a script, a stream, gRPC. It decides which reply is
//! understood, and nothing else: anyone can write these headers.

use crate::known_headers::KnownHeader;
use crate::words::words;

/// Who sent a request, as far as its headers tell.
///
/// The first line that matches decides:
///
/// | header | requester |
/// | --- | --- |
/// | `Content-Type: application/grpc…` | [`Grpc`](Self::Grpc) |
/// | `Upgrade: websocket`, `Sec-Fetch-Mode: websocket`, `Accept: text/event-stream` | [`Stream`](Self::Stream) |
/// | `Sec-Fetch-Mode: navigate`, `Sec-Fetch-Dest: document`, `frame` or `iframe` | [`Navigation`](Self::Navigation) |
/// | `Sec-Fetch-Dest: empty`, `X-Requested-With: XMLHttpRequest` | [`Script`](Self::Script) |
/// | any other `Sec-Fetch-Dest` | [`Subresource`](Self::Subresource) |
/// | `Accept` of JSON and not of HTML, `Content-Type` of JSON | [`Script`](Self::Script) |
/// | none of these | [`Navigation`](Self::Navigation) |
///
/// ```
/// # use rti_core::Requester;
/// assert_eq!(Requester::Script.as_str(), "script");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Requester {
    /// A browser that shows the response as a page, or a client of which nothing is known.
    #[default]
    Navigation,
    /// `fetch`, `XMLHttpRequest`, or a client that speaks JSON.
    Script,
    /// A WebSocket or an event stream.
    Stream,
    /// A gRPC client.
    Grpc,
    /// An image, script, style, font or other part of a page.
    Subresource,
}

words! {
    Requester {
        "navigation" => Navigation, "script" => Script, "stream" => Stream, "grpc" => Grpc,
        "subresource" => Subresource,
    }
}

/// The strongest sign so far of who sent the request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signs(Option<Sign>);

/// From the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    SpeaksJson,
    FetchedForPart,
    MadeByXhr,
    FetchedForScript,
    ShownAsPage,
    OpensStream,
    SpeaksGrpc,
}

impl Signs {
    pub(crate) fn note(&mut self, header: KnownHeader, value: &[u8]) {
        let is = |wanted: &str| value.trim_ascii().eq_ignore_ascii_case(wanted.as_bytes());
        let sign = match header {
            KnownHeader::SecFetchDest if is("document") || is("frame") || is("iframe") => {
                Some(Sign::ShownAsPage)
            }
            KnownHeader::SecFetchDest if is("empty") => Some(Sign::FetchedForScript),
            KnownHeader::SecFetchDest => Some(Sign::FetchedForPart),
            KnownHeader::SecFetchMode if is("navigate") => Some(Sign::ShownAsPage),
            KnownHeader::SecFetchMode if is("websocket") => Some(Sign::OpensStream),
            KnownHeader::XRequestedWith if is("XMLHttpRequest") => Some(Sign::MadeByXhr),
            KnownHeader::ContentType => of_content_type(&String::from_utf8_lossy(value)),
            KnownHeader::Accept => of_accept(value),
            _ => None,
        };
        self.0 = self.0.max(sign);
    }

    /// The header `Upgrade`, which is not among those that travel.
    pub(crate) fn note_upgrade(&mut self, value: &[u8]) {
        if value.trim_ascii().eq_ignore_ascii_case(b"websocket") {
            self.0 = self.0.max(Some(Sign::OpensStream));
        }
    }

    pub(crate) fn requester(self) -> Requester {
        match self.0 {
            None | Some(Sign::ShownAsPage) => Requester::Navigation,
            Some(Sign::SpeaksJson | Sign::MadeByXhr | Sign::FetchedForScript) => Requester::Script,
            Some(Sign::FetchedForPart) => Requester::Subresource,
            Some(Sign::OpensStream) => Requester::Stream,
            Some(Sign::SpeaksGrpc) => Requester::Grpc,
        }
    }
}

fn of_content_type(value: &str) -> Option<Sign> {
    let prefix = "application/grpc";
    let start = value.trim_start().as_bytes().get(..prefix.len());
    if start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes())) {
        return Some(Sign::SpeaksGrpc);
    }
    is_json(value).then_some(Sign::SpeaksJson)
}

fn of_accept(accept: &[u8]) -> Option<Sign> {
    // No browser's list for a page names one of these, so that most need not be taken apart.
    if !names_json_or_stream(accept) {
        return None;
    }
    let accept = String::from_utf8_lossy(accept);
    let (mut json, mut html) = (false, false);
    for range in accept.split(',').filter(|range| is_wanted(range)) {
        let media_type = range.split(';').next().unwrap_or_default().trim();
        let is = |wanted: &str| media_type.eq_ignore_ascii_case(wanted);
        if is("text/event-stream") {
            return Some(Sign::OpensStream);
        }
        json |= is_json(media_type);
        html |= is("text/html") || is("application/xhtml+xml") || is("text/*");
    }
    (json && !html).then_some(Sign::SpeaksJson)
}

fn names_json_or_stream(accept: &[u8]) -> bool {
    let is = |at: usize, word: &[u8]| {
        let found = accept.get(at..at + word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word))
    };
    memchr::memchr2_iter(b'j', b'J', accept).any(|at| is(at, b"json"))
        || memchr::memchr_iter(b'-', accept).any(|at| is(at, b"-stream"))
}

fn is_json(media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let suffix = media_type.rsplit_once('+').map_or("", |(_, suffix)| suffix);
    media_type.eq_ignore_ascii_case("application/json") || suffix.eq_ignore_ascii_case("json")
}

/// Whether a media range has a weight other than zero.
fn is_wanted(range: &str) -> bool {
    !range.split(';').skip(1).any(|parameter| {
        let weight = parameter
            .split_once('=')
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        weight.is_some_and(|(_, value)| value.trim().parse() == Ok(0.0_f32))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requester(headers: &[(&str, &str)]) -> Requester {
        let mut signs = Signs::default();
        for (name, value) in headers {
            match KnownHeader::lookup(name) {
                Some(known) => signs.note(known, value.as_bytes()),
                None => signs.note_upgrade(value.as_bytes()),
            }
        }
        signs.requester()
    }

    #[test]
    fn the_table() {
        for (headers, expected) in [
            (&[][..], Requester::Navigation),
            (&[("accept", "*/*")], Requester::Navigation),
            (
                &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")],
                Requester::Navigation,
            ),
            (
                &[
                    ("sec-fetch-dest", "document"),
                    ("sec-fetch-mode", "navigate"),
                ],
                Requester::Navigation,
            ),
            (&[("sec-fetch-dest", "iframe")], Requester::Navigation),
            (
                &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "image")],
                Requester::Navigation,
            ),
            (
                &[
                    ("accept", "*/*"),
                    ("sec-fetch-dest", "empty"),
                    ("sec-fetch-mode", "cors"),
                ],
                Requester::Script,
            ),
            (&[("x-requested-with", "XMLHttpRequest")], Requester::Script),
            (
                &[("accept", "application/json, text/plain, */*")],
                Requester::Script,
            ),
            (&[("accept", "application/vnd.api+json")], Requester::Script),
            (
                &[("accept", "text/html;q=0, application/json")],
                Requester::Script,
            ),
            (&[("accept", "application/json;q=0")], Requester::Navigation),
            (
                &[("accept", "text/html, application/json")],
                Requester::Navigation,
            ),
            (
                &[("accept", "application/xhtml+xml,application/json;q=0.9")],
                Requester::Navigation,
            ),
            (
                &[("content-type", "application/json; charset=utf-8")],
                Requester::Script,
            ),
            (
                &[
                    ("content-type", "application/json"),
                    ("sec-fetch-mode", "navigate"),
                ],
                Requester::Navigation,
            ),
            (
                &[("content-type", "application/grpc+proto")],
                Requester::Grpc,
            ),
            (&[("content-type", "Application/gRPC")], Requester::Grpc),
            (&[("upgrade", "WebSocket")], Requester::Stream),
            (
                &[("sec-fetch-dest", "empty"), ("accept", "text/event-stream")],
                Requester::Stream,
            ),
            (
                &[("sec-fetch-mode", "websocket"), ("sec-fetch-dest", "empty")],
                Requester::Stream,
            ),
            (&[("sec-fetch-dest", "image")], Requester::Subresource),
            (
                &[("sec-fetch-dest", "font"), ("accept", "*/*")],
                Requester::Subresource,
            ),
            (&[("sec-fetch-dest", "script")], Requester::Subresource),
            (
                &[("accept", "image/avif,image/webp")],
                Requester::Navigation,
            ),
        ] {
            assert_eq!(requester(headers), expected, "{headers:?}");
        }
    }
}
