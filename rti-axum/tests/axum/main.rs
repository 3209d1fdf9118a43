//! What is particular to axum and tower, over sockets. What holds for every framework is tested for
//! all of them together.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something does not hold"
)]

mod challenge;
mod extract;
mod harness;
mod layering;
mod outside;
mod plain;
mod upgrade;
mod view;
