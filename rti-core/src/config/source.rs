//! Where options come from: a file beside the environment, and what came from where.

use std::collections::BTreeMap;
use std::fmt;
#[cfg(feature = "config-file")]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::options::OPTIONS;
use super::{Config, ConfigBuilder};
#[cfg(feature = "config-file")]
use super::{ConfigError, ConfigFault};
use crate::policy::Share;
use crate::words::{Mode, OnFailure, words};

/// The variable that names a file.
pub(super) const CONFIG_FILE: &str = "RTI_CONFIG_FILE";

/// Where the value of an option comes from. The environment overrides a file, and code overrides both.
///
/// ```
/// # use rti_core::Source;
/// assert_eq!(Source::Environment.as_str(), "environment");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// The default, or the application's code.
    Code,
    /// A configuration file.
    File,
    /// A variable of the environment.
    Environment,
}

words!(Source {
    "code" => Code,
    "file" => File,
    "environment" => Environment,
});

/// One option, as it was set. See [`Config::explain`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptionSource {
    /// The name in a file.
    pub option: &'static str,
    /// The variable in the environment.
    pub variable: &'static str,
    /// Where the value comes from.
    pub source: Source,
    /// The value as it was written, secrets redacted; `None` where it is the default or comes from code.
    pub value: Option<String>,
}

impl fmt::Display for OptionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{} = {value} ({})", self.option, self.source),
            None => write!(f, "{} (default, or set in code)", self.option),
        }
    }
}

/// Where each option comes from that was read, and its value.
#[derive(Clone, Default)]
pub(crate) struct Sources(pub(super) BTreeMap<&'static str, (Source, String)>);

/// Two configurations that say the same are the same, wherever it was said.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

/// The file that a configuration was read from.
/// What faults of the file itself are called.
#[cfg(feature = "config-file")]
pub(super) const FILE_ITSELF: &str = "config_file";

#[cfg(feature = "config-file")]
#[derive(Clone)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    /// To see a change by.
    pub(crate) content: Vec<u8>,
}

/// The key is in the content.
#[cfg(feature = "config-file")]
impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.fmt(f)
    }
}

impl Config {
    /// Every option with its value, as far as it was read from a file or the environment, and its source.
    ///
    /// ```
    /// use rti_core::{ConfigBuilder, Source};
    ///
    /// let config = ConfigBuilder::from_vars([
    ///     ("RTI_API_KEY", "key"), ("RTI_TAG_HASH", "hash"), ("RTI_API_ENDPOINT", "us"),
    /// ]).build()?;
    /// let explained = config.explain();
    /// let endpoint = explained.iter().find(|option| option.option == "api_endpoint").unwrap();
    /// assert_eq!(endpoint.source, Source::Environment);
    /// assert_eq!(endpoint.value.as_deref(), Some("us"));
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn explain(&self) -> Vec<OptionSource> {
        let settings = self.settings();
        let explain = |option: &super::options::ConfigOption| {
            let read = settings.sources.0.get(option.name);
            OptionSource {
                option: option.name,
                variable: option.env,
                source: read.map_or(Source::Code, |(source, _)| *source),
                value: read.map(|(_, value)| settings.redactor.redact(value.clone())),
            }
        };
        OPTIONS.iter().map(explain).collect()
    }
}

/// A policy in force, for people. See [`Config::policies`].
///
/// `Display` is one line: name, mode, share, what happens without a verdict, and deadline.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PolicySummary {
    /// The name; `default` is the last.
    pub name: Arc<str>,
    /// The mode, unless that of the whole configuration is `off`.
    pub mode: Mode,
    /// What blocking mode does without a verdict.
    pub on_failure: OnFailure,
    /// The deadline of one call.
    pub timeout: Duration,
    /// The share of visitors that blocking mode acts on, in per cent.
    pub enforce_percent: f64,
    share: Share,
}

impl fmt::Display for PolicySummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, for {} % of visitors, on_failure {}, timeout {} ms",
            self.name,
            self.mode,
            self.share,
            self.on_failure,
            self.timeout.as_millis()
        )
    }
}

impl Config {
    /// The policies in force, in their order, with what they inherited.
    pub fn policies(&self) -> Vec<PolicySummary> {
        let settings = self.settings();
        let rules = settings.policies.iter();
        let summaries = rules.map(|rules| PolicySummary {
            name: Arc::clone(&rules.name),
            mode: rules.mode.unwrap_or(settings.mode),
            on_failure: rules.on_failure,
            timeout: rules.timeout,
            enforce_percent: rules.share.percent(),
            share: rules.share,
        });
        summaries.collect()
    }
}

#[cfg(feature = "config-file")]
impl ConfigBuilder {
    /// What the TOML file that `RTI_CONFIG_FILE` names says, and over it the `RTI_*` variables of the
    /// environment. Without the variable, the environment alone. Faults wait for [`build`](Self::build).
    pub fn load() -> Self {
        match std::env::var_os(CONFIG_FILE).filter(|path| !path.is_empty()) {
            Some(path) => Self::from_file(path).with_env(),
            None => Self::from_env(),
        }
    }

    /// What this TOML file says. Faults wait for [`build`](Self::build).
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return Self::default().with_file_fault(&path, error.to_string()),
        };
        let content = text.as_bytes().to_vec();
        let builder = match toml::from_str::<Self>(&text) {
            Ok(builder) => builder,
            // A parser quotes the line, and the key may stand there.
            Err(error) => {
                let line = error.span().map(|span| {
                    let before = text.get(..span.start).unwrap_or_default();
                    before.matches('\n').count() + 1
                });
                let line = line.map_or_else(String::new, |line| format!(" in line {line}"));
                let rule = format!("is no TOML{line}: {}", error.message());
                Self::default().with_file_fault(&path, rule)
            }
        };
        Self {
            config_file: Some(ConfigFile { path, content }),
            ..builder
        }
    }

    fn with_file_fault(mut self, path: &std::path::Path, rule: String) -> Self {
        let shown = Some(path.display().to_string());
        self.faults
            .push(ConfigFault::member(FILE_ITSELF, shown, rule));
        self
    }
}

#[cfg(feature = "config-file")]
impl Config {
    /// What the file that `RTI_CONFIG_FILE` names says, and over it the environment. To add closures or rules
    /// of your own, use [`ConfigBuilder::load`].
    ///
    /// # Errors
    /// Every option that is missing or breaks its rule, in one error.
    pub fn load() -> Result<Self, ConfigError> {
        ConfigBuilder::load().build()
    }
}

impl ConfigBuilder {
    /// Whether a file or the environment set this option, by its name in a file.
    ///
    /// ```
    /// use rti_core::ConfigBuilder;
    ///
    /// let builder = ConfigBuilder::from_vars([("RTI_MODE", "off")]);
    /// assert!(builder.is_set("mode") && !builder.is_set("timeout"));
    /// ```
    pub fn is_set(&self, option: &str) -> bool {
        self.sources.0.contains_key(option)
    }

    /// Values that are read come from a file.
    pub(super) fn reading_file() -> Self {
        Self {
            reading: Source::File,
            ..Self::default()
        }
    }
}
