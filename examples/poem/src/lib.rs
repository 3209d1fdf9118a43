//! An adapter for poem, as its author would write it: a middleware that acts on the engine's decision. `tests/conformance.rs` runs the suite of `rti-conformance` over it.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use poem::error::NotFoundError;
use poem::http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderMap, HeaderValue, SET_COOKIE};
use poem::http::{Method, StatusCode, Version};
use poem::{Body, Endpoint, Middleware, Request, Response, Result};
use rti_core::{
    ChallengeResult, Decision, EXPLAIN_HEADER, HttpView, MAX_DISCARD_TIME, MAX_DISCARDED_BYTES,
    REMOVED_HEADERS, RESULT_HEADER, Reply, Rti,
};

/// What an application answers itself: it reads a request and gives a response, or `None`.
pub type Callback = Arc<dyn Fn(&Request, &Decision) -> Option<Response> + Send + Sync>;

/// Checks every request. Handlers find the [`Decision`] among the request's extensions.
#[derive(Clone)]
pub struct RtiMiddleware {
    rti: Rti,
    /// What visitors to be challenged get. `None` lets the request continue, and so does a panic.
    pub on_challenge: Option<Callback>,
    /// The page of blocked visitors. `None` leaves the built-in one, and so does a panic.
    pub on_block: Option<Callback>,
}

impl RtiMiddleware {
    /// A middleware without callbacks.
    pub fn new(rti: Rti) -> Self {
        Self {
            rti: rti.with_middleware_name(concat!("rust_poem_", env!("CARGO_PKG_VERSION"))),
            on_challenge: None,
            on_block: None,
        }
    }
}

impl<E: Endpoint> Middleware<E> for RtiMiddleware {
    type Output = RtiEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        if self.on_challenge.is_none() {
            self.rti.note_no_challenge_callback();
        }
        RtiEndpoint {
            inner,
            middleware: self.clone(),
        }
    }
}

/// The endpoint that [`RtiMiddleware`] puts around another one.
pub struct RtiEndpoint<E> {
    inner: E,
    middleware: RtiMiddleware,
}

impl<E: Endpoint> Endpoint for RtiEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let rti = &self.middleware.rti;
        if let Some(earlier) = request.extensions().get::<Decision>() {
            if rti.is_own(earlier) {
                return Ok(self.inner.get_response(request).await);
            }
            rti.note_other_engine(earlier);
        }
        let inspection = rti.inspect(&view(&request));
        for name in REMOVED_HEADERS {
            request.headers_mut().remove(name);
        }
        let decision = rti.decide(inspection).await;

        let (decision, reply) = self.middleware.conclude(&request, decision);
        let mut response = if let Some(response) = reply {
            after_discarding(response, request).await
        } else {
            if let Some(Ok(result)) = decision.result_header().map(HeaderValue::try_from) {
                request.headers_mut().insert(RESULT_HEADER, result);
            }
            request.extensions_mut().insert(decision.clone());
            // An error becomes its response here, so that it carries the cookie.
            self.inner.get_response(request).await
        };
        if let Some(Ok(cookie)) = decision.set_cookie().map(HeaderValue::try_from) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        if let Some(Ok(explanation)) = decision.explanation().map(HeaderValue::try_from) {
            response.headers_mut().insert(EXPLAIN_HEADER, explanation);
        }
        Ok(response)
    }
}

/// poem's request as the engine sees it: a type of poem's own, with a head of the `http` crate's types.
fn view(request: &Request) -> HttpView<'_> {
    let (method, uri) = (request.method(), request.original_uri());
    HttpView::from_head(method, uri, request.version(), request.headers())
        .with_extensions(request.extensions())
        // That of the listener, which knows whether it serves TLS.
        .with_scheme(request.scheme().clone())
        .with_peer_ip(request.remote_addr().as_socket_addr().map(SocketAddr::ip))
}

impl RtiMiddleware {
    /// The final decision, and what answers in the application's place. What breaks in a callback must
    /// not end the request.
    fn conclude(&self, request: &Request, mut decision: Decision) -> (Decision, Option<Response>) {
        let call = |callback: &Callback, decision: &Decision| {
            catch_unwind(AssertUnwindSafe(|| callback(request, decision)))
        };
        if decision.wants_challenge() {
            let called = self.on_challenge.as_ref();
            let (result, response) = match called.map(|challenge| call(challenge, &decision)) {
                None => (ChallengeResult::NoCallback, None),
                Some(Ok(Some(response))) => (ChallengeResult::Answered, Some(response)),
                Some(Ok(None)) => (ChallengeResult::Passed, None),
                Some(Err(_panic)) => (ChallengeResult::Panicked, None),
            };
            decision = self.rti.conclude_challenge(&decision, result);
            if response.is_some() {
                return (decision, response);
            }
        }
        let page = (self.on_block.as_ref()).filter(|_| decision.wants_block_page());
        let page = page.and_then(|page| call(page, &decision).unwrap_or_default());
        let response = page.or_else(|| decision.reply().map(render));
        (decision, response)
    }
}

/// The engine's reply as poem's response. The 404 is poem's own, or it would give the check away.
pub fn render(reply: &Reply) -> Response {
    if reply.status() == 404 {
        return poem::Error::from(NotFoundError).into_response();
    }
    let status = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::FORBIDDEN);
    let builder = reply.headers().fold(
        Response::builder().status(status),
        |builder, (name, value)| builder.header(name, value),
    );
    builder.body(reply.body().clone())
}

/// The response, once the request's body is read or was given up: hyper closes a connection on which a
/// body was left unread, and the response announces that.
async fn after_discarding(mut response: Response, mut request: Request) -> Response {
    let body = request.take_body();
    let is_read = body.is_empty() || discard(request.headers(), body).await;
    if !is_read && request.version() < Version::HTTP_2 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(CONNECTION, close);
    }
    // poem's 404 has a body for HEAD too. hyper omits it in HTTP/1 alone; an HTTP/2 client resets the stream.
    if request.method() == Method::HEAD && request.version() >= Version::HTTP_2 {
        response.take_body();
    }
    response
}

/// Whether the body was read to its end. A client that expects `100 Continue` has not sent it.
async fn discard(headers: &HeaderMap, body: Body) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if headers.contains_key(EXPECT) || length.is_some_and(|length| length > MAX_DISCARDED_BYTES) {
        return false;
    }
    let mut frames = body.into_bytes_stream();
    let read = async {
        let mut left = MAX_DISCARDED_BYTES;
        while let Some(frame) = frames.try_next().await.ok()? {
            left = left.checked_sub(u64::try_from(frame.len()).ok()?)?;
        }
        Some(())
    };
    matches!(
        tokio::time::timeout(MAX_DISCARD_TIME, read).await,
        Ok(Some(()))
    )
}
