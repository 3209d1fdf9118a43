//! Requests that the challenge kit answers: reading their bodies, rendering its replies.

use axum_core::response::Response;
use bytes::{Buf as _, BufMut as _};
use http::request::Parts;
use http_body_util::BodyExt as _;
use rti_challenge::{MAX_BODY_TIME, Pending, RequestBody};

use crate::reply;

/// The kit's response. What is left of a body that is longer than the kit needs is discarded.
pub(crate) async fn answer<B: http_body::Body>(
    pending: Pending,
    request: &Parts,
    body: B,
) -> Response {
    let mut body = Box::pin(body);
    let read = match pending.body_limit() {
        Some(limit) => read(&mut body, limit).await,
        None => RequestBody::NotRead,
    };
    let is_read = matches!(read, RequestBody::Whole(_));
    let response = reply::render(&pending.answer(read).await);
    if is_read {
        return response;
    }
    reply::after_discarding(response, request, body).await
}

async fn read<B>(body: &mut B, limit: usize) -> RequestBody
where
    B: http_body::Body + Unpin,
{
    let is_longer = |length: u64| usize::try_from(length).map_or(true, |length| length > limit);
    if is_longer(body.size_hint().lower()) {
        return RequestBody::TooLarge;
    }
    let read = async {
        let mut whole = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return RequestBody::NotRead;
            };
            if let Ok(data) = frame.into_data() {
                if data.remaining() > limit.saturating_sub(whole.len()) {
                    return RequestBody::TooLarge;
                }
                whole.put(data);
            }
        }
        RequestBody::Whole(whole.into())
    };
    (tokio::time::timeout(MAX_BODY_TIME, read).await).unwrap_or_default()
}
