//! The harness of the behavioural suite: the same cases over raw sockets, against every adapter.
//!
//! - [`framework`]: a framework to be tested, and one module for each. What it cannot do is
//!   declared there as a [`Limit`], with the reason.
//! - [`application`]: the routes that every framework serves alike.
//! - [`Stage`]: what a case is given. It sets the stage, [`Stage::start`] makes a [`Site`] of it:
//!   a stand-in verdict service, and a protected application that asks it.
//! - [`client`]: a visitor who writes exact bytes.
//! - [`suite`]: cases times frameworks times protocols, as named tests.
//!
//! The cases themselves are in `suite/cases`, by topic.

pub mod application;
pub mod client;
pub mod cors;
pub mod framework;
mod limits;
mod site;
mod stage;
pub mod suite;

pub use rti_core::ApiVersion;

pub use self::application::{Application, BlockPage, Challenge};
pub use self::cors::Cors;
pub use self::framework::{Capability, Framework, Limit, Server, Setup};
pub use self::limits::unpinned;
pub use self::site::Site;
pub use self::stage::Stage;

/// The README's snippets, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The snippets about CORS, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/cors.md")]
pub struct CorsPage;

/// The examples of the page for users' tests, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
pub struct Testing;
