//! Your own framework: all it takes to hook RTI into plain hyper.
//!
//! Two things: a view that shows the request to the engine ([`View`]), and a function around the
//! application that acts on the decision ([`intercept`]). `main.rs` serves a shop with them.

use std::borrow::Cow;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, EXPECT, HeaderName, HeaderValue, SET_COOKIE};
use hyper::http::uri::Authority;
use hyper::{Request, Response, StatusCode, Version};
use rti_core::{
    ChallengeResult, Decision, HeaderOrder, HttpVersion, MAX_DISCARD_TIME, MAX_DISCARDED_BYTES,
    RESULT_HEADER, Reply, Rti, RtiRequest,
};

/// The body of every answer.
pub type Body = BoxBody<Bytes, hyper::Error>;

/// hyper's request as the engine sees it.
pub struct View<'a> {
    request: &'a Request<Incoming>,
    peer: IpAddr,
}

impl RtiRequest for View<'_> {
    fn method(&self) -> &str {
        self.request.method().as_str()
    }

    fn target(&self) -> Cow<'_, str> {
        self.request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .into()
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in self.request.headers() {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        match self.request.version() {
            Version::HTTP_10 => HttpVersion::Http10,
            Version::HTTP_2 => HttpVersion::Http2,
            _ => HttpVersion::Http11,
        }
    }

    // hyper moves a repeated header to the first of its name, and keeps the order otherwise.
    fn header_order(&self) -> HeaderOrder {
        let headers = self.request.headers();
        if headers.len() == headers.keys_len() {
            HeaderOrder::Wire
        } else {
            HeaderOrder::Grouped
        }
    }

    // In HTTP/1 it is part of an absolute target, in which a client writes what it likes.
    fn scheme(&self) -> Option<&str> {
        let is_http2 = self.http_version() == HttpVersion::Http2;
        self.request.uri().scheme_str().filter(|_| is_http2)
    }

    fn authority(&self) -> Option<&str> {
        self.request.uri().authority().map(Authority::as_str)
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        Some(self.peer)
    }
}

/// Asks about a request and acts on the decision: the application is called, or it is not.
///
/// `challenge` may answer in the application's place; where it gives `None` the request continues.
/// Without one a visitor to be challenged continues too.
/// The application finds the [`Decision`] among the request's extensions.
///
/// # Errors
/// Those of the application alone: RTI has none.
pub async fn intercept<E>(
    rti: &Rti,
    peer: IpAddr,
    mut request: Request<Incoming>,
    challenge: Option<impl FnOnce(&Request<Incoming>, &Decision) -> Option<Response<Body>>>,
    application: impl AsyncFnOnce(Request<Incoming>) -> Result<Response<Body>, E>,
) -> Result<Response<Body>, E> {
    let inspection = rti.inspect(&View {
        request: &request,
        peer,
    });
    request.headers_mut().remove(RESULT_HEADER);
    let decision = rti.decide(inspection).await;

    let (decision, reply) = conclude(rti, &request, decision, challenge);
    let mut response = if let Some(mut reply) = reply {
        let is_http1 = request.version() < Version::HTTP_2;
        if !read_off(request).await && is_http1 {
            let close = HeaderValue::from_static("close");
            reply.headers_mut().insert(CONNECTION, close);
        }
        reply
    } else {
        request.extensions_mut().insert(decision.clone());
        if let Some(Ok(result)) = decision.result_header().map(HeaderValue::try_from) {
            request.headers_mut().insert(RESULT_HEADER, result);
        }
        application(request).await?
    };
    if let Some(Ok(cookie)) = decision.set_cookie().map(HeaderValue::try_from) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The final decision, and what answers in the application's place. What breaks in a challenge lets the
/// visitor continue, as what breaks elsewhere does.
fn conclude(
    rti: &Rti,
    request: &Request<Incoming>,
    mut decision: Decision,
    challenge: Option<impl FnOnce(&Request<Incoming>, &Decision) -> Option<Response<Body>>>,
) -> (Decision, Option<Response<Body>>) {
    if decision.wants_challenge() {
        let called = challenge
            .map(|challenge| catch_unwind(AssertUnwindSafe(|| challenge(request, &decision))));
        let (result, response) = match called {
            None => (ChallengeResult::NoCallback, None),
            Some(Ok(Some(response))) => (ChallengeResult::Answered, Some(response)),
            Some(Ok(None)) => (ChallengeResult::Passed, None),
            Some(Err(_panic)) => (ChallengeResult::Panicked, None),
        };
        decision = rti.conclude_challenge(&decision, result);
        if response.is_some() {
            return (decision, response);
        }
    }
    let response = decision.reply().map(render);
    (decision, response)
}

/// Reads and discards the body of a request that the application does not get; whether to its end.
///
/// hyper closes a connection on which a body was left unread, and a proxy that is still sending
/// makes a 502 of that. Where `100 Continue` is expected the body is not sent until it is read.
async fn read_off(request: Request<Incoming>) -> bool {
    let is_expected = request.headers().contains_key(EXPECT);
    let body = request.into_body();
    if body.is_end_stream() {
        return true;
    }
    if is_expected || body.size_hint().lower() > MAX_DISCARDED_BYTES {
        return false;
    }
    let limit = usize::try_from(MAX_DISCARDED_BYTES).unwrap_or(usize::MAX);
    let mut body = Limited::new(body, limit);
    let read = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return false;
            }
        }
        true
    };
    (tokio::time::timeout(MAX_DISCARD_TIME, read).await).unwrap_or(false)
}

/// A reply of the engine, or a decision's denial, as a response of hyper.
pub fn render(reply: &Reply) -> Response<Body> {
    let mut response = Response::new(full(reply.body().clone()));
    *response.status_mut() = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::FORBIDDEN);
    for (name, value) in reply.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A body that is there already.
pub fn full(body: impl Into<Bytes>) -> Body {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed()
}
