//! The program's arguments.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
A stand-in for the RTI verdict service, on loopback.

Usage: rti-simulator [OPTIONS]

Options:
  --bind ADDRESS   the loopback address to listen on (default: 127.0.0.1, any free port)
  --rules FILE     rules and settings in TOML (default: built-in rules)
  --strict         refuse requests that depart from the specification with 400
                   (default: answer them and print a remark on each departure)
  --api-key KEY    refuse any other API key with 401
  --tag-hash HASH  refuse any other tag hash with 401
  --help           show this
";

/// What departures from the specification lead to.
#[derive(Default, PartialEq, Eq)]
pub(crate) enum Departures {
    #[default]
    Remarked,
    Refused,
}

#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) bind: Option<SocketAddr>,
    pub(crate) rules: Option<PathBuf>,
    pub(crate) departures: Departures,
    pub(crate) api_key: Option<String>,
    pub(crate) tag_hash: Option<String>,
}

pub(crate) enum Invocation {
    Run(Arguments),
    Help,
}

impl Arguments {
    /// The first argument is the program's name, as the system gives it.
    pub(crate) fn read(
        from: impl IntoIterator<Item = OsString, IntoIter: 'static>,
    ) -> Result<Invocation, lexopt::Error> {
        let mut arguments = Self::default();
        let mut parser = lexopt::Parser::from_iter(from);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("bind") => arguments.bind = Some(parser.value()?.parse()?),
                Long("rules") => arguments.rules = Some(parser.value()?.into()),
                Long("strict") => arguments.departures = Departures::Refused,
                Long("api-key") => arguments.api_key = Some(parser.value()?.string()?),
                Long("tag-hash") => arguments.tag_hash = Some(parser.value()?.string()?),
                Long("help") | Short('h') => return Ok(Invocation::Help),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Invocation::Run(arguments))
    }
}
