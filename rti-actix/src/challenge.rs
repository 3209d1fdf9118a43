//! Requests that the challenge kit answers: reading their payloads, rendering its replies.

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::rt::time::timeout;
use futures_util::StreamExt as _;
use rti_challenge::{MAX_BODY_TIME, Pending, RequestBody};

use crate::{discard, reply};

/// The kit's response. What is left of a payload that is longer than the kit needs is discarded.
pub(crate) async fn answer(pending: Pending, mut request: ServiceRequest) -> ServiceResponse {
    let mut payload = request.take_payload();
    let read = match pending.body_limit() {
        Some(limit) => read(&mut payload, limit).await,
        None => RequestBody::NotRead,
    };
    let is_read = matches!(read, RequestBody::Whole(_));
    let response = reply::render(&pending.answer(read).await);
    let response = request.into_response(response);
    if is_read {
        return response;
    }
    discard::before(response, payload).await
}

async fn read(payload: &mut Payload, limit: usize) -> RequestBody {
    let read = async {
        let mut whole = Vec::new();
        while let Some(chunk) = payload.next().await {
            let Ok(chunk) = chunk else {
                return RequestBody::NotRead;
            };
            if chunk.len() > limit.saturating_sub(whole.len()) {
                return RequestBody::TooLarge;
            }
            whole.extend_from_slice(&chunk);
        }
        RequestBody::Whole(whole.into())
    };
    (timeout(MAX_BODY_TIME, read).await).unwrap_or_default()
}
