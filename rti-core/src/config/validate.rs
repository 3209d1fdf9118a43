//! From options to a configuration: every rule, and every fault at once.

mod ca;
mod limits;
mod lists;
mod page;
mod paths;
mod policies;

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net};
use secrecy::{ExposeSecret, SecretString};

use super::lint::ConfigWarning;
use super::options::{self, ConfigOption};
#[cfg(feature = "config-file")]
use super::source::FILE_ITSELF;
use super::{ApiEndpoint, Config, ConfigBuilder, ConfigError, ConfigFault, Settings};
use crate::client_ip::ClientIpSource;
use crate::exclusions::Exclusions;
use crate::known_headers::KnownHeader;
use crate::payload::CaptureRules;
use crate::redact::Redactor;
use crate::words::Family;

/// Headers whose values are nobody else's business.
const SECRETS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// Shorter ones can be guessed.
const MIN_TEST_SECRET: usize = 16;

const ENDPOINT_RULE: &str = "expected `us`, `eu`, `global`, or an `https://` origin";

impl ConfigBuilder {
    /// Validates all options.
    ///
    /// # Errors
    /// Every option that is missing or breaks its rule, in one error.
    pub fn build(mut self) -> Result<Config, ConfigError> {
        let unknown = std::mem::take(&mut self.unknown_variables).into_iter();
        let mut warnings: Vec<_> = unknown
            .map(|name| ConfigWarning::new("environment", name, "is not a known RTI variable"))
            .collect();
        self.check_credentials();
        self.check_limits();
        let max_in_flight = self.take_max_in_flight(&mut warnings);
        self.refuse_options_of_v4();
        let api_endpoint = self.take_endpoint();
        let client_ip = self.take_client_ip(&mut warnings);
        let trusted_host_header = self.take_trusted_host_header(&client_ip, &mut warnings);
        let request_id_header = self.take_request_id_header();
        let test_secret = self.check_test_secret();
        let routes = self.take_routes(&mut warnings);
        let exclusions = self.take_exclusions(&mut warnings);
        let mode = self.policy.mode.unwrap_or_default();
        let policies = self.take_policies(&mut warnings);
        let block_page = self.take_block_page(exclusions.as_ref(), &mut warnings);
        let telemetry = self.take_telemetry();
        #[cfg(feature = "http")]
        let authorities = self.take_ca_bundle(&mut warnings);
        #[cfg(not(feature = "http"))]
        self.refuse_ca_bundle();
        let (
            Some(api_endpoint),
            Some(routes),
            Some(exclusions),
            Some(policies),
            Some(block_page),
            true,
        ) = (
            api_endpoint,
            routes,
            exclusions,
            policies,
            block_page,
            self.faults.is_empty(),
        )
        else {
            return Err(self.into_error());
        };
        let redactor = self.redactor();
        for warning in &mut warnings {
            warning.redact(&redactor);
        }
        self.extractors.keep(self.api_version.family());
        Ok(Config::new(Settings {
            api_key: self.api_key.expose_secret().trim().into(),
            redactor,
            tag_hash: self.tag_hash.trim().to_owned(),
            api_version: self.api_version,
            api_endpoint,
            #[cfg(feature = "http")]
            authorities,
            circuit_breaker: self.circuit_breaker,
            circuit_breaker_min_calls: self.circuit_breaker_min_calls,
            circuit_breaker_window: self.circuit_breaker_window,
            circuit_breaker_max_probe_interval: self.circuit_breaker_max_probe_interval,
            max_in_flight,
            min_idle_connections: self.min_idle_connections,
            routes,
            exclusions: Exclusions {
                rules: exclusions,
                redirect_pages: policies.redirect_pages,
            },
            mode,
            need_buckets: policies.policies.need_buckets(),
            policies: policies.policies,
            policies_as_set: policies.as_set,
            block_page: Arc::new(block_page),
            capture: CaptureRules {
                client_ip,
                trusted_host_header,
                request_id_header,
                extractors: self.extractors,
                carried: KnownHeader::ALL.map(|header| self.api_version.carries_header(header)),
            },
            session_sync: self.session_sync.unwrap_or_default(),
            result_header: self.result_header,
            log_decisions: self.log_decisions,
            check_preflights: self.check_preflights,
            #[cfg(feature = "config-file")]
            config_file: self.config_file,
            off_file: self.off_file,
            test_secret,
            sources: self.sources,
            telemetry,
            warnings,
        }))
    }

    fn into_error(mut self) -> ConfigError {
        let redactor = self.redactor();
        for fault in &mut self.faults {
            fault.redact(&redactor);
        }
        ConfigError::new(self.faults)
    }

    fn refuse_options_of_v4(&mut self) {
        let options = [
            (self.session_sync.is_some(), &options::SESSION_SYNC),
            (
                self.request_id_header.is_some(),
                &options::REQUEST_ID_HEADER,
            ),
        ];
        if self.api_version.family() == Family::V1 {
            lists::refuse(self.api_version, &options, &mut self.faults);
        }
    }

    fn missing(&mut self, option: &ConfigOption, rule: &str) {
        // It may stand in the file that could not be read.
        #[cfg(feature = "config-file")]
        if self
            .faults
            .iter()
            .any(|fault| fault.option() == FILE_ITSELF)
        {
            return;
        }
        self.faults.push(ConfigFault::missing(option, rule));
    }

    pub(super) fn invalid(&mut self, option: &ConfigOption, value: &str, rule: impl Into<String>) {
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

    fn redactor(&self) -> Redactor {
        // A shorter one is refused, and may be part of any word.
        let is_long = |secret: &&SecretString| secret.expose_secret().len() >= MIN_TEST_SECRET;
        let test_secret = self.test_secret.iter().filter(is_long);
        Redactor::new([&self.api_key].into_iter().chain(test_secret))
    }

    fn check_test_secret(&mut self) -> Option<SecretString> {
        let secret = self.test_secret.clone()?;
        if secret.expose_secret().trim().len() < MIN_TEST_SECRET {
            let rule =
                "expected at least 16 characters: who knows it sees how each visitor is judged";
            self.invalid(&options::TEST_SECRET, "[redacted]", rule);
        }
        Some(secret)
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
