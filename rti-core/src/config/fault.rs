//! What is wrong with a configuration.

use std::fmt;

use super::options::ConfigOption;
use crate::redact::Redactor;

/// Everything that is wrong with a configuration, at once.
///
/// ```
/// use rti_core::{Config, ConfigErrorKind};
///
/// let error = Config::builder("key", "hash", "mars").build().unwrap_err();
/// let fault = &error.faults()[0];
/// assert_eq!(fault.option(), "api_endpoint");
/// assert_eq!(fault.kind(), ConfigErrorKind::Invalid);
/// ```
///
/// `Debug` is the same text as `Display`, since that is what a `main` prints that returns it.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Vec<ConfigFault>);

impl ConfigError {
    pub(crate) fn new(faults: Vec<ConfigFault>) -> Self {
        Self(faults)
    }

    /// The endpoint cannot be reached with what this machine has.
    #[cfg(any(feature = "http", feature = "reqwest"))]
    pub(crate) fn unusable(endpoint: &super::ApiEndpoint, rule: String) -> Self {
        let value = Some(endpoint.origin().to_owned());
        Self(vec![ConfigFault::new(
            &super::options::API_ENDPOINT,
            ConfigErrorKind::Environment,
            value,
            rule,
        )])
    }

    /// The faults, at least one.
    pub fn faults(&self) -> &[ConfigFault] {
        &self.0
    }

    /// The kind of the first fault.
    pub fn kind(&self) -> ConfigErrorKind {
        self.0
            .first()
            .map_or(ConfigErrorKind::Invalid, ConfigFault::kind)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the RTI configuration cannot be used")?;
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for ConfigError {}

/// One option that breaks its rule. The API key is never part of it.
///
/// ```
/// let error = rti_core::Config::builder("key", "hash", "us").redirect_url("sorry").build().unwrap_err();
/// let fault = &error.faults()[0];
/// assert_eq!((fault.option(), fault.value()), ("redirect_url", Some("sorry")));
/// assert!(fault.rule().starts_with("expected an absolute"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    option: String,
    env: Option<&'static str>,
    kind: ConfigErrorKind,
    value: Option<String>,
    rule: String,
}

/// What kind of fault it is.
///
/// ```
/// use rti_core::{Config, ConfigErrorKind};
///
/// let error = Config::builder("", "hash", "us").build().unwrap_err();
/// assert_eq!(error.kind(), ConfigErrorKind::Missing);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigErrorKind {
    /// A required option is absent or blank.
    Missing,
    /// A value breaks the rule of its option.
    Invalid,
    /// Two options contradict each other.
    Conflict,
    /// There is no option of this name.
    Unknown,
    /// The machine lacks something the HTTP client needs.
    Environment,
    /// The option cannot change without a restart.
    Fixed,
}

/// Kinds whose rules are this crate's own words.
const RULES_ALONE: [ConfigErrorKind; 4] = [
    ConfigErrorKind::Fixed,
    ConfigErrorKind::Missing,
    ConfigErrorKind::Conflict,
    ConfigErrorKind::Environment,
];

impl ConfigFault {
    pub(crate) fn missing(option: &ConfigOption, rule: impl Into<String>) -> Self {
        Self::new(option, ConfigErrorKind::Missing, None, rule.into())
    }

    pub(crate) fn invalid(
        option: &ConfigOption,
        value: impl Into<String>,
        rule: impl Into<String>,
    ) -> Self {
        Self::new(
            option,
            ConfigErrorKind::Invalid,
            Some(value.into()),
            rule.into(),
        )
    }

    pub(crate) fn conflict(
        option: &ConfigOption,
        value: impl Into<String>,
        rule: impl Into<String>,
    ) -> Self {
        Self::new(
            option,
            ConfigErrorKind::Conflict,
            Some(value.into()),
            rule.into(),
        )
    }

    pub(crate) fn unknown(name: &str) -> Self {
        let names = super::options::OPTIONS.iter().map(|option| option.name);
        let names: Vec<&str> = names.chain(["policy", "shadow"]).collect();
        Self::unknown_member(name, &names)
    }

    pub(crate) fn fixed(option: &ConfigOption) -> Self {
        let rule = "cannot change without a restart".to_owned();
        Self::new(option, ConfigErrorKind::Fixed, None, rule)
    }

    /// A member of a table that is none of these.
    pub(crate) fn unknown_member(name: &str, accepted: &[&str]) -> Self {
        Self {
            option: name.to_owned(),
            env: None,
            kind: ConfigErrorKind::Unknown,
            value: None,
            rule: format!("there is no such option; there are {}", accepted.join(", ")),
        }
    }

    /// A member of a table that is no option with a variable of its own.
    pub(crate) fn member(option: &str, value: Option<String>, rule: impl Into<String>) -> Self {
        let kind = match value {
            Some(_) => ConfigErrorKind::Invalid,
            None => ConfigErrorKind::Missing,
        };
        Self {
            option: option.to_owned(),
            env: None,
            kind,
            value,
            rule: rule.into(),
        }
    }

    /// The same fault of an option in a policy, which has no variable.
    pub(crate) fn within(mut self, scope: &str) -> Self {
        self.option = format!("{scope}.{}", self.option);
        self.env = None;
        self
    }

    fn new(
        option: &ConfigOption,
        kind: ConfigErrorKind,
        value: Option<String>,
        rule: String,
    ) -> Self {
        Self {
            option: option.name.to_owned(),
            env: Some(option.env),
            kind,
            value,
            rule,
        }
    }

    /// A key that was put into another option's place must not show up there.
    pub(super) fn redact(&mut self, redactor: &Redactor) {
        let name = (self.kind == ConfigErrorKind::Unknown).then_some(&mut self.option);
        // A rule of ours is no secret; one that quotes a parser may quote the value.
        let rule = (!RULES_ALONE.contains(&self.kind)).then_some(&mut self.rule);
        for text in self.value.iter_mut().chain(name).chain(rule) {
            *text = redactor.redact(std::mem::take(text));
        }
    }

    /// The name of the option, as in a file; its variable is `RTI_` and the name in upper case
    /// (`RTI_TIMEOUT_MS` for `timeout`).
    pub fn option(&self) -> &str {
        &self.option
    }

    /// What kind of fault it is.
    pub fn kind(&self) -> ConfigErrorKind {
        self.kind
    }

    /// The value that was given, if there was one and it is no secret.
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The rule it breaks.
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.option)?;
        if let Some(env) = self.env {
            write!(f, " ({env})")?;
        }
        match (&self.value, self.kind) {
            (Some(value), _) => write!(f, ": {:?}: {}", shortened(value), self.rule),
            (None, ConfigErrorKind::Missing) => write!(f, ": missing: {}", self.rule),
            (None, _) => write!(f, ": {}", self.rule),
        }
    }
}

/// A message is one line that can be read.
fn shortened(value: &str) -> String {
    const LONGEST: usize = 120;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
