//! The configuration: validated once, immutable, cheap to share.

mod builder;
mod choices;
pub(crate) mod codes;
mod endpoint;
mod fault;
mod file;
mod lint;
pub(crate) mod options;
mod validate;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

pub use self::builder::ConfigBuilder;
pub use self::choices::{CircuitBreaker, Mode, ResultHeader, SessionSync, Strategy};
pub use self::codes::ThreatCodes;
pub use self::endpoint::ApiEndpoint;
pub(crate) use self::endpoint::RedirectUrl;
pub use self::fault::{ConfigError, ConfigErrorKind, ConfigFault};
pub use self::lint::ConfigWarning;
use crate::client_ip::ClientIpSource;
use crate::decision::SkipRule;
use crate::event_type::EventType;
use crate::extractors::Extractors;
use crate::policy::Policy;
use crate::protocol::ApiVersion;
use crate::route::PathRules;

/// A valid configuration. Cloning shares it.
///
/// There are three ways in and one validation: [`Config::builder`], [`Config::from_env`], and
/// serde, for a file in any format:
///
/// ```
/// use rti_core::Config;
///
/// let config: Config = toml::from_str(r#"
///     api_key = "key-from-the-service"
///     tag_hash = "hash-from-the-service"
///     api_endpoint = "eu"
///     mode = "blocking"
///     timeout = 80
///     uri_exclusion = ["/health", 're:^/static/']
///     route_to_event_type = ["/subscribe=subscribe", "POST /cart=add_to_cart", 're:^/p/=search']
///     invalid_captcha_codes = [4, 5, 13, 14, 15]
///     redirect_url = "/not-for-robots"
///     trusted_proxies = ["10.0.0.0/8"]
/// "#)?;
/// assert_eq!(config.timeout().as_millis(), 80);
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// A fault names the option, the value and the rule, and all faults come at once:
///
/// ```
/// # use rti_core::Config;
/// let error = Config::builder("", "hash", "http://rti.example").build().unwrap_err();
/// assert_eq!(error.faults().len(), 2);
/// assert!(error.to_string().contains("api_key (RTI_API_KEY)"));
/// ```
#[derive(Debug, Clone)]
pub struct Config(Arc<Settings>);

/// What is in force. Only this crate sees it, so that it can grow.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) api_key: SecretString,
    pub(crate) tag_hash: String,
    pub(crate) api_version: ApiVersion,
    pub(crate) api_endpoint: ApiEndpoint,
    pub(crate) timeout: Duration,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) max_in_flight: usize,
    pub(crate) routes: PathRules<EventType>,
    pub(crate) exclusions: PathRules<SkipRule>,
    pub(crate) policy: Policy,
    pub(crate) redirect_url: Option<RedirectUrl>,
    pub(crate) client_ip: ClientIpSource,
    pub(crate) request_id_header: Option<Box<str>>,
    pub(crate) session_sync: SessionSync,
    pub(crate) result_header: ResultHeader,
    pub(crate) extractors: Extractors,
    pub(crate) warnings: Vec<ConfigWarning>,
}

impl Config {
    /// Begins a configuration with what there is no default for: the API key and the tag hash the
    /// service gave you, and the endpoint (`us`, `eu`, `global` or an origin).
    pub fn builder(
        api_key: impl Into<String>,
        tag_hash: impl Into<String>,
        api_endpoint: impl Into<String>,
    ) -> ConfigBuilder {
        ConfigBuilder::new(api_key.into(), tag_hash.into(), api_endpoint.into())
    }

    /// The configuration in the `RTI_*` variables of the environment.
    ///
    /// To add closures or rules of your own to them, use [`ConfigBuilder::from_env`].
    ///
    /// # Errors
    /// Every option that is missing or breaks its rule, in one error.
    pub fn from_env() -> Result<Self, ConfigError> {
        ConfigBuilder::from_env().build()
    }

    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0
    }

    /// Where verdicts are asked for.
    pub fn api_endpoint(&self) -> &ApiEndpoint {
        &self.0.api_endpoint
    }

    /// The protocol that is spoken.
    pub fn api_version(&self) -> ApiVersion {
        self.0.api_version
    }

    /// Whether verdicts are acted on.
    pub fn mode(&self) -> Mode {
        self.0.policy.mode
    }

    /// The deadline of one call, over everything from the name look-up to the last byte.
    pub fn timeout(&self) -> Duration {
        self.0.timeout
    }

    /// What is allowed and yet likely a mistake. [`Rti::new`](crate::Rti::new) logs them.
    pub fn warnings(&self) -> &[ConfigWarning] {
        &self.0.warnings
    }
}
