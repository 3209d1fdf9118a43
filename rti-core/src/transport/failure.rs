//! What a client's error says about a call that got no answer.

use std::error::Error;
use std::io::ErrorKind;

use crate::error::FailOpenReason;

/// The reason, as far as the chain of errors tells; what it does not tell is an answer that is no
/// HTTP.
pub(super) fn kind(error: &(dyn Error + 'static)) -> FailOpenReason {
    if sources(error).any(is_tls) {
        FailOpenReason::Tls
    } else if hung_up(error) {
        FailOpenReason::Connect
    } else {
        FailOpenReason::Malformed
    }
}

/// Whether the service hung up before it answered.
pub(super) fn hung_up(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(|source| {
        let by_hyper = source.downcast_ref::<hyper::Error>().is_some_and(|error| {
            error.is_incomplete_message() || error.is_closed() || error.is_canceled()
        });
        by_hyper || source.downcast_ref().is_some_and(is_connection_lost)
    })
}

fn is_connection_lost(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::NotConnected
            | ErrorKind::UnexpectedEof
    )
}

#[cfg(feature = "http")]
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    error.is::<rustls::Error>()
}

/// Without rustls here, there is no telling what a client of the user's own verifies with.
#[cfg(not(feature = "http"))]
fn is_tls(_: &(dyn Error + 'static)) -> bool {
    false
}

/// An error and all that lies behind it. `io::Error` hides what it wraps from `source`.
fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}
