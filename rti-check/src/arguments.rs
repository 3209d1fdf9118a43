//! The command line.

use std::path::PathBuf;

use rti_core::ThreatType;

pub(crate) const USAGE: &str = "\
usage: rti-check [FILE] [--explain '[METHOD ]/path' [--threat CODE]]

  FILE        a configuration in TOML; RTI_* variables of the environment override it.
              Without it, the file that RTI_CONFIG_FILE names, or the environment alone
  --explain   what is done with such a request, and why
  --threat    for the threat type of this code alone, such as 14 for a VPN

exit code: 1 for a configuration that is not valid, 2 for a command line that is not";

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    pub(crate) file: Option<PathBuf>,
    pub(crate) explain: Option<Request>,
    pub(crate) threat: Option<ThreatType>,
    pub(crate) help: bool,
}

/// The request that is explained.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
}

impl Arguments {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self::default();
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || {
                let next = arguments.next();
                next.ok_or_else(|| format!("{argument}: expected a value"))
            };
            match argument.as_str() {
                "--explain" => parsed.explain = Some(Request::parse(&value()?)?),
                "--threat" => {
                    let code = value()?;
                    let code = code.parse().map_err(|_| {
                        format!("--threat: {code:?}: expected the code of a threat type")
                    })?;
                    parsed.threat = Some(ThreatType::from_code(code));
                }
                "-h" | "--help" => parsed.help = true,
                option if option.starts_with('-') => {
                    return Err(format!("{option}: there is no such option"));
                }
                file if parsed.file.is_none() => parsed.file = Some(file.into()),
                file => return Err(format!("{file}: expected one file")),
            }
        }
        if parsed.threat.is_some() && parsed.explain.is_none() {
            return Err("--threat: expected --explain beside it".to_owned());
        }
        Ok(parsed)
    }
}

impl Request {
    fn parse(text: &str) -> Result<Self, String> {
        let (method, target) = match text.trim().split_once(' ') {
            Some((method, target)) => (method.to_ascii_uppercase(), target.trim()),
            None => ("GET".to_owned(), text.trim()),
        };
        if !target.starts_with('/') {
            return Err(format!("--explain: {text:?}: expected `[METHOD ]/path`"));
        }
        Ok(Self {
            method,
            target: target.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Arguments, String> {
        Arguments::parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn a_whole_command_line() {
        let parsed = parse(&["a.toml", "--explain", "post /a?b", "--threat", "13"]).unwrap();
        assert_eq!(parsed.file, Some("a.toml".into()));
        let request = parsed.explain.unwrap();
        assert_eq!((&*request.method, &*request.target), ("POST", "/a?b"));
        assert_eq!(parsed.threat, Some(ThreatType::DataCentres));
        assert_eq!(parse(&[]).unwrap(), Arguments::default());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (arguments, expected) in [
            (&["--explain"][..], "--explain: expected a value"),
            (&["--explain", "about"], "expected `[METHOD ]/path`"),
            (&["--explain", "/a", "--threat", "x"], "--threat: \"x\""),
            (&["--threat", "3"], "expected --explain"),
            (&["--loud"], "no such option"),
            (&["a", "b"], "expected one file"),
        ] {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
