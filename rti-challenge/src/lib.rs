//! Challenges for Real-Time Interception.

mod clearance;
mod cookie;
mod keys;
mod pow;
mod random;
mod rate;
mod refusal;
mod replay;
mod request;
mod resume;
mod visitor;

pub use async_trait::async_trait;

pub use self::clearance::{Clearance, ClearanceFault};
pub use self::keys::{KEY_BYTES, KeyError, Keys};
pub use self::pow::Cost;
pub use self::random::NoRandomError;
pub use self::refusal::Refusal;
#[cfg(feature = "redis")]
pub use self::replay::RedisStore;
pub use self::replay::{Claim, MemoryStore, ReplayStore, StoreError};
pub use self::request::{ChallengeRequest, RequestBody};
pub use self::visitor::Binding;
