//! Measures RTI: what core takes, and what each adapter costs beside what it stands on.

mod arguments;
mod ask;
mod core;
mod e2e;
mod harness;
mod load;
mod marks;
mod process;
mod report;
mod server;
mod service;
mod statistics;
mod subject;

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
        // What this program starts itself with.
        "cases" => core::cases::run(),
        "serve" => match server::Options::parse(&arguments.rest) {
            Some(options) => server::serve(&options),
            None => return ExitCode::from(2),
        },
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
