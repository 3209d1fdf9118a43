//! What protocols v4.0 and v4.1 say of a visitor, member by member.

// The functions between the tests state what must hold as well.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where something does not hold"
)]

mod cookies;
mod extractors;
mod headers;
mod members;
mod order;
mod session_sync;
mod visitor;
