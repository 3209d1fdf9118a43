//! The result header: what the application behind is told, and by nobody else.

use rocket::Request;
use rocket::http::Header;
use rti_core::{Decision, REMOVED_HEADERS, RESULT_HEADER};

/// Takes the value from a header that the client sent. Rocket lets nobody remove a header of a
/// request or build a request anew, so the name stays.
pub(crate) fn blank(request: &mut Request<'_>) {
    for name in REMOVED_HEADERS {
        if request.headers().contains(name) {
            request.replace_header(Header::new(name, ""));
        }
    }
}

pub(crate) fn tell(decision: &Decision, request: &mut Request<'_>) {
    if let Some(result) = decision.result_header() {
        request.replace_header(Header::new(RESULT_HEADER, result.to_owned()));
    }
}
