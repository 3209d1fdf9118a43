//! Challenges for Real-Time Interception: from a suspicious visitor to a proven one, for any web
//! framework. There is none in here: an adapter shows its request and renders a
//! [`Reply`](rti_core::Reply).
//!
//! - [`Challenge`] is the kit: it shows the page, verifies solutions and issues clearances.
//! - [`Keys`] sign; [`Clearance`] is what a request proves.
//! - [`Pending`] is what an adapter needs: a request that the kit answers.
//! - [`ReplayStore`] keeps used solutions, [`Provider`] stands for a captcha service.
//!
//! One visitor's way: challenged → [`Challenge::interstitial`] → the page, whose widget solves the
//! challenge → [`Challenge::handle`] → a clearance in a cookie → the page that was asked for, where
//! [`Challenge::clearance`] is valid.

mod assets;
mod captcha;
mod challenged;
mod clearance;
mod cookie;
mod environment;
mod keys;
mod kit;
mod page;
mod pending;
mod pow;
mod provider;
mod random;
mod rate;
mod reason;
mod refusal;
mod replay;
mod request;
mod resume;
mod visitor;
mod wait;

pub use async_trait::async_trait;

pub use self::captcha::{Captcha, VerifyCall, VerifyClient, VerifyResponse};
#[cfg(feature = "http")]
pub use self::captcha::{HttpClient, HttpClientError};
pub use self::challenged::Challenged;
pub use self::clearance::{Clearance, ClearanceFault};
pub use self::environment::EnvironmentError;
pub use self::keys::{KEY_BYTES, KeyError, Keys};
pub use self::kit::{Challenge, MAX_BODY_TIME, PrefixError, TtlError};
pub use self::pending::Pending;
pub use self::pow::Cost;
pub use self::provider::{
    OnProviderFailure, Provider, ProviderError, ProviderSolution, Widget, WidgetStart,
};
pub use self::random::NoRandomError;
pub use self::refusal::Refusal;
#[cfg(feature = "redis")]
pub use self::replay::RedisStore;
pub use self::replay::{Claim, MemoryStore, ReplayStore, StoreError};
pub use self::request::{ChallengeRequest, RequestBody};
pub use self::visitor::Binding;
pub use self::wait::WithoutScripts;
