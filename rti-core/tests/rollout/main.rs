//! From monitoring to blocking in steps: policies, shares, shadows, closed failure, the mode, and changes of
//! the configuration while requests are under way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something does not hold"
)]

mod files;
mod policies;
mod reload;
mod site;
mod test_request;
