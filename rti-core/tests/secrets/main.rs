//! The API key appears on the wire and nowhere else.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used, clippy::panic)]

#[allow(dead_code, reason = "the tests of TLS use all of it")]
#[path = "../tls/authority.rs"]
mod authority;
#[allow(dead_code, reason = "the tests of faults use all of it")]
#[path = "../checking/mod.rs"]
mod checking;
mod echo;
mod failing_run;
mod key;
mod misplaced;
mod printed;
#[allow(dead_code, reason = "the tests of TLS use all of it")]
#[path = "../tls/service.rs"]
mod service;
