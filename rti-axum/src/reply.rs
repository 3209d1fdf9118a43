//! What RTI writes: its replies in the application's place, and the headers that it adds.

use std::pin::pin;

use axum_core::body::Body;
use axum_core::response::Response;
use bytes::Buf;
use http::header::{CONNECTION, EXPECT, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use http::request::Parts;
use http::{StatusCode, Version};
use http_body_util::BodyExt as _;
use rti_core::{
    Decision, EXPLAIN_HEADER, MAX_DISCARD_TIME, MAX_DISCARDED_BYTES, RESULT_HEADER, Reply,
};

/// A [`Reply`] as a response of this framework: for a challenge callback that answers with
/// [`Decision::denial`].
///
/// ```
/// use rti_axum::{Decision, render};
///
/// fn refuse(decision: &Decision) -> Option<axum::response::Response> {
///     decision.denial().map(|denial| render(&denial))
/// }
/// ```
pub fn render(reply: &Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body().clone()));
    *response.status_mut() = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::FORBIDDEN);
    for (name, value) in reply.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// What a response has of a decision, whoever gave it.
pub(crate) fn add_headers(decision: &Decision, headers: &mut HeaderMap) {
    if let Some(Ok(cookie)) = decision.set_cookie().map(HeaderValue::try_from) {
        headers.append(SET_COOKIE, cookie);
    }
    if let Some(Ok(explanation)) = decision.explanation().map(HeaderValue::try_from) {
        headers.insert(EXPLAIN_HEADER, explanation);
    }
}

/// Sets the result header. The client's own value has already been removed.
pub(crate) fn set_result_header(decision: &Decision, headers: &mut HeaderMap) {
    if let Some(Ok(result)) = decision.result_header().map(HeaderValue::try_from) {
        headers.insert(RESULT_HEADER, result);
    }
}

/// The response, once the body of the request that it answers is read or was given up. hyper closes a
/// connection whose body was left unread, so the response announces that: a proxy does not use the
/// connection again then.
pub(crate) async fn after_discarding<B>(
    mut response: Response,
    request: &Parts,
    body: B,
) -> Response
where
    B: http_body::Body,
{
    let is_http1 = request.version < Version::HTTP_2;
    match discard(&request.headers, body).await {
        Rest::Unread if is_http1 => {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Rest::Read | Rest::Unread => {}
    }
    response
}

enum Rest {
    Read,
    Unread,
}

/// A client that expects `100 Continue` has not sent its body, and hyper would request it at the
/// first read.
async fn discard<B: http_body::Body>(headers: &HeaderMap, body: B) -> Rest {
    if body.is_end_stream() {
        return Rest::Read;
    }
    if headers.contains_key(EXPECT) || body.size_hint().lower() > MAX_DISCARDED_BYTES {
        return Rest::Unread;
    }
    let mut body = pin!(body);
    let read = async {
        let mut left = MAX_DISCARDED_BYTES;
        while let Some(frame) = body.frame().await {
            let length = frame.ok().and_then(|frame| {
                let data = frame.data_ref().map_or(0, Buf::remaining);
                u64::try_from(data).ok()
            });
            match length.and_then(|length| left.checked_sub(length)) {
                Some(rest) => left = rest,
                None => return Rest::Unread,
            }
        }
        Rest::Read
    };
    (tokio::time::timeout(MAX_DISCARD_TIME, read).await).unwrap_or(Rest::Unread)
}
