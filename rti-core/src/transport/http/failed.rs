//! How a call on a connection failed, as far as it decides whether it may be repeated.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;

use crate::error::{CallError, FailOpenReason};

pub(super) enum Failed {
    /// The connection had been closed, and nothing was sent.
    NotSent,
    /// No byte of a response arrived, and either the connection had served before, so that the call
    /// crossed with its close, or the protocol says that the request was not processed.
    NotProcessed(CallError),
    Final(CallError),
}

impl Failed {
    /// Nothing was sent. A connection that never served and is closed is the service refusing
    /// connections: dialling again at once would be a loop.
    pub(super) fn not_sent(has_served: bool) -> Self {
        if has_served {
            Self::NotSent
        } else {
            Self::Final(CallError::new(
                FailOpenReason::Connect,
                "the service closed the connection before it was used",
            ))
        }
    }
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        Self::Final(error)
    }
}

/// The header in its form of seconds. Dates are ignored: they need a clock that agrees.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}
