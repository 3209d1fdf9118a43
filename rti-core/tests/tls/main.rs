//! TLS for real: a certificate authority of the test's own, and a service on loopback.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authority;
mod certificates;
#[path = "../checking/mod.rs"]
mod checking;
mod http2;
mod http2_hang_up;
mod service;
mod slow_handshake;
mod system_roots;
