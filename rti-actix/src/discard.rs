//! Reading the payload of a request that is answered in the application's place.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceResponse};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest};
use futures_util::StreamExt as _;
use rti_core::{MAX_DISCARD_TIME, MAX_DISCARDED_BYTES};

/// The answer, once the request's payload is read or was given up.
///
/// A payload that comes after `100 Continue` is read too: actix-web asks for it before any
/// middleware.
pub(crate) async fn before(answer: ServiceResponse, mut payload: Payload) -> ServiceResponse {
    match discard(answer.request(), &mut payload).await {
        Rest::Read => answer,
        Rest::Unread => answer.map_body(|_, body| BoxBody::new(Beside { body, payload })),
    }
}

enum Rest {
    Read,
    Unread,
}

async fn discard(request: &HttpRequest, payload: &mut Payload) -> Rest {
    if declared_length(request).is_some_and(|length| length > MAX_DISCARDED_BYTES) {
        return Rest::Unread;
    }
    let read = async {
        let mut room = MAX_DISCARDED_BYTES;
        while let Some(chunk) = payload.next().await {
            let length = chunk.ok().and_then(|chunk| u64::try_from(chunk.len()).ok());
            match length.and_then(|length| room.checked_sub(length)) {
                Some(left) => room = left,
                None => return Rest::Unread,
            }
        }
        Rest::Read
    };
    (timeout(MAX_DISCARD_TIME, read).await).unwrap_or(Rest::Unread)
}

fn declared_length(request: &HttpRequest) -> Option<u64> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// An answer's body that keeps the unread payload until it is sent.
///
/// Once a chunked payload is dropped actix-web reads on, for as long as the client sends. While
/// the payload is there it closes the connection, after its `client_disconnect_timeout` at the
/// latest.
struct Beside {
    body: BoxBody,
    #[expect(dead_code, reason = "it is held, not used")]
    payload: Payload,
}

impl MessageBody for Beside {
    type Error = Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Error>>> {
        Pin::new(&mut self.body).poll_next(cx).map_err(Error::from)
    }
}
