//! How much of a request's body an adapter reads and discards before it replies in the
//! application's place.
//!
//! Servers close a connection on which a body was left unread. A client or proxy that is still
//! sending then sees a reset instead of the reply, and a proxy makes that a 502.

use std::time::Duration;

/// The most that is read and discarded of the body of a request that the application does not get,
/// in bytes. A longer body is left: its connection closes with the reply.
///
/// Adapters read up to here before they send a [`Reply`](crate::Reply) or the response of a challenge. A
/// body whose declared length is greater is not read at all, since its connection closes anyway.
///
/// ```
/// use rti_core::MAX_DISCARDED_BYTES;
///
/// let declared: u64 = 300_000;
/// assert!(declared <= MAX_DISCARDED_BYTES, "such a body is read");
/// ```
pub const MAX_DISCARDED_BYTES: u64 = 2 * 1024 * 1024;

/// How long it is read at most, in total. A client that sends slowly gets its reply then, and its
/// connection closes.
///
/// ```
/// assert_eq!(rti_core::MAX_DISCARD_TIME.as_secs(), 1);
/// ```
pub const MAX_DISCARD_TIME: Duration = Duration::from_secs(1);
