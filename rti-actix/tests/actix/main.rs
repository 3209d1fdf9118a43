//! What is particular to actix-web, over sockets. What holds for every framework is tested for all
//! of them together.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

#[macro_use]
mod harness;

mod challenge;
mod errors;
mod extract;
mod outside;
mod view;
mod wrapping;
