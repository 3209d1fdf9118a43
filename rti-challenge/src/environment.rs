//! The kit as environment variables describe it.

use std::time::Duration;

use crate::keys::{KeyError, Keys};
use crate::kit::{Challenge, TtlError};

const METHOD: &str = "RTI_CHALLENGE";
const KEY: &str = "RTI_CHALLENGE_KEY";
const SITE_KEY: &str = "RTI_CHALLENGE_SITE_KEY";
const SECRET: &str = "RTI_CHALLENGE_SECRET";
const TTL: &str = "RTI_CHALLENGE_TTL";

/// Why the environment describes no kit. It names the variable and the rule, and shows no key and no
/// secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// The method is none of those known.
    #[error(
        "RTI_CHALLENGE: expected `pow`, `turnstile`, `hcaptcha`, `recaptcha`, `recaptcha_v3` or \
         `friendly_captcha`, got `{0}`"
    )]
    Method(String),
    /// A variable is needed and not set, or empty.
    #[error("{variable}: expected {rule}, it is not set")]
    Missing {
        /// The variable.
        variable: &'static str,
        /// What belongs in it.
        rule: &'static str,
    },
    /// A variable is not UTF-8.
    #[error("{0}: expected UTF-8")]
    NotUtf8(&'static str),
    /// The keys cannot be read.
    #[error("RTI_CHALLENGE_KEY: {0}")]
    Key(#[from] KeyError),
    /// The lifetime is not a number of seconds.
    #[error("RTI_CHALLENGE_TTL: expected a number of seconds, got `{0}`")]
    NotSeconds(String),
    /// The lifetime is out of bounds.
    #[error("RTI_CHALLENGE_TTL: {0}")]
    Ttl(#[from] TtlError),
    /// There is no client for the calls to the service.
    #[error("RTI_CHALLENGE: {0}")]
    Client(String),
}

impl EnvironmentError {
    /// The variable at fault.
    pub fn variable(&self) -> &'static str {
        match self {
            Self::Method(_) | Self::Client(_) => METHOD,
            Self::Missing { variable, .. } | Self::NotUtf8(variable) => variable,
            Self::Key(_) => KEY,
            Self::NotSeconds(_) | Self::Ttl(_) => TTL,
        }
    }
}

impl Challenge {
    /// The kit as the environment describes it; `None` without `RTI_CHALLENGE`.
    ///
    /// | variable | value |
    /// | --- | --- |
    /// | `RTI_CHALLENGE` | `pow`, `turnstile`, `hcaptcha`, `recaptcha`, `recaptcha_v3` or `friendly_captcha` |
    /// | `RTI_CHALLENGE_KEY` | 32 bytes in base64, such as of `openssl rand -base64 32`; several separated by commas: the first signs, all verify |
    /// | `RTI_CHALLENGE_SITE_KEY`, `RTI_CHALLENGE_SECRET` | of the service; not for `pow` |
    /// | `RTI_CHALLENGE_TTL` | how long a visitor continues after a solution, in seconds: 60 to 2592000, 1800 by default |
    ///
    /// # Errors
    /// Where a variable is missing or its value is not valid.
    pub fn from_env() -> Result<Option<Self>, EnvironmentError> {
        Self::from_variables(|name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(EnvironmentError::NotUtf8(name)),
        })
    }

    fn from_variables(
        read: impl Fn(&'static str) -> Result<Option<String>, EnvironmentError>,
    ) -> Result<Option<Self>, EnvironmentError> {
        // One that is set and empty is not set, as in most container files.
        let read = |name| -> Result<Option<String>, EnvironmentError> {
            let value = read(name)?.map(|value| value.trim().to_owned());
            Ok(value.filter(|value| !value.is_empty()))
        };
        let Some(method) = read(METHOD)? else {
            return Ok(None);
        };
        let required =
            |variable, rule| read(variable)?.ok_or(EnvironmentError::Missing { variable, rule });
        let method = Method::parse(&method)?;
        let keys = Keys::parse(&required(
            KEY,
            "32 bytes in base64, such as of `openssl rand -base64 32`",
        )?)?;
        let kit = match method {
            Method::ProofOfWork => Self::proof_of_work(keys),
            Method::Service(service) => {
                let site_key = required(SITE_KEY, "the site key of the captcha service")?;
                let secret = required(SECRET, "the secret of the captcha service")?;
                by_service(service, &site_key, &secret, keys)?
            }
        };
        let Some(ttl) = read(TTL)? else {
            return Ok(Some(kit));
        };
        let seconds = ttl.parse().map_err(|_| EnvironmentError::NotSeconds(ttl))?;
        Ok(Some(kit.ttl(Duration::from_secs(seconds))?))
    }
}

enum Method {
    ProofOfWork,
    Service(Service),
}

#[derive(Clone, Copy)]
enum Service {
    Turnstile,
    Hcaptcha,
    Recaptcha,
    RecaptchaV3,
    Friendly,
}

impl Method {
    fn parse(word: &str) -> Result<Self, EnvironmentError> {
        Ok(match word.to_ascii_lowercase().as_str() {
            "pow" => Self::ProofOfWork,
            "turnstile" => Self::Service(Service::Turnstile),
            "hcaptcha" => Self::Service(Service::Hcaptcha),
            "recaptcha" => Self::Service(Service::Recaptcha),
            "recaptcha_v3" => Self::Service(Service::RecaptchaV3),
            "friendly_captcha" => Self::Service(Service::Friendly),
            _ => return Err(EnvironmentError::Method(word.to_owned())),
        })
    }
}

#[cfg(feature = "http")]
fn by_service(
    service: Service,
    site_key: &str,
    secret: &str,
    keys: Keys,
) -> Result<Challenge, EnvironmentError> {
    use crate::captcha::{Captcha, HttpClient};

    let client = HttpClient::new().map_err(|error| EnvironmentError::Client(error.to_string()))?;
    let captcha = match service {
        Service::Turnstile => Captcha::turnstile(site_key, secret, client),
        Service::Hcaptcha => Captcha::hcaptcha(site_key, secret, client),
        Service::Recaptcha => Captcha::recaptcha_v2(site_key, secret, client),
        Service::RecaptchaV3 => Captcha::recaptcha_v3(site_key, secret, client),
        Service::Friendly => Captcha::friendly_captcha(site_key, secret, client),
    };
    Ok(Challenge::with_provider(captcha, keys))
}

#[cfg(not(feature = "http"))]
fn by_service(
    _service: Service,
    _site_key: &str,
    _secret: &str,
    _keys: Keys,
) -> Result<Challenge, EnvironmentError> {
    let rule = "captcha services need the feature `http` of rti-challenge".to_owned();
    Err(EnvironmentError::Client(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A_KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    fn kit(variables: &[(&str, &str)]) -> Result<Option<Challenge>, EnvironmentError> {
        Challenge::from_variables(|name| {
            let mut named = variables.iter().filter(|(candidate, _)| *candidate == name);
            Ok(named.next().map(|(_, value)| (*value).to_owned()))
        })
    }

    #[test]
    fn without_a_method_there_is_no_kit() {
        assert!(kit(&[]).unwrap().is_none());
        assert!(kit(&[(METHOD, " "), (KEY, "x")]).unwrap().is_none());
    }

    #[test]
    fn proof_of_work_needs_a_key_alone() {
        let found = kit(&[(METHOD, "POW"), (KEY, A_KEY), (TTL, "3600")])
            .unwrap()
            .unwrap();
        assert!(format!("{found:?}").contains("ttl: 3600"));
        let two = format!("{A_KEY},{A_KEY}");
        assert!(kit(&[(METHOD, "pow"), (KEY, &two)]).unwrap().is_some());
    }

    #[cfg(feature = "aws-lc-rs")]
    #[test]
    fn a_service_needs_site_key_and_secret() {
        for word in [
            "turnstile",
            "hcaptcha",
            "recaptcha",
            "recaptcha_v3",
            "friendly_captcha",
        ] {
            let all = [
                (METHOD, word),
                (KEY, A_KEY),
                (SITE_KEY, "site"),
                (SECRET, "hush"),
            ];
            let found = kit(&all).unwrap().unwrap();
            assert!(!format!("{found:?}").contains("hush"));
            for (missing, variable) in [(2, SITE_KEY), (3, SECRET)] {
                let mut some = all.to_vec();
                some.remove(missing);
                assert_eq!(kit(&some).unwrap_err().variable(), variable);
            }
        }
    }

    #[test]
    fn errors_name_variable_and_rule_and_no_secret() {
        let key = (KEY, A_KEY);
        for (variables, variable, message) in [
            (&[(METHOD, "capcha"), key][..], METHOD, "got `capcha`"),
            (&[(METHOD, "pow")], KEY, "openssl rand -base64 32"),
            (&[(METHOD, "pow"), (KEY, "hush")], KEY, "key 1 has 3 bytes"),
            (
                &[(METHOD, "pow"), (KEY, "hush!")],
                KEY,
                "key 1 is not base64",
            ),
            (&[(METHOD, "pow"), key, (TTL, "1h")], TTL, "got `1h`"),
            (&[(METHOD, "pow"), key, (TTL, "59")], TTL, "60 to 2592000"),
        ] {
            let error = kit(variables).unwrap_err();
            assert_eq!(error.variable(), variable);
            let shown = error.to_string();
            assert!(
                shown.starts_with(variable) && shown.contains(message),
                "{shown}"
            );
            assert!(!shown.contains("hush"));
        }
    }
}
