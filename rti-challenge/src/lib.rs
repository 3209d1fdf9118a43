//! Challenges for Real-Time Interception.

mod clearance;
mod cookie;
mod keys;
mod random;
mod request;
mod visitor;

pub use self::clearance::{Clearance, ClearanceFault};
pub use self::keys::{KEY_BYTES, KeyError, Keys};
pub use self::random::NoRandomError;
pub use self::request::{ChallengeRequest, RequestBody};
pub use self::visitor::Binding;
