//! Reading the body of a request that is answered in the application's place.

use rocket::data::{ByteUnit, Data};
use rocket::{Request, tokio};
use rti_core::{MAX_DISCARD_TIME, MAX_DISCARDED_BYTES};

pub(crate) enum Rest {
    Read,
    Unread,
}

/// Reads what hyper would close the connection for. A body that comes after `100 Continue` is read
/// too: Rocket asks for it before any fairing.
pub(crate) async fn body(request: &Request<'_>, data: Data<'_>) -> Rest {
    if declared_length(request).is_some_and(|length| length > MAX_DISCARDED_BYTES) {
        return Rest::Unread;
    }
    let limit = ByteUnit::from(MAX_DISCARDED_BYTES);
    let read = data.open(limit).stream_to(tokio::io::sink());
    match tokio::time::timeout(MAX_DISCARD_TIME, read).await {
        Ok(Ok(read)) if read.complete => Rest::Read,
        _ => Rest::Unread,
    }
}

fn declared_length(request: &Request<'_>) -> Option<u64> {
    request.headers().get_one("Content-Length")?.parse().ok()
}
