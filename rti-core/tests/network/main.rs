//! A verdict whenever one was to be had: the service is far away, closes connections, refuses
//! streams, falls silent; runtimes block or end.
//!
//! Each test runs in real time through a proxy with delay, with the options' defaults, and states
//! the share of visitors who must get a verdict.

// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod burst;
#[path = "../checking/mod.rs"]
mod checking;
mod closed;
mod cold;
mod dropped;
mod ending;
mod idle;
mod late_answer;
mod leaving;
mod rig;
mod runtimes;
mod silent;
mod statistics;
mod streams;
mod visitors;
