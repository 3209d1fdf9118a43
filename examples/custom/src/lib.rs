//! Your own framework: all it takes to add RTI to plain hyper.
//!
//! One function around the application, [`intercept`], which acts on the engine's decision. `main.rs`
//! serves a shop with it. hyper uses the types of the `http` crate, so `rti-core`'s `HttpView` shows its
//! requests to the engine; for other types implement `RtiRequest` instead.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, EXPECT, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode, Version};
use rti_challenge::{Challenge, MAX_BODY_TIME, Pending, RequestBody};
use rti_core::{
    ChallengeResult, Decision, EXPLAIN_HEADER, HttpView, MAX_DISCARD_TIME, MAX_DISCARDED_BYTES,
    REMOVED_HEADERS, RESULT_HEADER, Reply, Rti,
};

/// The body of every response.
pub type Body = BoxBody<Bytes, hyper::Error>;

/// What an application answers itself: it reads a request and gives a response, or `None`.
pub type Callback<'a> = &'a (dyn Fn(&Parts, &Decision) -> Option<Response<Body>> + Send + Sync);

/// The callbacks of an application.
#[derive(Clone, Copy, Default)]
pub struct Callbacks<'a> {
    /// The challenge kit. It takes the place of `on_challenge`.
    pub kit: Option<&'a Challenge>,
    /// What visitors to be challenged get. `None` lets the request continue, and so does a panic.
    pub on_challenge: Option<Callback<'a>>,
    /// The page of blocked visitors. `None` leaves the built-in one, and so does a panic.
    pub on_block: Option<Callback<'a>>,
}

/// Checks a request and acts on the decision: the application is called, or it is not.
///
/// The application finds the [`Decision`] among the request's extensions.
///
/// # Errors
/// Those of the application alone: RTI has none.
pub async fn intercept<E>(
    rti: &Rti,
    peer: IpAddr,
    request: Request<Incoming>,
    callbacks: Callbacks<'_>,
    application: impl AsyncFnOnce(Request<Incoming>) -> Result<Response<Body>, E>,
) -> Result<Response<Body>, E> {
    let (mut request, body) = request.into_parts();
    let view = HttpView::new(&request).with_peer_ip(peer);
    if let Some(pending) = callbacks.kit.and_then(|kit| kit.own(rti, &view)) {
        return Ok(answer(pending, &request, body).await);
    }
    let inspection = rti.inspect(&view);
    for name in REMOVED_HEADERS {
        request.headers.remove(name);
    }
    let decision = rti.decide(inspection).await;

    let (decision, pending) = challenge(rti, peer, &request, decision, callbacks.kit);
    let (decision, reply) = conclude(rti, &request, decision, callbacks);
    let mut response = if let Some(pending) = pending {
        answer(pending, &request, body).await
    } else if let Some(response) = reply {
        after_discarding(response, &request, body).await
    } else {
        if let Some(Ok(result)) = decision.result_header().map(HeaderValue::try_from) {
            request.headers.insert(RESULT_HEADER, result);
        }
        request.extensions.insert(decision.clone());
        application(Request::from_parts(request, body)).await?
    };
    if let Some(Ok(cookie)) = decision.set_cookie().map(HeaderValue::try_from) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    if let Some(Ok(explanation)) = decision.explanation().map(HeaderValue::try_from) {
        response.headers_mut().insert(EXPLAIN_HEADER, explanation);
    }
    Ok(response)
}

/// What the kit makes of a decision that wants a challenge: the final one, and what it answers if the
/// visitor has no clearance.
fn challenge(
    rti: &Rti,
    peer: IpAddr,
    request: &Parts,
    decision: Decision,
    kit: Option<&Challenge>,
) -> (Decision, Option<Pending>) {
    let Some(kit) = kit.filter(|_| decision.wants_challenge()) else {
        return (decision, None);
    };
    let view = HttpView::new(request).with_peer_ip(peer);
    let pending = kit.challenged(rti, &view, &decision);
    let result = match pending {
        Some(_) => ChallengeResult::Answered,
        None => ChallengeResult::Passed,
    };
    (rti.conclude_challenge(&decision, result), pending)
}

/// The kit's response, which may need the body.
async fn answer(pending: Pending, request: &Parts, mut body: Incoming) -> Response<Body> {
    let mut read = RequestBody::NotRead;
    if let Some(limit) = pending.body_limit() {
        let whole = Limited::new(&mut body, limit).collect();
        read = match tokio::time::timeout(MAX_BODY_TIME, whole).await {
            Ok(Ok(whole)) => RequestBody::Whole(whole.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => RequestBody::TooLarge,
            Ok(Err(_)) | Err(_) => RequestBody::NotRead,
        };
    }
    let response = render(&pending.answer(read).await);
    after_discarding(response, request, body).await
}

/// The final decision, and what answers in the application's place. What breaks in a callback must not end
/// the request.
fn conclude(
    rti: &Rti,
    request: &Parts,
    mut decision: Decision,
    callbacks: Callbacks<'_>,
) -> (Decision, Option<Response<Body>>) {
    let call = |callback: Callback<'_>, decision: &Decision| {
        catch_unwind(AssertUnwindSafe(|| callback(request, decision)))
    };
    if decision.wants_challenge() {
        let called = callbacks
            .on_challenge
            .map(|challenge| call(challenge, &decision));
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
    let page = callbacks.on_block.filter(|_| decision.wants_block_page());
    let page = page.and_then(|page| call(page, &decision).unwrap_or_default());
    let response = page.or_else(|| decision.reply().map(render));
    (decision, response)
}

/// The response, once the body is read or was given up.
async fn after_discarding(
    mut response: Response<Body>,
    request: &Parts,
    body: Incoming,
) -> Response<Body> {
    let is_http1 = request.version < Version::HTTP_2;
    if !discard(&request.headers, body).await && is_http1 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    response
}

/// Reads and discards the body of a request that the application does not get; whether to its end.
///
/// hyper closes a connection on which a body was left unread, and a proxy that is still sending
/// makes a 502 of that. Where `100 Continue` is expected the body is not sent until it is read.
async fn discard(headers: &HeaderMap, body: Incoming) -> bool {
    if body.is_end_stream() {
        return true;
    }
    if headers.contains_key(EXPECT) || body.size_hint().lower() > MAX_DISCARDED_BYTES {
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
