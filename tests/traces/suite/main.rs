//! What a protected application writes to its log and into its traces.
//!
//! Each test has a subscriber of its own on its thread, on which the application runs too.

mod logs;
mod site;
mod spans;
