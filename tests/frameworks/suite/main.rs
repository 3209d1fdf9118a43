//! The behavioural suite: every case, on every framework.
//!
//! `cargo test -p rti-tests -- axum::` runs one framework, `… -- cookie` the cases so named.

use std::process::ExitCode;

fn main() -> ExitCode {
    rti_conformance::run(&rti_tests::ALL)
}
