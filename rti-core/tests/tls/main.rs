//! TLS for real: a certificate authority of the test's own, and a service on loopback.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../asking/mod.rs"]
mod asking;
mod authority;
mod certificates;
mod http2;
mod http2_hang_up;
mod service;
mod slow_handshake;
mod system_roots;
