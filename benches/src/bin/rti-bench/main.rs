//! Measures RTI: what core takes, and what each adapter costs beside what it stands on.

mod arguments;
mod ask;
mod core;
mod e2e;
mod growth;
mod harness;
mod load;
mod marks;
mod memory;
mod network;
mod outage;
mod parts;
mod ports;
mod precise;
mod process;
mod report;
mod server;
mod service;
mod soak;
mod statistics;
mod subject;
mod wire;

use std::process::ExitCode;

use crate::arguments::{Arguments, USAGE};

fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match arguments.command.as_str() {
        "core" => core::run(&arguments).publish(&arguments),
        "e2e" => e2e::run(&arguments).publish(&arguments),
        "outage" => outage::run(&arguments).publish(&arguments),
        "memory" => memory::run(&arguments).publish(&arguments),
        "growth" => growth::run(&arguments).publish(&arguments),
        "network" => network::run(&arguments).publish(&arguments),
        "parts" => match parts::run(&arguments) {
            Ok(report) => report.publish(&arguments),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        },
        "soak" => {
            if !soak::run(&arguments) {
                return ExitCode::FAILURE;
            }
        }
        // What this program starts itself with.
        "cases" => rti_bench::canned::in_runtime(core::cases::run),
        "serve" => match server::Options::parse(&arguments.rest) {
            Some(options) => server::serve(&options),
            None => return ExitCode::from(2),
        },
        "site" => {
            if network::serve_site(&arguments.rest).is_none() {
                return ExitCode::from(2);
            }
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
