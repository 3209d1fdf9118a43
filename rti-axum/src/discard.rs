//! Reading the body of a request that is answered in the application's place.

use axum::body::{Body, HttpBody as _};
use axum::http::header::{CONNECTION, EXPECT, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Version};
use axum::response::Response;
use http_body_util::{BodyExt as _, Limited};
use rti_core::{MAX_DISCARD_TIME, MAX_DISCARDED_BYTES};

/// The response, once the request's body is read or was given up. hyper closes a connection whose
/// body was left unread, so the response says that: a proxy does not use the connection again then.
pub(crate) async fn before(mut response: Response, request: &Parts, body: Body) -> Response {
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

/// A client that expects `100 Continue` has not sent its body, and hyper would ask for it at the
/// first read.
async fn discard(headers: &HeaderMap, body: Body) -> Rest {
    if body.is_end_stream() {
        return Rest::Read;
    }
    if headers.contains_key(EXPECT) || body.size_hint().lower() > MAX_DISCARDED_BYTES {
        return Rest::Unread;
    }
    let limit = usize::try_from(MAX_DISCARDED_BYTES).unwrap_or(usize::MAX);
    let mut body = Limited::new(body, limit);
    let read = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return Rest::Unread;
            }
        }
        Rest::Read
    };
    (tokio::time::timeout(MAX_DISCARD_TIME, read).await).unwrap_or(Rest::Unread)
}
