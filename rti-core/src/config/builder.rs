//! Setting options one by one; only `build` can fail.

mod extractors;
mod limits;
mod page;
mod policy;
mod v4;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

pub(super) use self::page::PageOptions;
use super::ConfigFault;
use super::options::OPTIONS;
use super::policy_options::{NamedPolicy, PolicyOptions};
#[cfg(feature = "config-file")]
use super::source::ConfigFile;
use super::source::{CONFIG_FILE, Source, Sources};
use crate::extractors::Extractors;
use crate::words::{
    ApiVersion, CheckPreflights, CircuitBreaker, LogDecisions, ResultHeader, SessionSync,
};

/// A bundle of certificates in PEM, as it was set.
pub(super) enum CaBundle {
    File(PathBuf),
    Pem(Vec<u8>),
}

impl CaBundle {
    /// What a message shows of it: never the content, which may hold a key by mistake.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Pem(pem) => format!("{} bytes in ca_certificates", pem.len()),
        }
    }
}

/// Sets the options of a [`Config`](crate::Config) one by one; only [`build`](Self::build) can fail.
///
/// ```
/// use std::time::Duration;
/// use rti_core::{Config, Mode};
///
/// let config = Config::builder("key", "hash", "eu")
///     .mode(Mode::Blocking)
///     .timeout(Duration::from_millis(80))
///     .route_to_event_type([("/subscribe", "subscribe"), ("POST /cart", "add_to_cart")])
///     .uri_exclusion(["/health", "re:^/static/"])
///     .channel(|request| request.query_parameter("channel"))
///     .build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[must_use = "nothing is configured before `build`"]
pub struct ConfigBuilder {
    pub(super) faults: Vec<ConfigFault>,
    pub(super) unknown_variables: Vec<String>,
    /// Where values come from that are read now.
    pub(super) reading: Source,
    pub(super) sources: Sources,
    #[cfg(feature = "config-file")]
    pub(super) config_file: Option<ConfigFile>,
    pub(super) off_file: Option<PathBuf>,
    pub(super) test_secret: Option<SecretString>,
    pub(super) api_key: SecretString,
    pub(super) tag_hash: String,
    pub(super) api_endpoint: String,
    pub(super) ca_bundle: Option<CaBundle>,
    pub(super) api_version: ApiVersion,
    /// Of all that no other policy is for.
    pub(super) policy: PolicyOptions,
    pub(super) policies: Vec<NamedPolicy>,
    pub(super) circuit_breaker: CircuitBreaker,
    pub(super) circuit_breaker_min_calls: u32,
    pub(super) circuit_breaker_window: Duration,
    pub(super) circuit_breaker_max_probe_interval: Duration,
    pub(super) max_in_flight: Option<usize>,
    pub(super) min_idle_connections: usize,
    pub(super) routes: Vec<(String, String)>,
    pub(super) exclusions: Vec<String>,
    pub(super) session_sync: Option<SessionSync>,
    pub(super) request_id_header: Option<String>,
    pub(super) result_header: ResultHeader,
    pub(super) log_decisions: LogDecisions,
    pub(super) telemetry: Option<String>,
    pub(super) check_preflights: CheckPreflights,
    pub(super) page: PageOptions,
    pub(super) trusted_ip_header: Option<String>,
    pub(super) trusted_host_header: Option<String>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) extractors: Extractors,
}

/// Variables of this product that are no options of a configuration.
const OTHER_VARIABLES: [&str; 10] = [
    CONFIG_FILE,
    "RTI_CHALLENGE",
    "RTI_CHALLENGE_KEY",
    "RTI_CHALLENGE_SITE_KEY",
    "RTI_CHALLENGE_SECRET",
    "RTI_CHALLENGE_TTL",
    "RTI_INSPECTOR",
    "RTI_INSPECTOR_ANONYMIZE",
    "RTI_INSPECTOR_FILE",
    "RTI_INSPECTOR_HOSTS",
];

/// Nothing set: what a file or the environment is read into.
impl Default for ConfigBuilder {
    fn default() -> Self {
        Self::new(String::new(), String::new(), String::new())
    }
}

impl ConfigBuilder {
    pub(super) fn new(api_key: String, tag_hash: String, api_endpoint: String) -> Self {
        Self {
            faults: Vec::new(),
            unknown_variables: Vec::new(),
            reading: Source::Code,
            sources: Sources::default(),
            #[cfg(feature = "config-file")]
            config_file: None,
            off_file: None,
            test_secret: None,
            api_key: api_key.into(),
            tag_hash,
            api_endpoint,
            ca_bundle: None,
            api_version: ApiVersion::default(),
            policy: PolicyOptions::default(),
            policies: Vec::new(),
            circuit_breaker: CircuitBreaker::default(),
            circuit_breaker_min_calls: 5,
            circuit_breaker_window: Duration::from_millis(500),
            circuit_breaker_max_probe_interval: Duration::from_millis(500),
            max_in_flight: None,
            min_idle_connections: 4,
            routes: Vec::new(),
            exclusions: Vec::new(),
            session_sync: None,
            request_id_header: None,
            result_header: ResultHeader::default(),
            log_decisions: LogDecisions::default(),
            telemetry: None,
            check_preflights: CheckPreflights::default(),
            page: PageOptions::default(),
            trusted_ip_header: None,
            trusted_host_header: None,
            trusted_proxies: Vec::new(),
            extractors: Extractors::default(),
        }
    }

