//! From the engine's reply to axum's response: conversion only.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use axum::response::Response;
use rti_core::{Decision, RESULT_HEADER, Reply};

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

pub(crate) fn append_cookie(decision: &Decision, headers: &mut HeaderMap) {
    if let Some(Ok(cookie)) = decision.set_cookie().map(HeaderValue::try_from) {
        headers.append(SET_COOKIE, cookie);
    }
}

/// Sets the result header. The client's own value has already been removed.
pub(crate) fn set_result_header(decision: &Decision, headers: &mut HeaderMap) {
    if let Some(Ok(result)) = decision.result_header().map(HeaderValue::try_from) {
        headers.insert(RESULT_HEADER, result);
    }
}
