//! Making an inspector: its bounds and options.

use std::net::SocketAddr;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::Watched;
use crate::store::{Bounds, Shared, Store};
use crate::{Anonymize, Inspector, InspectorError, Intake, Recorder};

/// An inspector that is being made.
///
/// ```
/// use rti_inspector::{Anonymize, Inspector};
///
/// let inspector = Inspector::builder()
///     .max_decisions(2_000)
///     .max_bytes(4 << 20)
///     .anonymize(Anonymize::Networks)
///     .build()?;
/// # Ok::<(), rti_inspector::InspectorError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "it is an inspector only once it is built"]
pub struct InspectorBuilder {
    bounds: Bounds,
    anonymize: Anonymize,
    hosts: Vec<String>,
    #[cfg(feature = "sqlite")]
    file: Option<PathBuf>,
}

impl Default for InspectorBuilder {
    fn default() -> Self {
        Self {
            bounds: Bounds {
                decisions: 10_000,
                bytes: 16 << 20,
            },
            anonymize: Anonymize::Off,
            hosts: Vec::new(),
            #[cfg(feature = "sqlite")]
            file: None,
        }
    }
}

impl InspectorBuilder {
    /// How many decisions are kept at most; the oldest are dropped. Default: 10,000.
    pub fn max_decisions(mut self, decisions: usize) -> Self {
        self.bounds.decisions = decisions;
        self
    }

    /// How many bytes the kept decisions may take, with what was sent and what came back. Default: 16 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.bounds.bytes = bytes;
        self
    }

    /// Whether clients are shown and kept by their network alone. Default: [`Anonymize::Off`].
    pub fn anonymize(mut self, anonymize: Anonymize) -> Self {
        self.anonymize = anonymize;
        self
    }

    /// Adds values of `Host` under which [`Inspector::serve`] is reached from other machines, with the port
    /// where there is one: `inspector.example:8443`. Then it may listen on any address. It serves plain HTTP: put a
    /// proxy with TLS before it. Default: loopback alone.
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts.extend(hosts.into_iter().map(Into::into));
        self
    }

    /// Keeps decisions and counts in a file, so that they survive restarts; there is a window of a week
    /// then. It is written in batches, every few seconds. Default: none, all is in memory.
    #[cfg(feature = "sqlite")]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// The inspector, with its thread.
    ///
    /// # Errors
    /// The system gives no thread or no random numbers, the file cannot be read, or a host can be none.
    pub fn build(self) -> Result<Inspector, InspectorError> {
        if let Some(host) = self.hosts.iter().find(|host| !is_host(host.trim())) {
            return Err(InspectorError::Option {
                option: "RTI_INSPECTOR_HOSTS",
                value: host.clone(),
                rule: "expected a host as browsers send it in `Host`, such as inspector.example:8443",
            });
        }
        #[cfg(feature = "sqlite")]
        let file = self.file.map(crate::file::File::open).transpose()?;
        #[cfg(feature = "sqlite")]
        let store = Store::restored(self.bounds, file.as_ref())?;
        #[cfg(not(feature = "sqlite"))]
        let store = Store::new(self.bounds);
        let shared = Arc::new(Shared::new(store, self.anonymize)?);
        let intake = Intake::new(
            Arc::clone(&shared),
            #[cfg(feature = "sqlite")]
            file,
        );
        Ok(Inspector {
            recorder: Arc::new(Recorder::start(intake, Arc::clone(&shared))?),
            watched: Watched::default(),
            shared,
            hosts: self.hosts.into_iter().map(Into::into).collect(),
        })
    }

    /// What [`Inspector::from_env`] reads; `variable` gives the value of a name.
    pub(crate) fn from_vars(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<(Inspector, SocketAddr)>, InspectorError> {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
        let Some(address) = variable("RTI_INSPECTOR") else {
            return Ok(None);
        };
        let invalid = |option, value: &str, rule| InspectorError::Option {
            option,
            value: value.to_owned(),
            rule,
        };
        let rule = "expected an address and a port, such as 127.0.0.1:0";
        let parsed = address.trim().parse();
        let parsed = parsed.map_err(|_| invalid("RTI_INSPECTOR", &address, rule))?;
        let mut builder = Self::default();
        if let Some(hosts) = variable("RTI_INSPECTOR_HOSTS") {
            builder = builder.hosts(hosts.split(',').map(str::trim));
        }
        if let Some(word) = variable("RTI_INSPECTOR_ANONYMIZE") {
            let word_invalid = |rule| invalid("RTI_INSPECTOR_ANONYMIZE", &word, rule);
            builder = builder.anonymize(word.parse().map_err(word_invalid)?);
        }
        if let Some(path) = variable("RTI_INSPECTOR_FILE") {
            #[cfg(feature = "sqlite")]
            {
                builder = builder.file(path);
            }
            #[cfg(not(feature = "sqlite"))]
            return Err(invalid(
                "RTI_INSPECTOR_FILE",
                &path,
                "this program is built without the feature `sqlite`",
            ));
        }
        Ok(Some((builder.build()?, parsed)))
    }
}

/// A URL or a pattern is no value of `Host`: it would match nothing, silently. An empty one is the end of a
/// list.
fn is_host(host: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    host.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Option<SocketAddr>, String> {
        let variable = |name: &str| {
            let mut found = variables.iter().filter(|(candidate, _)| *candidate == name);
            found.next().map(|(_, value)| (*value).to_owned())
        };
        let inspector = InspectorBuilder::from_vars(variable).map_err(|error| error.to_string());
        inspector.map(|found| found.map(|(_, address)| address))
    }

    #[test]
    fn the_environment_describes_it() {
        assert_eq!(from(&[]), Ok(None));
        assert_eq!(from(&[("RTI_INSPECTOR", " ")]), Ok(None));
        let address = from(&[
            ("RTI_INSPECTOR", "127.0.0.1:0"),
            ("RTI_INSPECTOR_ANONYMIZE", "Networks"),
        ]);
        assert_eq!(address, Ok(Some(([127, 0, 0, 1], 0).into())));
    }

    #[test]
    fn an_error_names_the_variable_the_value_and_the_rule() {
        let error = from(&[("RTI_INSPECTOR", "localhost")]).unwrap_err();
        assert!(
            error.starts_with("RTI_INSPECTOR: \"localhost\": expected"),
            "{error}"
        );
        let variables = [
            ("RTI_INSPECTOR", "127.0.0.1:0"),
            ("RTI_INSPECTOR_ANONYMIZE", "yes"),
        ];
        let error = from(&variables).unwrap_err();
        assert!(error.contains("expected `off` or `networks`"), "{error}");
    }
}
