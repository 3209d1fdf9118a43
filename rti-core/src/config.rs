//! The configuration: validated once, immutable, cheap to share.

mod anchors;
mod builder;
pub(crate) mod codes;
mod descriptors;
mod endpoint;
mod fault;
mod file;
mod lint;
pub(crate) mod options;
mod policy_members;
mod policy_options;
mod source;
mod support_url;
mod telemetry;
mod validate;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use self::builder::CaBundle;
pub use self::builder::ConfigBuilder;
pub use self::codes::ThreatCodes;
pub use self::endpoint::ApiEndpoint;
pub(crate) use self::endpoint::RedirectUrl;
pub use self::fault::{ConfigError, ConfigErrorKind, ConfigFault};
pub use self::lint::ConfigWarning;
pub(crate) use self::policy_members::PoliciesAsSet;
pub use self::policy_options::PolicyOptions;
#[cfg(feature = "config-file")]
use self::source::ConfigFile;
use self::source::Sources;
pub use self::source::{OptionSource, PolicySummary, Source};
pub(crate) use self::telemetry::TelemetryUrl;
use crate::event_type::EventType;
use crate::exclusions::Exclusions;
use crate::payload::CaptureRules;
use crate::policy::Policies;
use crate::redact::Redactor;
use crate::reply::BlockPage;
use crate::route::PathRules;
use crate::words::{ApiVersion, Mode, SessionSync};
pub(crate) use crate::words::{CheckPreflights, CircuitBreaker, LogDecisions, ResultHeader};

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
/// An error names the option, the value and the rule. All invalid options are reported together:
///
/// ```
/// # use rti_core::Config;
/// let error = Config::builder("", "hash", "http://rti.example").build().unwrap_err();
/// assert_eq!(error.faults().len(), 2);
/// assert!(error.to_string().contains("api_key (RTI_API_KEY)"));
/// ```
#[derive(Clone)]
pub struct Config(Arc<Settings>);

