//! Checks a configuration and explains it: `arguments.rs` reads the command line, `explain.rs` plays requests
//! through an engine, and this file prints.

mod arguments;
mod explain;

use std::io::Write as _;
use std::process::ExitCode;

use rti_core::{Config, ConfigBuilder};

use self::arguments::Arguments;

const INVALID_CONFIGURATION: u8 = 1;
const INVALID_COMMAND: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}\n\n{}", arguments::USAGE);
            return INVALID_COMMAND.into();
        }
    };
    if arguments.help {
        println!("{}", arguments::USAGE);
        return ExitCode::SUCCESS;
    }
    let valid = load(&arguments).build();
    let config = match valid.and_then(|config| match &arguments.explain {
        None => Ok(config),
        // What is explained happens to nobody, so the service is told nothing of it.
        Some(_) => load(&arguments)
            .telemetry("off")
            .test_secret(explain::TEST_SECRET)
            .build(),
    }) {
        Ok(config) => config,
        Err(error) => {
            eprintln!("{error}");
            return INVALID_CONFIGURATION.into();
        }
    };
    let text = match &arguments.explain {
        None => shown(&config),
        Some(request) => explain::table(&config, request, arguments.threat).await,
    };
    // Whoever reads may have gone: `rti-check | head`.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn load(arguments: &Arguments) -> ConfigBuilder {
    match &arguments.file {
        Some(path) => ConfigBuilder::from_file(path).with_env(),
        None => ConfigBuilder::load(),
    }
}

fn shown(config: &Config) -> String {
    let mut lines = vec!["The configuration is valid.\n".to_owned()];
    let options = config.explain();
    lines.extend(options.iter().map(|option| format!("  {option}")));
    lines.push("\nPolicies, in their order:".to_owned());
    let policies = config.policies();
    lines.extend(policies.iter().map(|policy| format!("  {policy}")));
    if !config.warnings().is_empty() {
        lines.push("\nLikely mistakes:".to_owned());
    }
    let warnings = config.warnings().iter();
    lines.extend(warnings.map(|warning| format!("  {warning}")));
    lines.join("\n") + "\n"
}
