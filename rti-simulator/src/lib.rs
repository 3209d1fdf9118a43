//! A stand-in for the RTI verdict service, on loopback, for development and tests.
//!
//! It reads the protocol on its own account, as strictly as the service would: what it refuses, a
//! client should not send. What it answers is decided by [`Rule`]s, the first that matches wins, and
//! an answer is a [`Verdict`] or a [`Fault`]. Everything that arrived stands in a journal.
//!
//! ```
//! use rti_simulator::{Fault, Rule, Simulator, Verdict, field};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), rti_simulator::Error> {
//! let simulator = Simulator::builder()
//!     .rules([
//!         Rule::when(field("ClientIP").in_network("203.0.113.0/24")?)
//!             .named("data centre")
//!             .then(Verdict::threat(13)),
//!         Rule::when(field("UserAgent").contains("curl"))
//!             .and(field("Method").equals("POST"))
//!             .then(Fault::Hang),
//!         Rule::always().then(Verdict::valid()),
//!     ])
//!     .start()
//!     .await?;
//!
//! assert!(simulator.origin().starts_with("http://127.0.0.1:"));
//! // Point a client at `simulator.origin()`, let it ask, and then:
//! assert!(simulator.refusals().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Without rules of one's own, [`Rules::default`] answers; [`Rules::from_toml_str`] reads them from a
//! file, as the binary does:
//!
//! ```text
//! cargo run -p rti-simulator -- --bind 127.0.0.1:8090 --rules rti-simulator/rules.example.toml
//! ```

mod answer;
mod builder;
mod condition;
mod connection;
mod connections;
mod deliver;
mod endpoint;
mod error;
mod fault;
mod http;
mod journal;
mod listener;
mod payload;
mod received;
mod rule;
mod rules;
mod service;
mod simulator;
mod strict;
mod threat;
mod verdict;
mod wire;

pub use answer::Answer;
pub use builder::SimulatorBuilder;
pub use condition::{Condition, Field, field};
pub use endpoint::Protocol;
pub use error::{Error, ErrorKind};
pub use fault::Fault;
pub use received::{Received, Refusal};
pub use rule::{Rule, When};
pub use rules::Rules;
pub use simulator::Simulator;
pub use verdict::Verdict;
