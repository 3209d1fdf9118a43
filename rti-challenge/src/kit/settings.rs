//! The options of a kit, and their rules.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::keys::Keys;
use crate::page::Lang;
use crate::pow::Cost;
use crate::provider::{OnProviderFailure, Provider};
use crate::rate::{Limits, Rates};
use crate::replay::{MemoryStore, ReplayStore};
use crate::visitor::Binding;
use crate::wait::WithoutScripts;

/// How long a challenge can be solved: time for a slow device, and for a visitor who comes back to the
/// tab.
pub(crate) const CHALLENGE_SECONDS: u64 = 10 * 60;

/// How long a sealed form can be taken out: as long as its page is of use.
pub(crate) const FORM_SECONDS: u64 = 30 * 60;

const MIN_TTL: u64 = 60;
const MAX_TTL: u64 = 30 * 24 * 60 * 60;

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) keys: Keys,
    /// Proof of work without one.
    pub(crate) provider: Option<Arc<dyn Provider>>,
    /// In seconds.
    pub(crate) ttl: u64,
    pub(crate) binding: Binding,
    pub(crate) store: Arc<dyn ReplayStore>,
    pub(crate) cost: Cost,
    pub(crate) mobile_cost: Cost,
    pub(crate) without_scripts: WithoutScripts,
    pub(crate) on_provider_failure: OnProviderFailure,
    pub(crate) provider_deadline: Duration,
    pub(crate) rates: Arc<Rates>,
    pub(crate) prefix: Arc<str>,
    /// That of the engine's block page without one.
    pub(crate) lang: Option<Lang>,
    pub(crate) clock: Clock,
}

impl Settings {
    pub(crate) fn new(keys: Keys, provider: Option<Arc<dyn Provider>>) -> Self {
        let without_scripts = match provider {
            None => WithoutScripts::default(),
            // Who waits would pass by what the provider judges.
            Some(_) => WithoutScripts::Refuse,
        };
        Self {
            keys,
            provider,
            ttl: 30 * 60,
            binding: Binding::default(),
            store: Arc::new(MemoryStore::default()),
            cost: Cost::default(),
            mobile_cost: Cost::default(),
            without_scripts,
            on_provider_failure: OnProviderFailure::default(),
            provider_deadline: Duration::from_secs(5),
            rates: Arc::new(Rates::new(Limits {
                challenges: 300,
                failures: 30,
            })),
            prefix: "/.well-known/rti/".into(),
            lang: None,
            clock: Clock::System,
        }
    }
}

impl Settings {
    /// A word for what is solved.
    pub(crate) fn method(&self) -> &'static str {
        self.provider
            .as_ref()
            .map_or("pow", |provider| provider.name())
    }
}

/// What the time is, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    System,
    /// A time of a test's.
    #[cfg(test)]
    At(u64),
}

impl Clock {
    pub(crate) fn now(self) -> u64 {
        match self {
            // Before 1970 everything has expired.
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(u64::MAX, |now| now.as_secs()),
            #[cfg(test)]
            Self::At(now) => now,
        }
    }
}

/// A lifetime of clearances that is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lifetime of a clearance: expected 60 to 2592000 seconds, got {0}")]
pub struct TtlError(u64);

pub(crate) fn checked_ttl(seconds: u64) -> Result<u64, TtlError> {
    if (MIN_TTL..=MAX_TTL).contains(&seconds) {
        Ok(seconds)
    } else {
        Err(TtlError(seconds))
    }
}

/// A prefix that paths cannot begin with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the prefix of the challenge's paths: expected one such as `/.well-known/rti/`, of letters, \
     digits, `-`, `_`, `.` and `/`, that begins and ends with `/`; got `{0}`"
)]
pub struct PrefixError(String);

pub(crate) fn checked_prefix(prefix: &str) -> Result<Arc<str>, PrefixError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let inner = prefix
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let is_valid = inner.is_some_and(|inner| {
        let segments = |segment: &str| !matches!(segment, "" | "." | "..");
        prefix.chars().all(is_plain) && inner.split('/').all(segments)
    });
    if is_valid {
        Ok(prefix.into())
    } else {
        Err(PrefixError(prefix.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_plain_path() {
        for prefix in ["/.well-known/rti/", "/_check/"] {
            assert_eq!(&*checked_prefix(prefix).unwrap(), prefix);
        }
        for prefix in [
            "", "/", "//", "rti/", "/rti", "/a//b/", "/../", "/a\"b/", "/a b/", "/%61/",
        ] {
            assert!(checked_prefix(prefix).is_err(), "{prefix}");
        }
    }

    #[test]
    fn a_lifetime_has_bounds() {
        assert!(checked_ttl(60).is_ok() && checked_ttl(MAX_TTL).is_ok());
        let error = checked_ttl(59).unwrap_err();
        assert!(error.to_string().ends_with("got 59"));
    }
}
