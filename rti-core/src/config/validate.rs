//! From options to a configuration: every rule, and every fault at once.

mod ca;
mod lists;

use std::net::IpAddr;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};
use secrecy::ExposeSecret;

pub(super) use self::ca::CaBundle;
use super::lint::{self, ConfigWarning};
use super::options::{self, ConfigOption};
use super::{ApiEndpoint, Config, ConfigBuilder, ConfigError, ConfigFault, RedirectUrl, Settings};
use crate::client_ip::ClientIpSource;
use crate::decision::SkipReason;
use crate::event_type::EventType;
use crate::redact::Redactor;
use crate::route::{Methods, PathPattern, PathRules, Pattern};

pub(super) const TIMEOUT_RULE: &str = "expected milliseconds from 1 to 60000";
pub(super) const MAX_IN_FLIGHT_RULE: &str = "expected a number of calls from 1 to 1000000";
pub(super) const MIN_IDLE_CONNECTIONS_RULE: &str =
    "expected a number of connections from 0 to 1000";
/// Headers whose values are nobody else's business.
const SECRETS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

const ENDPOINT_RULE: &str = "expected `us`, `eu`, `global`, or an `https://` origin";

impl ConfigBuilder {
    /// Validates all options.
    ///
    /// # Errors
    /// Every option that is missing or breaks its rule, in one error.
    pub fn build(mut self) -> Result<Config, ConfigError> {
        let unknown = std::mem::take(&mut self.unknown_variables).into_iter();
        let mut warnings: Vec<_> = unknown
            .map(|name| ConfigWarning::new("environment", name, "is the variable of no option"))
            .collect();
        self.check_credentials();
        self.check_limits();
        self.refuse_options_of_other_protocols();
        let api_endpoint = self.take_endpoint();
        let redirect_url = self.take_redirect_url();
        let client_ip = self.take_client_ip(&mut warnings);
        let trusted_host_header = self.take_trusted_host_header(&client_ip, &mut warnings);
        let request_id_header = self.take_request_id_header();
        let routes = self.take_routes();
        let exclusions = self.take_exclusions(redirect_url.as_ref(), &mut warnings);
        let policy = self.take_policy(redirect_url.as_ref());
        #[cfg(feature = "http")]
        let authorities = self.take_ca_bundle(&mut warnings);
        #[cfg(not(feature = "http"))]
        self.refuse_ca_bundle();
        let (Some(api_endpoint), Some(routes), Some(exclusions), true) =
            (api_endpoint, routes, exclusions, self.faults.is_empty())
        else {
            return Err(self.into_error());
        };
        let redactor = Redactor::new(&self.api_key);
        for warning in &mut warnings {
            warning.redact(&redactor);
        }
        let api_version = self.api_version;
        self.extractors.keep(|what| api_version.carries(what));
        Ok(Config::new(Settings {
            api_key: self.api_key.expose_secret().trim().into(),
            redactor,
            tag_hash: self.tag_hash.trim().to_owned(),
            api_version,
            api_endpoint,
            #[cfg(feature = "http")]
            authorities,
            timeout: self.timeout,
            circuit_breaker: self.circuit_breaker,
            max_in_flight: self.max_in_flight,
            min_idle_connections: self.min_idle_connections,
            routes,
            exclusions,
            policy,
            redirect_url,
            client_ip,
            trusted_host_header,
            request_id_header,
            session_sync: self.session_sync.unwrap_or_default(),
            result_header: self.result_header,
            extractors: self.extractors,
            warnings,
        }))
    }

    fn into_error(mut self) -> ConfigError {
        let redactor = Redactor::new(&self.api_key);
        for fault in &mut self.faults {
            fault.redact(&redactor);
        }
        ConfigError::new(self.faults)
    }

    fn missing(&mut self, option: &ConfigOption, rule: &str) {
        self.faults.push(ConfigFault::missing(option, rule));
    }

    fn invalid(&mut self, option: &ConfigOption, value: &str, rule: impl Into<String>) {
        self.faults.push(ConfigFault::invalid(option, value, rule));
    }

    fn check_credentials(&mut self) {
        if self.api_key.expose_secret().trim().is_empty() {
            self.missing(&options::API_KEY, "expected the key the service gave you");
        }
        if self.tag_hash.trim().is_empty() {
            self.missing(&options::TAG_HASH, "expected the hash the service gave you");
        }
    }

    fn check_limits(&mut self) {
        if !(Duration::from_millis(1)..=Duration::from_secs(60)).contains(&self.timeout) {
            let millis = self.timeout.as_secs_f64() * 1000.0;
            self.invalid(&options::TIMEOUT, &millis.to_string(), TIMEOUT_RULE);
        }
        if !(1..=1_000_000).contains(&self.max_in_flight) {
            let value = self.max_in_flight.to_string();
            self.invalid(&options::MAX_IN_FLIGHT, &value, MAX_IN_FLIGHT_RULE);
        }
        if self.min_idle_connections > 1000 {
            let value = self.min_idle_connections.to_string();
            self.invalid(
                &options::MIN_IDLE_CONNECTIONS,
                &value,
                MIN_IDLE_CONNECTIONS_RULE,
            );
        }
    }

    fn take_endpoint(&mut self) -> Option<ApiEndpoint> {
        let text = std::mem::take(&mut self.api_endpoint);
        if text.trim().is_empty() {
            self.missing(&options::API_ENDPOINT, ENDPOINT_RULE);
            return None;
        }
        let endpoint = text.parse();
        endpoint
            .map_err(|rule: String| self.invalid(&options::API_ENDPOINT, &text, rule))
            .ok()
    }

