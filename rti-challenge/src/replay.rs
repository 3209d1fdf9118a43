//! Where it is kept which solutions were used: each clears once.

mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

pub use self::memory::MemoryStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;

/// What the ids of permissions to continue without scripts begin with.
pub(crate) const WAITED: &str = "wait:";

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// This is the first use of the id.
    First,
    /// The id was used before.
    Replayed,
}

/// The store cannot say whether an id was used. The solution is refused; the site is not.
///
/// ```
/// use rti_challenge::StoreError;
///
/// assert_eq!(StoreError::new("no connection").to_string(), "the replay store failed: no connection");
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the replay store failed: {0}")]
pub struct StoreError(String);

impl StoreError {
    /// An error with a reason, which is logged. Put no secret in it.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Keeps the ids of used solutions until they have expired. [`MemoryStore`] is for one process,
/// `RedisStore` (feature `redis`) for a fleet.
///
/// ```
/// use std::time::Duration;
/// use rti_challenge::{Claim, ReplayStore, StoreError};
///
/// /// For a load test, where nothing is kept.
/// #[derive(Debug)]
/// struct Forgetful;
///
/// #[rti_challenge::async_trait]
/// impl ReplayStore for Forgetful {
///     async fn claim(&self, _id: &str, _ttl: Duration) -> Result<Claim, StoreError> {
///         Ok(Claim::First)
///     }
/// }
/// ```
#[async_trait]
pub trait ReplayStore: Debug + Send + Sync {
    /// Claims an id for `ttl`. Of any number of claims of one id at once, on any number of machines,
    /// exactly one is [`Claim::First`].
    ///
    /// # Errors
    /// Where the store cannot say. The kit refuses the solution.
    async fn claim(&self, id: &str, ttl: Duration) -> Result<Claim, StoreError>;
}
