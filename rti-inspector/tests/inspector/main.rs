//! The inspector over real sockets: a site on axum, the simulator behind it, and clients that write what
//! they like.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where something is missing"
)]

mod access;
mod api;
mod bounds;
mod engine;
#[cfg(feature = "sqlite")]
mod file;
mod harness;
mod hostile;
mod metrics;
mod stream;
mod what_if;
