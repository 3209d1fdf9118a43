//! Whatever the service does, the decision is to let the visitor on, in time, and it says why.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod any_byte;
#[allow(dead_code, reason = "the tests of TLS use all of it")]
#[path = "../tls/authority.rs"]
mod authority;
mod availability;
mod bounded;
mod cancellation;
#[path = "../checking/mod.rs"]
mod checking;
mod circuit;
mod crowd;
mod deadline;
mod hostile;
mod large;
mod outcome;
mod panics;
mod scripted;
mod service;
mod simulated;
mod stale;
mod unreachable;
mod unrequested;