    fn take_redirect_url(&mut self) -> Option<RedirectUrl> {
        let text = self
            .redirect_url
            .clone()
            .filter(|text| !text.trim().is_empty())?;
        let url = text.parse();
        url.map_err(|rule: String| self.invalid(&options::REDIRECT_URL, &text, rule))
            .ok()
    }

    fn take_client_ip(&mut self, warnings: &mut Vec<ConfigWarning>) -> ClientIpSource {
        let mut source = ClientIpSource::default();
        for text in std::mem::take(&mut self.trusted_proxies) {
            let network = text
                .parse()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            if let Ok(network) = network {
                source.trusted_proxies.push(canonical(network));
            } else {
                let rule = "expected a network such as 10.0.0.0/8, or an address";
                self.invalid(&options::TRUSTED_PROXIES, &text, rule);
            }
        }
        if let Some(everyone) = source
            .trusted_proxies
            .iter()
            .find(|network| network.prefix_len() == 0)
        {
            warnings.push(ConfigWarning::new(
                options::TRUSTED_PROXIES.name,
                everyone.to_string(),
                "trusts every peer, so every client can forge its address",
            ));
        }
        if let Some(name) = self.trusted_ip_header.take() {
            let option = &options::TRUSTED_IP_HEADER;
            source.trusted_header = self.trusted_header(option, &name, &source, warnings);
        }
        source
    }

    fn take_trusted_host_header(
        &mut self,
        source: &ClientIpSource,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<Box<str>> {
        let name = self.trusted_host_header.take()?;
        self.trusted_header(&options::TRUSTED_HOST_HEADER, &name, source, warnings)
    }

    /// The name of a header that proxies set; a blank one counts as not set.
    fn trusted_header(
        &mut self,
        option: &ConfigOption,
        name: &str,
        source: &ClientIpSource,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<Box<str>> {
        let name = Some(name.trim()).filter(|name| !name.is_empty())?;
        if source.trusted_proxies.is_empty() {
            warnings.push(ConfigWarning::new(
                option.name,
                name,
                "is trusted from every peer: whoever can reach the application directly can forge \
                 it; name your proxies in trusted_proxies",
            ));
        }
        self.header_name(option, name)
    }

    fn take_request_id_header(&mut self) -> Option<Box<str>> {
        let name = self
            .request_id_header
            .take()
            .filter(|name| !name.trim().is_empty())?;
        if SECRETS
            .iter()
            .any(|secret| secret.eq_ignore_ascii_case(name.trim()))
        {
            let rule = "expected a header that holds no credentials: its value is sent";
            self.invalid(&options::REQUEST_ID_HEADER, name.trim(), rule);
            return None;
        }
        self.header_name(&options::REQUEST_ID_HEADER, &name)
    }

    fn header_name(&mut self, option: &ConfigOption, name: &str) -> Option<Box<str>> {
        let name = name.trim();
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.bytes().all(is_token) {
            return Some(name.into());
        }
        self.invalid(option, name, "expected the name of a header");
        None
    }

    fn take_routes(&mut self) -> Option<PathRules<EventType>> {
        let option = &options::ROUTE_TO_EVENT_TYPE;
        let mut rules = Vec::new();
        for (text, event) in std::mem::take(&mut self.routes) {
            let event = event.trim();
            match Pattern::parse(&text) {
                Ok(_) if event.is_empty() => {
                    self.invalid(option, &text, "expected an event type behind `=`");
                }
                Ok(pattern) => {
                    let methods = pattern.method.map_or(Methods::Any, Methods::One);
                    rules.push((pattern.path, methods, EventType::from(event)));
                }
                Err(rule) => self.invalid(option, &text, rule),
            }
        }
        PathRules::new(rules)
            .map_err(|rule| self.invalid(option, "all", rule))
            .ok()
    }

    fn take_exclusions(
        &mut self,
        redirect_url: Option<&RedirectUrl>,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<PathRules<SkipReason>> {
        let option = &options::URI_EXCLUSION;
        let mut rules = Vec::new();
        if let Some(path) = redirect_url.and_then(|url| url.own_path.as_deref()) {
            rules.push((
                PathPattern::Exact(path.into()),
                Methods::Safe,
                SkipReason::RedirectTarget,
            ));
        }
        for text in std::mem::take(&mut self.exclusions) {
            match Pattern::parse(&text) {
                Ok(pattern) => {
                    if let Some(message) = lint::exclusion(&pattern) {
                        warnings.push(ConfigWarning::new(option.name, text.trim(), message));
                    }
                    let default = match pattern.path {
                        PathPattern::Exact(_) => Methods::Any,
                        PathPattern::Regex(_) => Methods::Safe,
                    };
                    let methods = pattern.method.map_or(default, Methods::One);
                    rules.push((
                        pattern.path,
                        methods,
                        SkipReason::Excluded(text.trim().into()),
                    ));
                }
                Err(rule) => self.invalid(option, &text, rule),
            }
        }
        PathRules::new(rules)
            .map_err(|rule| self.invalid(option, "all", rule))
            .ok()
    }
}

/// A network of IPv4 written in IPv6 is the one of IPv4: addresses are compared so.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else {
        return network;
    };
    let mapped = v6
        .addr()
        .to_ipv4_mapped()
        .zip(v6.prefix_len().checked_sub(96));
    let v4 = mapped.and_then(|(ip, prefix)| Ipv4Net::new(ip, prefix).ok());
    v4.map_or(network, IpNet::V4)
}
