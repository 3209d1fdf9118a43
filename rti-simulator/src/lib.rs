//! A stand-in for the RTI verdict service, on loopback, for development and tests.
//!
//! It accepts what the service accepts: all that public clients of the service send gets a verdict. In
//! what a request departs from the specification is a [`Remark`] in the journal, and in
//! [strict mode](SimulatorBuilder::strict) a reason to refuse it. [`Rule`]s decide on the answer: the
//! first that matches wins, and an answer is a [`Verdict`] or a [`Fault`]. The journal has everything
//! that arrived, including [telemetry](TelemetryMessage).
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
//! // Send requests to `simulator.origin()`, then:
//! assert!(simulator.refusals().is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! Without other rules, [`Rules::default`] decides. Rules can be read from a file, by
//! [`SimulatorBuilder::toml_file`] or by the program:
//!
//! ```text
//! cargo run -p rti-simulator -- --bind 127.0.0.1:8090 --rules rti-simulator/rules.example.toml
//! ```

mod answer;
mod builder;
mod captcha;
mod condition;
mod connection;
mod encode;
mod error;
mod fault;
mod http;
mod journal;
mod listener;
mod payload;
mod protocol;
mod received;
mod refusal;
mod remark;
mod respond;
mod rule;
mod rules;
mod service;
mod simulator;
mod socket;
mod specification;
mod telemetry;
mod threat;
mod verdict;

pub use answer::Answer;
pub use builder::SimulatorBuilder;
pub use captcha::Captchas;
pub use condition::{Condition, Field, field};
pub use error::{Error, ErrorKind};
pub use fault::Fault;
pub use protocol::Protocol;
pub use received::Received;
pub use refusal::Refusal;
pub use remark::{Remark, SpecRule};
pub use rule::{Rule, When};
pub use rules::Rules;
pub use simulator::Simulator;
pub use telemetry::{TelemetryLevel, TelemetryMessage};
pub use verdict::Verdict;
