//! From the engine's reply to Rocket's response: conversion only.

use std::io::Cursor;

use rocket::http::Status;
use rocket::response::{self, Responder};
use rocket::{Request, Response};
use rti_core::{Decision, EXPLAIN_HEADER, Reply};

/// A [`Reply`] as a responder: for a challenge callback that answers with [`Decision::denial`].
///
/// ```
/// use rti_rocket::{Decision, RtiReply};
///
/// fn refuse(decision: &Decision) -> Option<RtiReply> {
///     decision.denial().map(RtiReply)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct RtiReply(pub Reply);

impl<'r> Responder<'r, 'static> for RtiReply {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        render(&self.0)
    }
}

/// A bare status goes to the application's catchers, whose page visitors know: a 404 of another
/// shape would tell them apart from pages that do not exist.
pub(crate) fn render(reply: &Reply) -> Result<Response<'static>, Status> {
    let status = Status::new(reply.status());
    if reply.is_plain_status() {
        return Err(status);
    }
    let mut response = Response::new();
    response.set_status(status);
    for (name, value) in reply.headers() {
        response.adjoin_raw_header(name.to_owned(), value.to_owned());
    }
    // Set when empty too, a body would have its length told in answers to HEAD: 0, where GET has
    // a page.
    if !reply.body().is_empty() {
        response.set_sized_body(reply.body().len(), Cursor::new(reply.body().clone()));
    }
    Ok(response)
}

/// Appends to the response, and not to the request's cookie jar: that would encode the cookie anew,
/// and catchers empty it.
pub(crate) fn add_headers(decision: &Decision, response: &mut Response<'_>) {
    if let Some(cookie) = decision.set_cookie() {
        response.adjoin_raw_header("Set-Cookie", cookie.to_owned());
    }
    if let Some(explanation) = decision.explanation() {
        response.set_raw_header(EXPLAIN_HEADER, explanation);
    }
}

/// hyper closes a connection whose body was left unread. Told of it, a proxy does not use the
/// connection again. In HTTP/2, where only the stream ends, hyper removes the header.
pub(crate) fn close_connection(response: &mut Response<'_>) {
    response.set_raw_header("Connection", "close");
}
