//! For the tests of applications and adapters: verdicts, decisions and a service, without a network.
//!
//! | to test | use |
//! | --- | --- |
//! | the application behind the middleware | [`ScriptedTransport`]: one result for each call |
//! | a handler or a callback alone | [`DecisionBuilder`] and [`VerdictBuilder`] |
//!
//! Enable the feature `test-util` among the `dev-dependencies` alone.

mod decision;
mod transport;
mod verdict;

pub use self::decision::DecisionBuilder;
pub use self::transport::ScriptedTransport;
pub use self::verdict::VerdictBuilder;
