//! The behavioural suite of Real-Time Interception (RTI): the same cases over raw sockets, against every
//! adapter.
//!
//! The author of an adapter implements [`Harness`]: it starts the [`application`] of the suite on the
//! framework, behind the adapter. A test without the standard harness then runs every case:
//!
//! ```toml
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use futures_util::future::BoxFuture;
//! use rti_conformance::{Capability, Harness, Limit, Server, Setup};
//!
//! struct MyFramework;
//!
//! impl Harness for MyFramework {
//!     fn name(&self) -> &'static str {
//!         "my-framework"
//!     }
//!
//!     fn middleware(&self) -> &'static str {
//!         "rust_my_framework_"
//!     }
//!
//!     fn limits(&self) -> &'static [Limit] {
//!         &[Limit {
//!             capability: Capability::HeaderCase,
//!             reason: "the framework keeps header names in lower case",
//!         }]
//!     }
//!
//!     fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
//!         // Bind a free port, and serve the routes behind `setup.rti`.
//!         # todo!()
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     rti_conformance::run(&[&MyFramework])
//! }
//! ```
//!
//! Each case is a test of its own: `cargo test --test conformance -- cookie` runs those with that word in
//! their name. A case that needs what the framework cannot do is shown as ignored, with the reason. A limit
//! that no case shows fails the run.
//!
//! - [`client`]: a client that writes and reads exact bytes.
//! - `stage` and `site`: what a case is given, and the running application and service that it makes.
//! - `suite`: cases times frameworks times protocols, as named tests.
//! - `cases`: the cases, by topic.

pub mod application;
mod capability;
mod cases;
pub mod client;
pub mod cors;
mod harness;
mod limits;
mod site;
mod stage;
mod suite;

pub use self::application::{Application, BlockPage, Challenge};
pub use self::capability::{Capability, Limit};
pub use self::cors::Cors;
pub use self::harness::{Harness, Server, Setup};
use self::site::Site;
use self::stage::Stage;
pub use self::suite::run;
