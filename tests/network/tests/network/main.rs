//! The network's own tests: delays with coarse bounds, faults, counts.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod client;
mod http1;
mod http2;
mod proxy;