    /// What the `RTI_*` variables of the environment say. Faults in them wait for
    /// [`build`](Self::build).
    pub fn from_env() -> Self {
        Self::default().with_env()
    }

    /// The same options, and those that the `RTI_*` variables of the environment set instead: over what a
    /// file says.
    pub fn with_env(mut self) -> Self {
        let mut broken = Vec::new();
        let vars = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            if let Ok(value) = value.into_string() {
                return Some((name, value));
            }
            broken.push(name);
            None
        });
        self = self.with_vars(vars);
        let broken = broken
            .iter()
            .filter_map(|name| OPTIONS.iter().find(|option| option.env == name));
        let rule = "expected a text in UTF-8";
        self.faults
            .extend(broken.map(|option| ConfigFault::invalid(option, "(not UTF-8)", rule)));
        self
    }

    /// Reads variables that come from elsewhere. One that begins with `RTI_` and is not a known RTI
    /// variable is a warning and not an error: other programs use the prefix too.
    ///
    /// ```
    /// use rti_core::ConfigBuilder;
    ///
    /// let config = ConfigBuilder::from_vars([
    ///     ("RTI_API_KEY", "key"), ("RTI_TAG_HASH", "hash"), ("RTI_API_ENDPOINT", "us"),
    ///     ("RTI_TIMEOUT_MS", "60"),
    /// ]).build()?;
    /// assert_eq!(config.timeout().as_millis(), 60);
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn from_vars<N: AsRef<str>, V: Into<String>>(
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self::default().with_vars(vars)
    }

    fn with_vars<N: AsRef<str>, V: Into<String>>(
        mut self,
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.reading = Source::Environment;
        for (name, value) in vars {
            let name = name.as_ref();
            match OPTIONS.iter().find(|option| option.env == name) {
                Some(option) => option.read(&mut self, &Value::String(value.into())),
                None if OTHER_VARIABLES.contains(&name) => {}
                None if name.starts_with("RTI_") => self.unknown_variables.push(name.to_owned()),
                None => {}
            }
        }
        self.reading = Source::Code;
        self
    }

    /// The API key the service gave you. A secret: it appears nowhere but on the wire.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = api_key.into().into();
        self
    }

    /// The tag hash the service gave you.
    pub fn tag_hash(mut self, tag_hash: impl Into<String>) -> Self {
        self.tag_hash = tag_hash.into();
        self
    }

    /// `us`, `eu`, `global`, or an origin: `https://`, or `http://` on loopback.
    pub fn api_endpoint(mut self, api_endpoint: impl Into<String>) -> Self {
        self.api_endpoint = api_endpoint.into();
        self
    }

    /// A file of certificate authorities in PEM that are trusted instead of the system's, for a
    /// service behind a private authority. [`build`](Self::build) reads it. Default: none, so the
    /// system's are trusted.
    ///
    /// It is for `HttpTransport` alone: `ReqwestTransport` and transports of your own take no part
    /// of it, and without the feature `http` it is refused.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_bundle = Some(CaBundle::File(path.into()));
        self
    }

    /// The same as [`ca_file`](Self::ca_file), with the content of the file: one or more
    /// certificates in PEM. Of the two, what was set last counts.
    pub fn ca_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_bundle = Some(CaBundle::Pem(pem.into()));
        self
    }

    /// The protocol in use. Default: [`ApiVersion::V1`]. Options that the protocol does
    /// not have are refused by [`build`](Self::build), not ignored.
    pub fn api_version(mut self, version: ApiVersion) -> Self {
        self.api_version = version;
        self
    }

    /// How many connections to the service are kept open, with or without calls, in each tokio runtime
    /// that visitors are served in. Default: 4; from 0, which opens connections only when a call needs
    /// one, to 1000.
    ///
    /// A call on an open connection takes one round trip, a new TLS connection two more: with the
    /// default deadline a service 40 ms away gives verdicts on open connections alone.
    pub fn min_idle_connections(mut self, connections: usize) -> Self {
        self.min_idle_connections = connections;
        self
    }

    /// Adds routes that stand for an event: `[METHOD ]/path` or `[METHOD ]re:regex`, and the event.
    /// An exact path wins over a regex; of exact paths the one with a method, of regexes the first. Other routes are `page_load`.
    pub fn route_to_event_type<P: Into<String>, E: Into<String>>(
        mut self,
        routes: impl IntoIterator<Item = (P, E)>,
    ) -> Self {
        self.routes.extend(
            routes
                .into_iter()
                .map(|(pattern, event)| (pattern.into(), event.into())),
        );
        self
    }

    /// Adds paths that are not checked: `[METHOD ]/path` or `[METHOD ]re:regex`.
    ///
    /// They are matched on the path alone, and only on normalized paths: one with dot
    /// segments, `//`, `;`, backslashes or percent-encoded letters is always checked. An exact path
    /// holds for every method. A regex, which is for static files, holds for GET, HEAD and OPTIONS
    /// unless it names a method.
    pub fn uri_exclusion<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.exclusions.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// A header that a proxy of yours sets to the visitor's address. Where it is absent or no
    /// address, the peer counts. Clients that can reach the application past that proxy can
    /// forge it, so name the proxy's networks in [`trusted_proxies`](Self::trusted_proxies) too.
    pub fn trusted_ip_header(mut self, name: impl Into<String>) -> Self {
        self.trusted_ip_header = Some(name.into());
        self
    }

    /// A header that a proxy of yours sets to the host that the visitor asked for, for proxies that
    /// change `Host`. Of a list the last element counts; where there is none, `Host` counts. The
    /// proxy must remove the header from what clients send, and with
    /// [`trusted_proxies`](Self::trusted_proxies) it counts from those alone. Default: none.
    ///
    /// ```
    /// use rti_core::Config;
    ///
    /// let config = Config::builder("key", "hash", "eu")
    ///     .trusted_proxies(["10.0.0.0/8"])
    ///     .trusted_host_header("X-Forwarded-Host")
    ///     .build()?;
    /// assert!(config.warnings().is_empty());
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn trusted_host_header(mut self, name: impl Into<String>) -> Self {
        self.trusted_host_header = Some(name.into());
        self
    }

    /// Adds networks (`10.0.0.0/8`) or addresses of proxies whose word is taken: for the client
    /// address (`X-Forwarded-For` from the right, past trusted hops) and the scheme
    /// (`X-Forwarded-Proto`). Default: none.
    pub fn trusted_proxies<N: ToString>(mut self, networks: impl IntoIterator<Item = N>) -> Self {
        self.trusted_proxies
            .extend(networks.into_iter().map(|network| network.to_string()));
        self
    }

    /// Whether the application behind receives the verdict in the request header
    /// `x-cheq-rti-result`. Default: [`ResultHeader::Off`].
    pub fn result_header(mut self, result_header: ResultHeader) -> Self {
        self.result_header = result_header;
        self
    }

    /// A file that turns everything off while it exists: nothing is checked, and every request continues.
    /// It is looked for twice a second. Default: none.
    ///
    /// For operators: `touch` it, and RTI is out of the way on every machine that sees the file.
    pub fn off_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.off_file = Some(path.into());
        self
    }

    /// A secret for test requests: one with the header `x-rti-test: SECRET` is treated as blocking at 100
    /// per cent, whatever its policy says, and its response has the header `x-rti-explain`. At least 16
    /// characters. Default: none, and the header is ignored. It is removed in any case.
    pub fn test_secret(mut self, secret: impl Into<String>) -> Self {
        self.test_secret = Some(secret.into().into());
        self
    }

    /// Which decisions are logged at level `info`. Default: [`LogDecisions::Actions`].
    pub fn log_decisions(mut self, log_decisions: LogDecisions) -> Self {
        self.log_decisions = log_decisions;
        self
    }

    /// Whether the service's telemetry receives how long decisions took and why there were none: `off`,
    /// `on`, or the `https://` URL that receives it instead. Default: `off`.
    ///
    /// Messages hold the API key and the tag hash, a duration or a reason, and nothing of visitors. They
    /// are sent by a task in the background, one after the other, and dropped where more come than can be
    /// sent: [`Statistics::telemetry_dropped`](crate::Statistics::telemetry_dropped). It needs the
    /// feature `http`, whichever transport carries the calls.
    ///
    /// ```
    /// use rti_core::Config;
    ///
    /// let config = Config::builder("key", "hash", "us").telemetry("on").build()?;
    /// # Ok::<(), rti_core::ConfigError>(())
    /// ```
    pub fn telemetry(mut self, telemetry: impl Into<String>) -> Self {
        self.telemetry = Some(telemetry.into());
        self
    }

    /// Whether CORS preflights are checked. Default: [`CheckPreflights::Off`].
    pub fn check_preflights(mut self, check_preflights: CheckPreflights) -> Self {
        self.check_preflights = check_preflights;
        self
    }
}

/// Texts are not shown: the key may be among them by mistake.
impl fmt::Debug for ConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigBuilder")
            .field("api_version", &self.api_version)
            .field("policy", &self.policy)
            .field("policies", &self.policies.len())
            .field("extractors", &self.extractors)
            .finish_non_exhaustive()
    }
}
