//! How long a decision took.

use std::time::Duration;

/// How long a decision took, and its parts.
///
/// ```
/// use rti_core::{Decision, Times};
///
/// fn slow_connection(decision: &Decision) -> bool {
///     let Times { connection, decide, .. } = decision.times();
///     connection.is_some_and(|connection| connection > decide / 2)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Times {
    /// From the beginning of [`Rti::inspect`](crate::Rti::inspect) to the decision.
    pub total: Duration,
    /// How long the request waited for the decision: from the first poll of
    /// [`Rti::decide`](crate::Rti::decide).
    pub decide: Duration,
    /// How long the call waited for a connection to the service; `None` where there is no response, or
    /// the transport does not measure it.
    pub connection: Option<Duration>,
    /// From the call on that connection to the response; `None` where there is none.
    pub service: Option<Duration>,
}