/// What is in force. Only this crate sees it, so that it can grow.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) api_key: SecretString,
    pub(crate) redactor: Redactor,
    pub(crate) tag_hash: String,
    pub(crate) api_version: ApiVersion,
    pub(crate) api_endpoint: ApiEndpoint,
    /// Trusted in place of the system's.
    #[cfg(feature = "http")]
    pub(crate) authorities: Option<Arc<rustls::RootCertStore>>,
    pub(crate) circuit_breaker: CircuitBreaker,
    pub(crate) circuit_breaker_min_calls: u32,
    pub(crate) circuit_breaker_window: Duration,
    pub(crate) circuit_breaker_max_probe_interval: Duration,
    pub(crate) max_in_flight: usize,
    pub(crate) min_idle_connections: usize,
    pub(crate) routes: PathRules<EventType>,
    pub(crate) exclusions: Exclusions,
    pub(crate) mode: Mode,
    pub(crate) policies: Policies,
    pub(crate) policies_as_set: PoliciesAsSet,
    pub(crate) need_buckets: bool,
    pub(crate) block_page: Arc<BlockPage>,
    pub(crate) capture: CaptureRules,
    pub(crate) session_sync: SessionSync,
    pub(crate) result_header: ResultHeader,
    pub(crate) log_decisions: LogDecisions,
    pub(crate) check_preflights: CheckPreflights,
    #[cfg(feature = "config-file")]
    pub(crate) config_file: Option<ConfigFile>,
    pub(crate) off_file: Option<PathBuf>,
    pub(crate) test_secret: Option<SecretString>,
    pub(crate) sources: Sources,
    /// Where telemetry is sent, if it is.
    pub(crate) telemetry: Option<TelemetryUrl>,
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

    /// The origin of the service.
    pub fn api_endpoint(&self) -> &ApiEndpoint {
        &self.0.api_endpoint
    }

    /// The protocol in use.
    pub fn api_version(&self) -> ApiVersion {
        self.0.api_version
    }

    /// Whether verdicts are acted on, where no policy says otherwise.
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// The deadline of one call, over everything from the name look-up to the last byte.
    pub fn timeout(&self) -> Duration {
        self.0.policies.default().timeout
    }

    /// The language tag of the block page, for the other pages that visitors see: `en` by default. `None`
    /// where the page is the file of `block_page`.
    pub fn lang(&self) -> Option<&str> {
        self.0.block_page.lang()
    }

    /// What is allowed and yet likely a mistake. [`Rti`](crate::Rti) logs them when it is made.
    pub fn warnings(&self) -> &[ConfigWarning] {
        &self.0.warnings
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By mistake the key may stand in another option's place too.
        let text = if f.alternate() {
            format!("{:#?}", self.0)
        } else {
            format!("{:?}", self.0)
        };
        f.write_str(&self.0.redactor.redact(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::options::OPTIONS;

    const VALID: [(&str, &str); 3] = [
        ("RTI_API_KEY", "key-7"),
        ("RTI_TAG_HASH", "hash"),
        ("RTI_API_ENDPOINT", "us"),
    ];

    fn from_vars(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        ConfigBuilder::from_vars(VALID.iter().chain(vars).copied()).build()
    }

    #[test]
    fn every_fault_is_reported_at_once_with_option_value_and_rule() {
        let error = ConfigBuilder::from_vars([
            ("RTI_API_KEY", " "),
            ("RTI_API_ENDPOINT", "http://rti.example"),
            ("RTI_MODE", "on"),
            ("RTI_TIMEOUT_MS", "0"),
            ("RTI_URI_EXCLUSION", "/ok,about,re:("),
            ("RTI_ROUTE_TO_EVENT_TYPE", "/x"),
            ("RTI_INVALID_CAPTCHA_CODES", "3,x"),
            ("RTI_REDIRECT_URL", "//evil.example"),
            ("RTI_TRUSTED_PROXIES", "10.0.0.0/33"),
            ("RTI_TRUSTED_IP_HEADER", "client ip"),
            ("RTI_TRUSTED_HOST_HEADER", "host:"),
            ("RTI_MAX_IN_FLIGHT", "none"),
            ("RTI_CIRCUIT_BREAKER", "maybe"),
            ("RTI_CIRCUIT_BREAKER_MIN_CALLS", "0"),
            ("RTI_CIRCUIT_BREAKER_WINDOW", "1s"),
            ("RTI_CIRCUIT_BREAKER_MAX_PROBE_INTERVAL", "9"),
            ("RTI_API_VERSION", "v2"),
            ("RTI_BLOCK_REASONS", "1.5"),
            ("RTI_CA_FILE", "/does/not/exist"),
            ("RTI_TELEMETRY", "http://rti.example"),
        ])
        .build()
        .unwrap_err();
        let message = error.to_string();
        for option in [
            "api_key",
            "tag_hash",
            "api_endpoint",
            "mode",
            "timeout",
            "uri_exclusion",
            "route_to_event_type",
            "invalid_captcha_codes",
            "redirect_url",
            "trusted_proxies",
            "trusted_ip_header",
            "trusted_host_header",
            "max_in_flight",
            "circuit_breaker",
            "circuit_breaker_min_calls",
            "circuit_breaker_window",
            "circuit_breaker_max_probe_interval",
            "api_version",
            "block_reasons",
            "ca_file",
            "telemetry",
        ] {
            let named = |fault: &ConfigFault| fault.option() == option;
            assert!(
                error.faults().iter().any(named),
                "{option} is not named: {message}"
            );
        }
        assert!(
            message.contains(r#"uri_exclusion (RTI_URI_EXCLUSION): "about": expected"#),
            "{message}"
        );
        assert!(
            message.contains("tag_hash (RTI_TAG_HASH): missing"),
            "{message}"
        );
    }

    #[test]
    fn the_key_shows_in_no_error() {
        let error =
            from_vars(&[("RTI_MODE", "key-7"), ("RTI_REDIRECT_URL", "x-key-7-x")]).unwrap_err();
        assert_eq!(error.faults().len(), 2);
        assert!(!format!("{error} {error:?}").contains("key-7"));
        let config = from_vars(&[]).unwrap();
        assert!(!format!("{config:?}").contains("key-7"));
    }

    #[test]
    fn a_variable_that_is_no_options_is_a_warning() {
        let config = from_vars(&[("RTI_TIMEOUT", "50"), ("PATH", "/bin")]).unwrap();
        let warnings: Vec<_> = config.warnings().iter().map(ConfigWarning::value).collect();
        assert_eq!(warnings, ["RTI_TIMEOUT"]);
        let message = config.warnings()[0].to_string();
        assert!(message.contains("is not a known RTI variable"), "{message}");
    }

    #[test]
    fn more_calls_than_descriptors_are_a_warning() {
        fn option(config: &Config) -> Option<&str> {
            config.warnings().first().map(ConfigWarning::option)
        }
        let default = from_vars(&[]).unwrap();
        assert!((64..=4096).contains(&default.settings().max_in_flight));
        assert_eq!(option(&default), None);
        let explicit = |calls: usize| {
            let calls = calls.to_string();
            from_vars(&[("RTI_MAX_IN_FLIGHT", &calls)]).unwrap()
        };
        assert_eq!(explicit(7).settings().max_in_flight, 7);
        if let Some(limit) = descriptors::limit().filter(|limit| *limit < 1_000_000) {
            assert_eq!(option(&explicit(limit)), None);
            assert_eq!(option(&explicit(limit + 1)), Some("max_in_flight"));
        }
    }

    #[test]
    fn lists_that_share_a_code_are_refused_defaults_included() {
        for vars in [
            &[("RTI_INVALID_CAPTCHA_CODES", "4,3")][..],
            &[("RTI_INVALID_BLOCK_REDIRECT_CODES", "14")],
            &[
                ("RTI_INVALID_BLOCK_REDIRECT_CODES", "2"),
                ("RTI_INVALID_CAPTCHA_CODES", "2,4"),
            ],
        ] {
            assert_eq!(
                from_vars(vars).unwrap_err().kind(),
                ConfigErrorKind::Conflict,
                "{vars:?}"
            );
        }
        for vars in [
            &[
                ("RTI_INVALID_CAPTCHA_CODES", "none"),
                ("RTI_INVALID_BLOCK_REDIRECT_CODES", "14"),
            ][..],
            &[("RTI_INVALID_CAPTCHA_CODES", "")],
        ] {
            assert!(from_vars(vars).is_ok(), "{vars:?}");
        }
    }

    #[test]
    fn options_of_the_other_protocol_are_refused() {
        for (version, option, value) in [
            ("v1", "RTI_BLOCK_CODES", "3"),
            ("v3", "RTI_CHALLENGE_REASONS", "-3"),
            ("v1", "RTI_BLOCKING_STRATEGY", "not_found"),
            ("v1", "RTI_SESSION_SYNC", "duid"),
            ("v1", "RTI_REQUEST_ID_HEADER", "x-request-id"),
            ("v4.1", "RTI_INVALID_CAPTCHA_CODES", "4"),
            ("v4.0", "RTI_INVALID_BLOCK_REDIRECT_CODES", "none"),
        ] {
            let error = from_vars(&[("RTI_API_VERSION", version), (option, value)]).unwrap_err();
            assert_eq!(error.kind(), ConfigErrorKind::Conflict, "{option}");
            assert!(error.to_string().contains(version), "{error}");
        }
    }

    #[test]
    fn v4_redirects_need_somewhere_to_go() {
        for (option, value) in [
            ("RTI_REDIRECT_CODES", "3"),
            ("RTI_REDIRECT_REASONS", "-3"),
            ("RTI_BLOCKING_STRATEGY", "redirect"),
            ("RTI_CHALLENGING_STRATEGY", "redirect"),
        ] {
            let vars = [("RTI_API_VERSION", "v4.1"), (option, value)];
            let error = from_vars(&vars).unwrap_err();
            assert_eq!(error.faults()[0].option(), "redirect_url", "{option}");
            assert!(from_vars(&[vars[0], vars[1], ("RTI_REDIRECT_URL", "/sorry")]).is_ok());
        }
    }

    #[test]
    fn a_redirect_to_the_home_page_is_refused_or_warned_of() {
        let error = from_vars(&[("RTI_REDIRECT_URL", "/")]).unwrap_err();
        assert!(error.to_string().contains("home page"), "{error}");
        let config = from_vars(&[("RTI_REDIRECT_URL", "/?page=sorry")]).unwrap();
        let warnings: Vec<_> = config.warnings().iter().map(ToString::to_string).collect();
        assert!(
            matches!(&warnings[..], [warning] if warning.contains("home page")),
            "{warnings:?}"
        );
        let config = from_vars(&[("RTI_REDIRECT_URL", "/sorry?why=bot")]).unwrap();
        assert!(config.warnings().is_empty());
    }

    /// What `fn main() -> Result<(), Box<dyn Error>>` prints is `Debug`.
    #[test]
    fn an_error_that_main_returns_can_be_read() {
        let error = from_vars(&[("RTI_MODE", "loud")]).unwrap_err();
        let returned: Box<dyn std::error::Error> = error.clone().into();
        assert_eq!(format!("{returned:?}"), error.to_string());
        assert!(
            error
                .to_string()
                .contains("mode (RTI_MODE): \"loud\": expected `monitoring`")
        );
    }

    #[test]
    fn patterns_of_a_router_in_an_exact_path_are_warned_of() {
        for path in [
            "/static/*",
            "/static/**",
            "/product/{id}",
            "POST /product/<id>",
            "/product/:id",
        ] {
            let route = format!("{path}=search");
            for (option, variable, value) in [
                ("uri_exclusion", "RTI_URI_EXCLUSION", path),
                ("route_to_event_type", "RTI_ROUTE_TO_EVENT_TYPE", &route),
            ] {
                let config = from_vars(&[(variable, value)]).unwrap();
                let [warning] = config.warnings() else {
                    panic!("{value}: {:?}", config.warnings());
                };
                assert_eq!((warning.option(), warning.value()), (option, path));
                assert!(warning.to_string().contains("exact path"), "{warning}");
            }
        }
        for path in ["/static/", "/a:b", "re:^/static/.*", "re:^/p/[a-z]{2}$"] {
            let route = format!("{path}=search");
            let vars = [
                ("RTI_URI_EXCLUSION", path),
                ("RTI_ROUTE_TO_EVENT_TYPE", &route),
            ];
            assert_eq!(from_vars(&vars).unwrap().warnings(), [], "{path}");
        }
    }

    #[test]
    fn a_file_and_the_environment_say_the_same() {
        let file: Config = toml::from_str(
            r#"
            api_key = "key-7"
            tag_hash = "hash"
            api_endpoint = "us"
            invalid_captcha_codes = [4, 5]
            timeout = 80
            max_in_flight = "9"
            circuit_breaker_min_calls = 7
            circuit_breaker_window = "700"
            circuit_breaker_max_probe_interval = 70
            trusted_proxies = "10.0.0.0/8, 192.0.2.1"
            [route_to_event_type]
            "POST /cart" = "add_to_cart"
            "#,
        )
        .unwrap();
        let env = from_vars(&[
            ("RTI_INVALID_CAPTCHA_CODES", "4,5"),
            ("RTI_TIMEOUT_MS", "80"),
            ("RTI_MAX_IN_FLIGHT", "9"),
            ("RTI_CIRCUIT_BREAKER_MIN_CALLS", "7"),
            ("RTI_CIRCUIT_BREAKER_WINDOW", "700"),
            ("RTI_CIRCUIT_BREAKER_MAX_PROBE_INTERVAL", "70"),
            ("RTI_TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.1"),
            ("RTI_ROUTE_TO_EVENT_TYPE", "POST /cart=add_to_cart"),
        ])
        .unwrap();
        assert_eq!(format!("{file:?}"), format!("{env:?}"));
    }

    #[test]
    fn a_file_with_an_unknown_option_is_refused() {
        let error = toml::from_str::<Config>("api_kee = 'x'")
            .unwrap_err()
            .to_string();
        assert!(error.contains("api_kee"), "{error}");
        assert!(error.contains("api_key"), "{error}");
    }

    proptest! {
        #[test]
        fn any_text_in_any_option_is_survived(option in 0..OPTIONS.len(), text in ".*") {
            let _ = from_vars(&[(OPTIONS[option].env, &text)]);
        }

        #[test]
        fn any_near_miss_is_survived(
            option in 0..OPTIONS.len(),
            text in r"(re:)?[/a-z0-9,=\[\](){}\^$.*+?|:-]{0,40}",
        ) {
            let _ = from_vars(&[(OPTIONS[option].env, &text)]);
        }

        #[test]
        fn any_file_is_survived(text in r#"([a-z_]{1,12} = ["0-9a-z\[\], ]{0,12}\n){0,4}"#) {
            let _ = toml::from_str::<Config>(&text);
        }
    }
}
