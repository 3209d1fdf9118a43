//! Responses in the application's place, as data: adapters render them and choose nothing.

mod page;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

pub(crate) use self::page::{BlockPage, LARGEST_TEMPLATE, PageTexts};
use crate::requester::Requester;
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
    /// A response with this status and nothing else, for what answers in the application's place
    /// beside the engine, such as a challenge.
    ///
    /// ```
    /// use rti_core::Reply;
    ///
    /// let reply = Reply::new(303).with_header("location", "/").with_body("See /");
    /// assert_eq!(reply.headers().next(), Some(("location", "/")));
    /// ```
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// The same with one header more. The name is in lower case. A value with a control character is
    /// not valid in a header, so it is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        let value = value.into();
        if !value.contains(|c: char| c.is_control()) {
            self.headers.push((name, value));
        }
        self
    }

    /// The same with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

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

    /// Whether it must look like the application's own response of this status: the 404 of the
    /// strategy `not_found`. An adapter whose framework renders such responses apart from handlers (a
    /// catcher, an error handler) gives the status to that, and leaves headers and body aside.
    pub fn is_plain_status(&self) -> bool {
        self.status == NOT_FOUND
    }

    /// What a requester is told that is not let through: in the shape that it understands, with the
    /// request id as reference.
    pub(crate) fn denied(
        requester: Requester,
        page: &BlockPage,
        verdict: &Verdict,
        denial: Denial,
    ) -> Self {
        let reference = verdict.request_id();
        let (content_type, body) = match requester {
            Requester::Navigation => (HTML, page.html(reference)),
            Requester::Script | Requester::Stream => (
                "application/problem+json",
                problem(reference, denial).into(),
            ),
            Requester::Grpc => return Self::permission_denied(reference),
            // An image or a style that is not there: nobody reads its body.
            Requester::Subresource => {
                return Self {
                    status: 403,
                    headers: vec![NO_STORE],
                    body: Bytes::new(),
                };
            }
        };
        let mut headers = vec![("content-type", content_type.into()), NO_STORE];
        if requester == Requester::Navigation {
            headers.push(("content-security-policy", page.policy().into()));
        }
        Self {
            status: 403,
            headers,
            body,
        }
    }

    /// gRPC's status 7 in a response that is all trailers, which clients understand as no other.
    fn permission_denied(reference: Option<&str>) -> Self {
        let reference: String = reference
            .unwrap_or_default()
            .chars()
            .filter(|c| c.is_ascii_graphic() && *c != '%')
            .collect();
        let message = match reference.as_str() {
            "" => "access denied".to_owned(),
            reference => format!("access denied, reference {reference}"),
        };
        Self::grpc("7", message)
    }

    /// A response that is all trailers.
    fn grpc(status: &'static str, message: String) -> Self {
        Self {
            status: 200,
            headers: vec![
                ("content-type", "application/grpc".into()),
                ("grpc-status", status.into()),
                ("grpc-message", message.into()),
                NO_STORE,
            ],
            body: Bytes::new(),
        }
    }

    /// There is no verdict, and without one nobody is let through.
    pub(crate) fn unavailable(requester: Requester) -> Self {
        const TEXT: &str =
            "This page cannot be shown at the moment. Please try again in a few seconds.";
        let (content_type, body) = match requester {
            Requester::Navigation => ("text/plain; charset=utf-8", TEXT.to_owned()),
            Requester::Script | Requester::Stream => {
                let problem = serde_json::json!({
                    "type": "about:blank",
                    "title": "Service Unavailable",
                    "status": 503,
                    "detail": TEXT,
                });
                ("application/problem+json", problem.to_string())
            }
            Requester::Grpc => return Self::grpc("14", "temporarily unavailable".to_owned()),
            Requester::Subresource => ("text/plain; charset=utf-8", String::new()),
        };
        Self {
            status: 503,
            headers: vec![
                ("content-type", content_type.into()),
                ("retry-after", RETRY_AFTER.into()),
                NO_STORE,
            ],
            body: body.into(),
        }
    }

    /// As a response to HEAD: the headers of the response to GET, its length included, and no body.
    #[must_use]
    pub fn headers_alone(mut self) -> Self {
        if !self.body.is_empty() {
            self.headers
                .push(("content-length", self.body.len().to_string().into()));
            self.body = Bytes::new();
        }
        self
    }

    /// 404 as of a page that does not exist: no reference, no header that gives it away. A browser
    /// shows an error page of its own where the body is empty; who else reads it has no use for one.
    pub(crate) fn not_found(requester: Requester) -> Self {
        let (headers, body) = match requester {
            Requester::Navigation => (vec![("content-type", HTML.into())], NOT_FOUND_PAGE),
            _ => (Vec::new(), ""),
        };
        Self {
            status: NOT_FOUND,
            headers,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    /// 302 to a place that was validated at start: nothing of the request is in it. The request id
    /// goes with it, for the page that the visitor ends on or for a log.
    pub(crate) fn redirect(location: &str, reference: Option<&str>) -> Self {
        let mut headers = vec![("location", location.to_owned().into()), NO_STORE];
        let is_token = |id: &&str| id.bytes().all(|byte| byte.is_ascii_graphic());
        if let Some(id) = reference.filter(is_token) {
            headers.push(("x-cheq-id", id.to_owned().into()));
        }
        Self {
            status: 302,
            headers,
            body: Bytes::new(),
        }
    }
}

const NOT_FOUND: u16 = 404;

const HTML: &str = "text/html; charset=utf-8";

/// What servers show that were given no page for it.
const NOT_FOUND_PAGE: &str = "<!doctype html>\n\
     <html lang=\"en\">\n\
     <head><meta charset=\"utf-8\"><title>404 Not Found</title></head>\n\
     <body><h1>404 Not Found</h1></body>\n\
     </html>\n";

/// Seconds. An outage of the service takes longer, and then the next 503 says so.
const RETRY_AFTER: &str = "5";

const NO_STORE: (&str, Cow<'static, str>) = ("cache-control", Cow::Borrowed("no-store"));

/// Why a requester is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denial {
    Blocked,
    /// A challenge would let it through.
    Challenged,
}

fn problem(reference: Option<&str>, denial: Denial) -> String {
    let mut problem = serde_json::json!({
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "This request looks automated, so it was not let through.",
    });
    if let Some(members) = problem.as_object_mut() {
        if let Some(id) = reference {
            members.insert("reference".to_owned(), id.into());
        }
        if denial == Denial::Challenged {
            let challenge = serde_json::json!({ "required": true });
            members.insert("challenge".to_owned(), challenge);
        }
    }
    problem.to_string()
}

/// What a reply is made of beside the verdict. Of the request's payload no more is kept, since it is
/// some kilobytes a visitor.
#[derive(Debug, Clone)]
pub(crate) struct ReplyShape {
    pub(crate) requester: Requester,
    part: ReplyPart,
    page: Arc<BlockPage>,
}

#[derive(Debug, Clone, Copy)]
enum ReplyPart {
    Whole,
    /// Of a response to HEAD.
    Head,
}

impl ReplyShape {
    pub(crate) fn new(method: &str, requester: Requester, page: &Arc<BlockPage>) -> Self {
        Self {
            requester,
            part: match method {
                "HEAD" => ReplyPart::Head,
                _ => ReplyPart::Whole,
            },
            page: Arc::clone(page),
        }
    }

    pub(crate) fn denied(&self, verdict: &Verdict, denial: Denial) -> Reply {
        self.fit(Reply::denied(self.requester, &self.page, verdict, denial))
    }

    pub(crate) fn not_found(&self) -> Reply {
        self.fit(Reply::not_found(self.requester))
    }

    pub(crate) fn unavailable(&self) -> Reply {
        self.fit(Reply::unavailable(self.requester))
    }

    pub(crate) fn fit(&self, reply: Reply) -> Reply {
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

    fn denied(requester: Requester, request_id: &str) -> Reply {
        let page = BlockPage::standard(&PageTexts::default());
        Reply::denied(requester, &page, &verdict(request_id), Denial::Blocked)
    }

    fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
        let mut headers = reply.headers();
        headers.find_map(|(header, value)| (header == name).then_some(value))
    }

    #[test]
    fn a_request_id_cannot_inject() {
        let evil = "<script>alert('x')</script>\"&\r\nX: y";
        let page = denied(Requester::Navigation, evil);
        let page = std::str::from_utf8(page.body()).unwrap();
        assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
        assert!(!page.contains("<script>"));
        let json = denied(Requester::Script, evil);
        let json: serde_json::Value = serde_json::from_slice(json.body()).unwrap();
        assert_eq!(json["reference"], evil);
        for (id, expected) in [(evil, None), ("a b", None), ("r-1", Some("r-1"))] {
            let redirect = Reply::redirect("/sorry", Some(id));
            assert_eq!(header(&redirect, "x-cheq-id"), expected);
        }
    }

    #[test]
    fn a_header_value_cannot_inject() {
        let reply = Reply::new(303).with_header("location", "/\r\nset-cookie: a=b");
        assert_eq!(reply.headers().count(), 0);
    }

    #[test]
    fn head_gets_no_body_and_nothing_is_stored() {
        let page = denied(Requester::Navigation, "r-1");
        let length = page.body().len().to_string();
        let reply = page.headers_alone();
        assert!(reply.body().is_empty());
        assert_eq!(header(&reply, "content-length"), Some(length.as_str()));
        assert_eq!(reply.status(), 403);
        assert_eq!(header(&reply, "cache-control"), Some("no-store"));
    }

    #[test]
    fn not_found_is_a_page_for_navigations_alone() {
        let page = Reply::not_found(Requester::Navigation);
        assert_eq!(page.headers().collect::<Vec<_>>(), [("content-type", HTML)]);
        for requester in [Requester::Script, Requester::Grpc, Requester::Subresource] {
            let reply = Reply::not_found(requester);
            assert!(reply.body().is_empty() && reply.headers().next().is_none());
        }
    }
}
