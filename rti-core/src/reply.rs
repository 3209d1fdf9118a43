//! Responses in the application's place, as data: adapters render them and choose nothing.

use std::borrow::Cow;

use bytes::Bytes;

use crate::verdict::Verdict;

/// A response that is given in the application's place.
///
/// The cookie of the verdict is not part of it: adapters append that to every response alike, from
/// [`Decision::set_cookie`](crate::Decision::set_cookie).
///
/// ```
/// # fn render(reply: &rti_core::Reply) -> String {
/// let mut head = format!("HTTP/1.1 {}\r\n", reply.status());
/// for (name, value) in reply.headers() {
///     head += &format!("{name}: {value}\r\n");
/// }
/// # head
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    body: Bytes,
}

impl Reply {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Headers with names in lower case and values that are valid in a header.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_ref()))
    }

    /// The body; empty in responses to HEAD, whose headers then hold the length it has for GET.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Whether it is a status and nothing else. An adapter whose framework lets the application
    /// render a status in its own shape (a catcher, an error handler) does so.
    pub fn is_bare(&self) -> bool {
        self.headers.is_empty() && self.body.is_empty()
    }

    /// 403 and a page that says so, with the request id as reference.
    pub(crate) fn blocked(format: ReplyFormat, verdict: &Verdict) -> Self {
        let (content_type, body) = match format {
            ReplyFormat::Html => ("text/html; charset=utf-8", html_page(verdict.request_id())),
            ReplyFormat::Json => ("application/problem+json", problem(verdict.request_id())),
        };
        Self {
            status: 403,
            headers: vec![("content-type", content_type.into()), NO_STORE],
            body: body.into(),
        }
    }

    /// As a response to HEAD: the headers of the response to GET, its length included, and no body.
    pub(crate) fn headers_alone(mut self) -> Self {
        if !self.body.is_empty() {
            self.headers
                .push(("content-length", self.body.len().to_string().into()));
            self.body = Bytes::new();
        }
        self
    }

    /// 404 and nothing else: no page, no reference, no header that gives it away.
    pub(crate) fn not_found() -> Self {
        Self {
            status: 404,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// 302 to a place that was validated at start: nothing of the request is in it.
    pub(crate) fn redirect(location: &str) -> Self {
        Self {
            status: 302,
            headers: vec![("location", location.to_owned().into()), NO_STORE],
            body: Bytes::new(),
        }
    }
}

const NO_STORE: (&str, Cow<'static, str>) = ("cache-control", Cow::Borrowed("no-store"));

/// The shape of a blocked visitor's response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplyFormat {
    Html,
    Json,
}

impl ReplyFormat {
    /// JSON where the client asks for JSON and not for HTML; a page for all others.
    pub(crate) fn of(accept: Option<&str>) -> Self {
        let accept = accept.unwrap_or_default();
        // No browser's list has the letter, so that most need not be taken apart.
        if memchr::memchr2(b'j', b'J', accept.as_bytes()).is_none() {
            return Self::Html;
        }
        let (mut json, mut html) = (false, false);
        for range in accept.split(',').filter(|range| is_wanted(range)) {
            let media_type = range.split(';').next().unwrap_or_default().trim();
            let is = |wanted: &str| media_type.eq_ignore_ascii_case(wanted);
            let suffix = media_type.rsplit_once('+').map_or("", |(_, suffix)| suffix);
            json |= is("application/json") || suffix.eq_ignore_ascii_case("json");
            html |= is("text/html") || is("application/xhtml+xml") || is("text/*");
        }
        if json && !html {
            Self::Json
        } else {
            Self::Html
        }
    }
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

fn html_page(reference: Option<&str>) -> String {
    let reference = reference.map_or_else(String::new, |id| {
        format!("<p>Reference: <code>{}</code></p>\n", escape(id))
    });
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Access denied</title></head>\n\
         <body style=\"font-family:sans-serif;max-width:36em;margin:15vh auto;padding:0 1em\">\n\
         <h1>Access denied</h1>\n\
         <p>This request looks automated, so it was not let through.</p>\n\
         {reference}</body>\n\
         </html>\n"
    )
}

fn problem(reference: Option<&str>) -> String {
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "This request looks automated, so it was not let through.",
    });
    if let (Some(id), Some(members)) = (reference, problem.as_object_mut()) {
        members.insert("reference".to_owned(), id.into());
    }
    problem.to_string()
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// All that a reply needs of the request: the payload itself is dropped while the verdict is under
/// way, since it is some kilobytes a visitor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplyShape {
    pub(crate) format: ReplyFormat,
    part: ReplyPart,
}

#[derive(Debug, Clone, Copy)]
enum ReplyPart {
    Whole,
    /// Of a response to HEAD.
    Head,
}

impl ReplyShape {
    pub(crate) fn new(method: &str, format: ReplyFormat) -> Self {
        Self {
            format,
            part: match method {
                "HEAD" => ReplyPart::Head,
                _ => ReplyPart::Whole,
            },
        }
    }

    pub(crate) fn fit(self, reply: Reply) -> Reply {
        match self.part {
            ReplyPart::Whole => reply,
            ReplyPart::Head => reply.headers_alone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat_type::ThreatType;

    fn verdict(request_id: &str) -> Verdict {
        Verdict {
            is_invalid: true,
            threat_type: ThreatType::AutomationTools,
            request_id: Some(request_id.to_owned()),
            set_cookie: None,
            extended: None,
        }
    }

    #[test]
    fn json_only_for_those_who_want_json_and_not_html() {
        for (accept, expected) in [
            (None, ReplyFormat::Html),
            (Some("*/*"), ReplyFormat::Html),
            (Some("application/json"), ReplyFormat::Json),
            (
                Some("Application/Problem+JSON; charset=utf-8, */*;q=0.1"),
                ReplyFormat::Json,
            ),
            (Some("text/html, application/json"), ReplyFormat::Html),
            (Some("text/html;q=0, application/json"), ReplyFormat::Json),
            (Some("application/json;q=0"), ReplyFormat::Html),
            (
                Some("application/xhtml+xml,application/json;q=0.9"),
                ReplyFormat::Html,
            ),
        ] {
            assert_eq!(ReplyFormat::of(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn a_request_id_cannot_inject() {
        let evil = "<script>alert('x')</script>\"&\r\nX: y";
        let page = Reply::blocked(ReplyFormat::Html, &verdict(evil));
        let page = std::str::from_utf8(page.body()).unwrap();
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
        assert!(!page.contains("<script"));
        let json = Reply::blocked(ReplyFormat::Json, &verdict(evil));
        let json: serde_json::Value = serde_json::from_slice(json.body()).unwrap();
        assert_eq!(json["reference"], evil);
    }

    #[test]
    fn head_gets_no_body_and_nothing_is_stored() {
        let page = Reply::blocked(ReplyFormat::Html, &verdict("r-1"));
        let length = page.body().len().to_string();
        let reply = page.headers_alone();
        assert!(reply.body().is_empty());
        assert!(
            reply
                .headers()
                .any(|header| header == ("content-length", length.as_str()))
        );
        assert_eq!(reply.status(), 403);
        assert!(
            reply
                .headers()
                .any(|header| header == ("cache-control", "no-store"))
        );
    }
}
