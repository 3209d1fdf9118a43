//! What is measured, for the `rti-bench` program and the criterion benches alike: sample requests,
//! a transport that answers at once, rules by the thousand, and the floor that core is held against.

pub mod canned;
pub mod floor;
pub mod rules;
pub mod sample;
