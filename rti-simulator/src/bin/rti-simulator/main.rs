//! The simulator as a program; see `rti-simulator --help`.

mod arguments;
mod log;

use std::process::ExitCode;

use arguments::{Arguments, Departures, Invocation};
use rti_simulator::{Error, Simulator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args_os()) {
        Ok(Invocation::Run(arguments)) => arguments,
        Ok(Invocation::Help) => {
            print!("{}", arguments::HELP);
            return ExitCode::SUCCESS;
        }
        Err(error) => return fail(&error.to_string()),
    };
    let simulator = match start(arguments).await {
        Ok(simulator) => simulator,
        Err(error) => return fail(&chain(&error)),
    };
    // In this order: a reader of the line may interrupt at once, and the handler must exist by then.
    let (interrupted, ()) = tokio::join!(biased; tokio::signal::ctrl_c(), async {
        announce(&simulator);
    });
    simulator.shutdown().await;
    match interrupted {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("cannot wait for Ctrl-C: {error}")),
    }
}

async fn start(arguments: Arguments) -> Result<Simulator, Error> {
    let mut builder = Simulator::builder().observe(log::request);
    if let Some(address) = arguments.bind {
        builder = builder.bind(address);
    }
    if let Some(path) = arguments.rules {
        builder = builder.toml_file(path)?;
    }
    if arguments.departures == Departures::Refused {
        builder = builder.strict();
    }
    if let Some(key) = arguments.api_key {
        builder = builder.api_key(key);
    }
    if let Some(hash) = arguments.tag_hash {
        builder = builder.tag_hash(hash);
    }
    builder.start().await
}

fn announce(simulator: &Simulator) {
    log::line(format_args!("simulator on {}", simulator.origin()));
}

fn fail(message: &str) -> ExitCode {
    eprintln!("rti-simulator: {message}");
    ExitCode::from(2)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    message
}
