//! What a client's error says about a call that got no response.

use std::error::Error;
use std::io::ErrorKind;
#[cfg(feature = "http")]
use std::sync::Arc;

#[cfg(feature = "http")]
use crate::error::CallError;
use crate::error::FailOpenReason;

/// The reason, as far as the chain of errors tells; anything else is a response that is
/// not HTTP.
pub(super) fn kind(error: &(dyn Error + 'static)) -> FailOpenReason {
    if sources(error).any(is_tls) {
        FailOpenReason::Tls
    } else if sources(error).any(is_local) {
        FailOpenReason::Local
    } else if is_connection_closed(error) {
        FailOpenReason::Connect
    } else {
        FailOpenReason::Malformed
    }
}

/// Whether the connection was closed before a response arrived.
pub(super) fn is_connection_closed(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(|source| {
        is_closed_by_hyper(source) || source.downcast_ref().is_some_and(is_connection_lost)
    })
}

#[cfg(feature = "reqwest")]
fn is_closed_by_hyper(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<hyper::Error>();
    error.is_some_and(|error| {
        error.is_incomplete_message() || error.is_closed() || error.is_canceled()
    })
}

/// hyper is under reqwest alone.
#[cfg(not(feature = "reqwest"))]
fn is_closed_by_hyper(_: &(dyn Error + 'static)) -> bool {
    false
}

/// An error in place of a response.
#[cfg(feature = "http")]
pub(super) fn unanswered(error: impl Error + Send + Sync + 'static) -> CallError {
    CallError::new(kind(&error), error)
}

/// Why there is no connection. Several calls wait for one dial, so the error is shared.
#[cfg(feature = "http")]
pub(super) fn not_connected(error: &Arc<std::io::Error>) -> CallError {
    let kind = match kind(&**error) {
        kind @ (FailOpenReason::Tls | FailOpenReason::Local) => kind,
        // The dial was given up with its runtime, or panicked.
        _ if error.kind() == ErrorKind::Interrupted => FailOpenReason::Internal,
        _ => FailOpenReason::Connect,
    };
    CallError::new(kind, Arc::clone(error))
}

/// Whether this machine, not the service, is why there is no connection: it has no descriptor, port
/// or buffer left.
fn is_local(error: &(dyn Error + 'static)) -> bool {
    let Some(error) = error.downcast_ref::<std::io::Error>() else {
        return false;
    };
    #[cfg(unix)]
    if let Some(code) = error.raw_os_error() {
        use rustix::io::Errno;
        return [
            Errno::MFILE,
            Errno::NFILE,
            Errno::ADDRNOTAVAIL,
            Errno::NOBUFS,
        ]
        .contains(&Errno::from_raw_os_error(code));
    }
    error.kind() == ErrorKind::AddrNotAvailable
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
