//! From the engine's reply to actix-web's response: conversion only.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use actix_web::body::{self, BoxBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use actix_web::{Error, HttpResponse};
use rti_core::{Decision, EXPLAIN_HEADER, REMOVED_HEADERS, RESULT_HEADER, Reply};

/// A [`Reply`] as a response of this framework: for a challenge callback that answers with
/// [`Decision::denial`].
///
/// ```
/// use rti_actix::{Decision, render};
///
/// fn refuse(decision: &Decision) -> Option<actix_web::HttpResponse> {
///     decision.denial().map(|denial| render(&denial))
/// }
/// ```
pub fn render(reply: &Reply) -> HttpResponse {
    let status = StatusCode::from_u16(reply.status()).unwrap_or(StatusCode::FORBIDDEN);
    // actix-web writes the length of the body it is given and nobody else's; an answer to HEAD, which
    // has the length of another, goes without.
    let is_head = reply
        .headers()
        .any(|(name, _)| name == CONTENT_LENGTH.as_str());
    let body = if is_head {
        BoxBody::new(body::None::new())
    } else {
        BoxBody::new(reply.body().clone())
    };
    let mut response = HttpResponse::with_body(status, body);
    for (name, value) in reply.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// What a response has of a decision, whoever gave it: on the response, or on the error until it becomes one.
///
/// The error stays an error. Rendering it here instead would show the middlewares outside a
/// response where there is an error without RTI: `ErrorHandlers` would replace what it leaves
/// alone, and a middleware that undoes its work on `Err` would keep it. An error of our own around
/// it would hide its type from `Error::as_error`. The mapper leaves both as they are, and is run
/// when the server renders the error. Only a middleware that renders it past
/// `Error::error_response` (`HttpResponse::from_error`) drops the cookie, as all that was mapped.
pub(crate) fn add_headers(decision: &Decision, answer: &mut Result<ServiceResponse, Error>) {
    let cookie = decision
        .set_cookie()
        .map(|cookie| (SET_COOKIE, cookie.to_owned()));
    let name = HeaderName::from_static(EXPLAIN_HEADER);
    let explanation = decision.explanation().map(|text| (name, text));
    for (name, value) in cookie.into_iter().chain(explanation) {
        let Ok(value) = HeaderValue::try_from(value) else {
            continue;
        };
        match answer {
            Ok(response) => response.headers_mut().append(name, value),
            Err(error) => error.add_response_mapper(move |mut response| {
                response.headers_mut().append(name.clone(), value.clone());
                response
            }),
        }
    }
}

/// A request that cannot be changed, since a middleware outside keeps a clone of it.
#[derive(Debug)]
pub(crate) struct SharedRequest;

/// Removes the headers that only RTI sets or reads.
pub(crate) fn remove_headers(request: &mut ServiceRequest) -> Result<(), SharedRequest> {
    // Looked for first, since most requests have none and may be shared.
    for name in REMOVED_HEADERS {
        if request.headers().contains_key(name) {
            change_headers(request, |headers| drop(headers.remove(name)))?;
        }
    }
    Ok(())
}

/// Sets the result header. The client's own value has already been removed. A shared request
/// continues without: an application that trusts the header must take its absence for no verdict.
pub(crate) fn set_result_header(decision: &Decision, request: &mut ServiceRequest) {
    static WARNED: Once = Once::new();
    let Some(Ok(result)) = decision.result_header().map(HeaderValue::try_from) else {
        return;
    };
    let name = HeaderName::from_static(RESULT_HEADER);
    let set = change_headers(request, |headers| drop(headers.insert(name, result)));
    if set.is_err() {
        WARNED.call_once(|| {
            tracing::warn!(
                target: "rti",
                "the result header is not set: a middleware outside of RTI keeps a clone of the request; put it inside"
            );
        });
    }
}

/// actix-web panics where the request is shared, and has no way to find out beforehand. The panic is
/// caught here and nowhere else: one that is not would end every request of such an application.
fn change_headers(
    request: &mut ServiceRequest,
    change: impl FnOnce(&mut HeaderMap),
) -> Result<(), SharedRequest> {
    catch_unwind(AssertUnwindSafe(|| change(request.headers_mut()))).map_err(|_panic| SharedRequest)
}
