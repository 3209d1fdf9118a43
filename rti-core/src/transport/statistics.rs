//! How many connections a transport has.

use std::ops::Add;

/// The connections to the service, by what they do at a moment.
///
/// ```
/// use rti_core::ConnectionCounts;
///
/// fn open(counts: ConnectionCounts) -> usize {
///     counts.idle + counts.busy
/// }
/// # assert_eq!(open(ConnectionCounts::default()), 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ConnectionCounts {
    /// Open, and carrying no call.
    pub idle: usize,
    /// Carrying at least one call, or taken out of use and not yet closed.
    pub busy: usize,
    /// Being opened.
    pub dialling: usize,
}

impl ConnectionCounts {
    /// So many connections of each kind.
    pub fn new(idle: usize, busy: usize, dialling: usize) -> Self {
        Self {
            idle,
            busy,
            dialling,
        }
    }
}

impl Add for ConnectionCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            busy: self.busy + other.busy,
            dialling: self.dialling + other.dialling,
        }
    }
}
