//! Requests that the challenge kit answers: reading their bodies, rendering its replies. A fairing sees no
//! more of a body than its first bytes, so it is the gate that calls this.

use rocket::data::{ByteUnit, Data};
use rocket::tokio::io::{AsyncReadExt as _, sink};
use rocket::tokio::time::timeout;
use rocket::{Request, Response, http::Status};
use rti_challenge::{MAX_BODY_TIME, Pending, RequestBody};
use rti_core::{MAX_DISCARD_TIME, MAX_DISCARDED_BYTES};

use crate::discard::{self, Rest};
use crate::reply;
use crate::request_state::Answer;

/// What stands for the kit's answer until the gate has read the body. It refuses the visitor, so that a request
/// that misses the gate is refused.
pub(crate) fn unread() -> Response<'static> {
    let mut response = Response::new();
    response.set_status(Status::Forbidden);
    response
}

/// The kit's answer, and whether the body was read to its end.
pub(crate) async fn answer(
    pending: Pending,
    request: &Request<'_>,
    data: Data<'_>,
) -> (Answer, Rest) {
    let (body, rest) = match pending.body_limit() {
        Some(limit) => read(data, limit).await,
        None => (RequestBody::NotRead, discard::body(request, data).await),
    };
    (reply::render(&pending.answer(body).await), rest)
}

async fn read(data: Data<'_>, limit: usize) -> (RequestBody, Rest) {
    let mut stream = data.open(ByteUnit::from(MAX_DISCARDED_BYTES));
    let mut whole = Vec::new();
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut head = (&mut stream).take(one_more);
    match timeout(MAX_BODY_TIME, head.read_to_end(&mut whole)).await {
        Ok(Ok(length)) if length <= limit => (RequestBody::Whole(whole.into()), Rest::Read),
        Ok(Ok(_)) => {
            let rest = timeout(MAX_DISCARD_TIME, stream.stream_to(sink())).await;
            let rest = match rest {
                Ok(Ok(read)) if read.complete => Rest::Read,
                _ => Rest::Unread,
            };
            (RequestBody::TooLarge, rest)
        }
        Ok(Err(_)) | Err(_) => (RequestBody::NotRead, Rest::Unread),
    }
}
