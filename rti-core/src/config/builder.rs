//! Setting options one by one; only `build` can fail.

use std::collections::BTreeSet;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::codes::{DEFAULT_BLOCK_REDIRECT, DEFAULT_CAPTCHA};
use super::lint::{self, ConfigWarning};
use super::options::{self, ConfigOption, OPTIONS};
use super::{
    ApiEndpoint, CircuitBreaker, Config, ConfigError, ConfigFault, Mode, RedirectUrl, Settings,
    ThreatCodes,
};
use crate::client_ip::ClientIpSource;
use crate::decision::SkipRule;
use crate::event_type::EventType;
use crate::extractors::{Extracted, Extractors};
use crate::policy::{InvalidVisitors, Policy};
use crate::protocol::ApiVersion;
use crate::request::RtiRequest;
use crate::route::{Methods, PathPattern, PathRules, Pattern};

pub(super) const MAX_IN_FLIGHT_RULE: &str = "expected a number of calls from 1 to 1000000";
pub(super) const TIMEOUT_RULE: &str = "expected milliseconds from 1 to 60000";

/// Sets the options of a [`Config`] one by one; only [`build`](Self::build) can fail.
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
#[derive(Debug)]
#[must_use = "nothing is configured before `build`"]
pub struct ConfigBuilder {
    pub(super) faults: Vec<ConfigFault>,
    pub(super) api_key: SecretString,
    pub(super) tag_hash: String,
    pub(super) api_endpoint: String,
    pub(super) mode: Mode,
    pub(super) timeout: Duration,
    pub(super) circuit_breaker: CircuitBreaker,
    pub(super) max_in_flight: usize,
    pub(super) routes: Vec<(String, String)>,
    pub(super) exclusions: Vec<String>,
    pub(super) block_redirect_codes: ThreatCodes,
    pub(super) captcha_codes: ThreatCodes,
    pub(super) redirect_url: Option<String>,
    pub(super) trusted_ip_header: Option<String>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) extractors: Extractors,
}

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
            api_key: api_key.into(),
            tag_hash,
            api_endpoint,
            mode: Mode::default(),
            timeout: Duration::from_millis(100),
            circuit_breaker: CircuitBreaker::default(),
            max_in_flight: 1024,
            routes: Vec::new(),
            exclusions: Vec::new(),
            block_redirect_codes: ThreatCodes::default(),
            captcha_codes: ThreatCodes::default(),
            redirect_url: None,
            trusted_ip_header: None,
            trusted_proxies: Vec::new(),
            extractors: Extractors::default(),
        }
    }

    /// What the `RTI_*` variables of the environment say. Faults in them wait for
    /// [`build`](Self::build).
    pub fn from_env() -> Self {
        Self::from_vars(std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name, value.to_string_lossy().into_owned()))
        }))
    }

    /// What variables say that come from elsewhere. Names other than those of the options are
    /// passed over: other programs use the prefix `RTI_` too.
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
        let mut builder = Self::default();
        for (name, value) in vars {
            if let Some(option) = OPTIONS.iter().find(|option| option.env == name.as_ref()) {
                option.read(&mut builder, &Value::String(value.into()));
            }
        }
        builder
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

    /// Whether verdicts are acted on. Default: [`Mode::Monitoring`].
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The deadline of one call, over everything from the name look-up to the last byte of the
    /// answer. Default: 100 ms; from 1 ms to 60 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether calls stop for a while after many of them failed. Default: [`CircuitBreaker::On`].
    pub fn circuit_breaker(mut self, circuit_breaker: CircuitBreaker) -> Self {
        self.circuit_breaker = circuit_breaker;
        self
    }

    /// The most calls in flight at once; requests past it go on at once, unasked. Default: 1024,
    /// which at a verdict in 10 ms is a hundred thousand requests a second; from 1 to 1,000,000.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.max_in_flight = calls;
        self
    }

    /// Adds routes that stand for an event: `[METHOD ]/path` or `[METHOD ]re:regex`, and the event.
    /// An exact path wins over a regex, a rule with a method over one without, and the first regex
    /// over later ones. Other routes are `page_load`.
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

    /// Adds paths that are not asked about: `[METHOD ]/path` or `[METHOD ]re:regex`.
    ///
    /// They are matched on the path alone, and only on paths in their plain form: one with dot
    /// segments, `//`, `;`, backslashes or encoded letters is always checked. An exact path holds
    /// for every method. A regex, which is for static files, holds for GET, HEAD and OPTIONS
    /// unless it names a method.
    pub fn uri_exclusion<P: Into<String>>(mut self, patterns: impl IntoIterator<Item = P>) -> Self {
        self.exclusions.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// The threat types that are blocked, or redirected where there is a
    /// [`redirect_url`](Self::redirect_url). Default: 2, 3, 6, 7, 10, 11, 16, 18.
    pub fn invalid_block_redirect_codes(mut self, codes: impl Into<ThreatCodes>) -> Self {
        self.block_redirect_codes = codes.into();
        self
    }

    /// The threat types that are handed to the challenge callback. Default: 4, 5, 13, 14, 15, 17.
    pub fn invalid_captcha_codes(mut self, codes: impl Into<ThreatCodes>) -> Self {
        self.captcha_codes = codes.into();
        self
    }

    /// Where blocked visitors are sent: an absolute `http(s)` URL, or a path on this site, which is
    /// then itself not asked about. Default: nowhere, they get a 403.
    pub fn redirect_url(mut self, url: impl Into<String>) -> Self {
        self.redirect_url = Some(url.into());
        self
    }

    /// A header that a front of yours sets to the visitor's address. Where it is absent or no
    /// address, the peer counts. Clients that can reach the application past that front can
    /// forge it, so name the front's networks in [`trusted_proxies`](Self::trusted_proxies) too.
    pub fn trusted_ip_header(mut self, name: impl Into<String>) -> Self {
        self.trusted_ip_header = Some(name.into());
        self
    }

    /// Adds networks (`10.0.0.0/8`) or addresses of proxies whose word is taken: for the client
    /// address (`X-Forwarded-For` from the right, past trusted hops), the scheme
    /// (`X-Forwarded-Proto`) and the host (`x-cheq-rti-host`). Default: none.
    pub fn trusted_proxies<N: ToString>(mut self, networks: impl IntoIterator<Item = N>) -> Self {
        self.trusted_proxies
            .extend(networks.into_iter().map(|network| network.to_string()));
        self
    }

    /// Tells the TLS fingerprint (JA3) of a client.
    pub fn ja3(
        mut self,
        extractor: impl Fn(&dyn RtiRequest) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.extractors.set(Extracted::Ja3, extractor);
        self
    }

    /// Tells the type of the resource. Default: `text/html`.
    pub fn resource_type(
        mut self,
        extractor: impl Fn(&dyn RtiRequest) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.extractors.set(Extracted::ResourceType, extractor);
        self
    }

    /// Tells the channel: the name of a `custom` event.
    pub fn channel(
        mut self,
        extractor: impl Fn(&dyn RtiRequest) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.extractors.set(Extracted::Channel, extractor);
        self
    }

    /// Validates all options.
    ///
    /// # Errors
    /// Every option that is missing or breaks its rule, in one error.
    pub fn build(mut self) -> Result<Config, ConfigError> {
        let mut warnings = Vec::new();
        if self.api_key.expose_secret().trim().is_empty() {
            self.faults.push(ConfigFault::missing(
                &options::API_KEY,
                "expected the key the service gave you",
            ));
        }
        if self.tag_hash.trim().is_empty() {
            self.faults.push(ConfigFault::missing(
                &options::TAG_HASH,
                "expected the hash the service gave you",
            ));
        }
        if !(Duration::from_millis(1)..=Duration::from_secs(60)).contains(&self.timeout) {
            self.faults.push(ConfigFault::invalid(
                &options::TIMEOUT,
                format!("{:?}", self.timeout),
                TIMEOUT_RULE,
            ));
        }
        if !(1..=1_000_000).contains(&self.max_in_flight) {
            self.faults.push(ConfigFault::invalid(
                &options::MAX_IN_FLIGHT,
                self.max_in_flight.to_string(),
                MAX_IN_FLIGHT_RULE,
            ));
        }
        let api_endpoint = self.take_endpoint();
        let redirect_url = self.take_redirect_url();
        let client_ip = self.take_client_ip(&mut warnings);
        let routes = self.take_routes();
        let exclusions = self.take_exclusions(redirect_url.as_ref(), &mut warnings);
        let policy = self.take_policy(redirect_url.as_ref());
        let (Some(api_endpoint), Some(routes), Some(exclusions), true) =
            (api_endpoint, routes, exclusions, self.faults.is_empty())
        else {
            return Err(self.into_error());
        };
        Ok(Config::new(Settings {
            api_key: self.api_key.expose_secret().trim().into(),
            tag_hash: self.tag_hash.trim().to_owned(),
            api_version: ApiVersion::V1,
            api_endpoint,
            timeout: self.timeout,
            circuit_breaker: self.circuit_breaker,
            max_in_flight: self.max_in_flight,
            routes,
            exclusions,
            policy,
            redirect_url,
            client_ip,
            request_id_header: None,
            extractors: self.extractors,
            warnings,
        }))
    }

    fn into_error(mut self) -> ConfigError {
        let key = self.api_key.expose_secret().trim();
        if !key.is_empty() {
            for fault in &mut self.faults {
                fault.redact(key);
            }
        }
        ConfigError::new(self.faults)
    }

    fn invalid(&mut self, option: &ConfigOption, value: &str, rule: impl Into<String>) {
        self.faults.push(ConfigFault::invalid(option, value, rule));
    }

    fn take_endpoint(&mut self) -> Option<ApiEndpoint> {
        let text = std::mem::take(&mut self.api_endpoint);
        if text.trim().is_empty() {
            let rule = "expected `us`, `eu`, `global`, or an `https://` origin";
            self.faults
                .push(ConfigFault::missing(&options::API_ENDPOINT, rule));
            return None;
        }
        text.parse()
            .map_err(|rule: String| self.invalid(&options::API_ENDPOINT, &text, rule))
            .ok()
    }

    fn take_redirect_url(&mut self) -> Option<RedirectUrl> {
        let text = self
            .redirect_url
            .take()
            .filter(|text| !text.trim().is_empty())?;
        text.parse()
            .map_err(|rule: String| self.invalid(&options::REDIRECT_URL, &text, rule))
            .ok()
    }

    fn take_client_ip(&mut self, warnings: &mut Vec<ConfigWarning>) -> ClientIpSource {
        let mut source = ClientIpSource::default();
        for text in std::mem::take(&mut self.trusted_proxies) {
            let network = text
                .parse::<IpNet>()
                .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
            match network {
                Ok(network) => source.trusted_proxies.push(network),
                Err(_) => self.invalid(
                    &options::TRUSTED_PROXIES,
                    &text,
                    "expected a network such as 10.0.0.0/8, or an address",
                ),
            }
        }
        if let Some(name) = self
            .trusted_ip_header
            .take()
            .filter(|name| !name.trim().is_empty())
        {
            let name = name.trim();
            if !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
            {
                self.invalid(
                    &options::TRUSTED_IP_HEADER,
                    name,
                    "expected the name of a header",
                );
            } else if source.trusted_proxies.is_empty() && self.faults.is_empty() {
                warnings.push(ConfigWarning::new(
                    options::TRUSTED_IP_HEADER.name,
                    name,
                    "is believed from every peer: whoever can reach the application directly can forge it; name your proxies in trusted_proxies",
                ));
            }
            source.trusted_header = Some(name.into());
        }
        source
    }

    fn take_routes(&mut self) -> Option<PathRules<EventType>> {
        let mut rules = Vec::new();
        for (text, event) in std::mem::take(&mut self.routes) {
            let event = event.trim();
            match Pattern::parse(&text) {
                Ok(_) if event.is_empty() => {
                    self.invalid(
                        &options::ROUTE_TO_EVENT_TYPE,
                        &text,
                        "expected an event type behind `=`",
                    );
                }
                Ok(pattern) => {
                    let methods = pattern.method.map_or(Methods::Any, Methods::One);
                    rules.push((pattern.path, methods, EventType::from(event)));
                }
                Err(rule) => self.invalid(&options::ROUTE_TO_EVENT_TYPE, &text, rule),
            }
        }
        PathRules::new(rules)
            .map_err(|rule| self.invalid(&options::ROUTE_TO_EVENT_TYPE, "all", rule))
            .ok()
    }

    fn take_exclusions(
        &mut self,
        redirect_url: Option<&RedirectUrl>,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<PathRules<SkipRule>> {
        let mut rules = Vec::new();
        if let Some(path) = redirect_url.and_then(|url| url.own_path.as_deref()) {
            rules.push((
                PathPattern::Exact(path.into()),
                Methods::Safe,
                SkipRule::RedirectTarget,
            ));
        }
        for text in std::mem::take(&mut self.exclusions) {
            match Pattern::parse(&text) {
                Ok(pattern) => {
                    if let Some(message) = lint::exclusion(&pattern) {
                        warnings.push(ConfigWarning::new(
                            options::URI_EXCLUSION.name,
                            text.trim(),
                            message,
                        ));
                    }
                    let default = match pattern.path {
                        PathPattern::Exact(_) => Methods::Any,
                        PathPattern::Regex(_) => Methods::Safe,
                    };
                    let methods = pattern.method.map_or(default, Methods::One);
                    rules.push((
                        pattern.path,
                        methods,
                        SkipRule::Excluded(text.trim().into()),
                    ));
                }
                Err(rule) => self.invalid(&options::URI_EXCLUSION, &text, rule),
            }
        }
        PathRules::new(rules)
            .map_err(|rule| self.invalid(&options::URI_EXCLUSION, "all", rule))
            .ok()
    }

    fn take_policy(&mut self, redirect_url: Option<&RedirectUrl>) -> Policy {
        let block_redirect =
            std::mem::take(&mut self.block_redirect_codes).or(&DEFAULT_BLOCK_REDIRECT);
        let captcha = std::mem::take(&mut self.captcha_codes).or(&DEFAULT_CAPTCHA);
        let shared: BTreeSet<_> = block_redirect.intersection(&captcha).collect();
        if !shared.is_empty() {
            let shared: Vec<_> = shared.into_iter().map(ToString::to_string).collect();
            self.faults.push(ConfigFault::conflict(
                &options::INVALID_CAPTCHA_CODES,
                shared.join(","),
                "expected no code that is also in invalid_block_redirect_codes; the defaults in force count",
            ));
        }
        let invalid_visitors = if redirect_url.is_some() {
            InvalidVisitors::Redirect
        } else {
            InvalidVisitors::Block
        };
        Policy {
            mode: self.mode,
            block_redirect,
            captcha,
            invalid_visitors,
        }
    }
}
