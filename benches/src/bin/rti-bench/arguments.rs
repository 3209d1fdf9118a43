//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt as _};

use crate::subject::Framework;
use crate::wire::Wire;

pub(crate) const USAGE: &str = "\
usage: rti-bench COMMAND [OPTIONS]

commands
  core     instructions and allocations of core, beside the floor
  e2e      each adapter beside the bare framework and a call written by hand
  outage   the verdict service hangs, refuses, comes back
  memory   resident bytes per request in flight
  parts    CPU of a request by part: kernel, framework, inspect, …; needs `perf`
  growth   throughput by connections and by the service's latency
  network  verdicts obtained of those obtainable, over a path with delay and faults
  soak     faults at random for a while; nothing may be left (exit code 1)

options
  --quick              under 50 seconds (network: under 3 minutes)
  --json               for machines
  --markdown           the section of the documentation
  --into FILE          replaces that section in a document
  --chart FILE         writes a chart as SVG
  --wire NAME          e2e: plain, tls-h1 or tls-h2 (default: all; with --quick plain)
  --seconds N          soak: how long (default 60)
  --framework NAME     soak, parts: axum, actix-web or Rocket (default: all in turn; parts: axum)";

#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) command: String,
    /// Of the commands that this program starts itself with.
    pub(crate) rest: Vec<String>,
    pub(crate) pace: Pace,
    pub(crate) json: bool,
    pub(crate) markdown: bool,
    pub(crate) into: Option<PathBuf>,
    pub(crate) chart: Option<PathBuf>,
    pub(crate) seconds: Option<u64>,
    pub(crate) wire: Option<Wire>,
    pub(crate) framework: Option<Framework>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Pace {
    #[default]
    Thorough,
    Quick,
}

impl Pace {
    pub(crate) fn pick<T>(self, quick: T, thorough: T) -> T {
        match self {
            Self::Quick => quick,
            Self::Thorough => thorough,
        }
    }
}

impl Arguments {
    pub(crate) fn parse() -> Result<Self, lexopt::Error> {
        let mut arguments = Self::default();
        let mut parser = Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("quick") => arguments.pace = Pace::Quick,
                Arg::Long("json") => arguments.json = true,
                Arg::Long("markdown") => arguments.markdown = true,
                Arg::Long("into") => arguments.into = Some(parser.value()?.into()),
                Arg::Long("chart") => arguments.chart = Some(parser.value()?.into()),
                Arg::Long("seconds") => arguments.seconds = Some(parser.value()?.parse()?),
                Arg::Long("wire") => arguments.wire = Some(parser.value()?.parse()?),
                Arg::Long("framework") => {
                    let name = parser.value()?.string()?;
                    let known = |framework: &Framework| framework.name() == name;
                    let found = Framework::ALL.into_iter().find(known);
                    arguments.framework = Some(found.ok_or("there is no such framework")?);
                }
                Arg::Value(value) if arguments.command.is_empty() => {
                    arguments.command = value.string()?;
                }
                Arg::Value(value) => arguments.rest.push(value.string()?),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(arguments)
    }

    /// The command that does the same again.
    pub(crate) fn again(&self) -> String {
        let command = &self.command;
        let quick = self.pace.pick(" --quick", "");
        let wire = self.wire.map(|wire| format!(" --wire {}", wire.name()));
        let wire = wire.unwrap_or_default();
        format!("cargo run --release -p rti-bench -- {command}{quick}{wire}")
    }
}
