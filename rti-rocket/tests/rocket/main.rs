//! What is particular to Rocket, over sockets and in its local client. What holds for every
//! framework is tested for all of them together.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(clippy::unwrap_used, clippy::panic)]
// Handlers own their guards.
#![allow(clippy::needless_pass_by_value)]

mod harness;

mod blocked;
mod fairings;
mod rewriting;
mod routing;
mod seen;
mod transparent;
