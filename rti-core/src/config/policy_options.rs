//! What a policy of a part of the site may set, and what it inherits.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::ThreatCodes;
use crate::words::{Mode, OnFailure, Strategy};

/// What a policy sets; what it does not set it inherits from the options of the whole configuration.
///
/// In a file it is a table `[[policy]]`, whose members have the names of the options:
///
/// ```
/// use rti_core::{Config, Mode, OnFailure, PolicyOptions};
///
/// let built = Config::builder("key", "hash", "us")
///     .policy(
///         "checkout",
///         ["/checkout", "POST /register", "re:^/api/cart/"],
///         PolicyOptions::new()
///             .mode(Mode::Blocking)
///             .enforce_percent(5.0)
///             .on_failure(OnFailure::Closed),
///     )
///     .policy("assets", ["re:^/static/"], PolicyOptions::new().mode(Mode::Off))
///     .build()?;
///
/// let read: Config = toml::from_str(r#"
///     api_key = "key"
///     tag_hash = "hash"
///     api_endpoint = "us"
///
///     [[policy]]
///     name = "checkout"
///     path = ["/checkout", "POST /register", "re:^/api/cart/"]
///     mode = "blocking"
///     enforce_percent = 5
///     on_failure = "closed"
///
///     [[policy]]
///     name = "assets"
///     path = ["re:^/static/"]
///     mode = "off"
/// "#)?;
/// # assert_eq!(built.policies(), read.policies());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "options do nothing until they are given to a configuration"]
pub struct PolicyOptions {
    pub(super) mode: Option<Mode>,
    pub(super) enforce_percent: Option<f64>,
    pub(super) on_failure: Option<OnFailure>,
    pub(super) timeout: Option<Duration>,
    pub(super) event_type: Option<String>,
    pub(super) redirect_url: Option<String>,
    pub(super) block_redirect_codes: Option<ThreatCodes>,
    pub(super) captcha_codes: Option<ThreatCodes>,
    pub(super) block_codes: Option<BTreeSet<i64>>,
    pub(super) challenge_codes: Option<BTreeSet<i64>>,
    pub(super) redirect_codes: Option<BTreeSet<i64>>,
    pub(super) block_reasons: Option<BTreeSet<i64>>,
    pub(super) challenge_reasons: Option<BTreeSet<i64>>,
    pub(super) redirect_reasons: Option<BTreeSet<i64>>,
    pub(super) blocking_strategy: Option<Strategy>,
    pub(super) challenging_strategy: Option<Strategy>,
    pub(super) shadow: Option<Box<PolicyOptions>>,
}

/// Texts are not shown: the key may be among them by mistake.
impl fmt::Debug for PolicyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyOptions")
            .field("mode", &self.mode)
            .field("enforce_percent", &self.enforce_percent)
            .field("on_failure", &self.on_failure)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A policy of a part of the site, as it was set.
#[derive(Debug, Clone)]
pub(crate) struct NamedPolicy {
    pub(super) name: String,
    pub(super) paths: Vec<String>,
    pub(super) options: PolicyOptions,
}

impl PolicyOptions {
    /// Nothing set: all is inherited.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether requests are checked, and verdicts acted on.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// The share of visitors for whom blocking mode acts, in per cent: from 0 to 100, with at most two
    /// decimals. See [`ConfigBuilder::enforce_percent`](crate::ConfigBuilder::enforce_percent).
    pub fn enforce_percent(mut self, percent: f64) -> Self {
        self.enforce_percent = Some(percent);
        self
    }

    /// What blocking mode does with a request for which there is no verdict. See
    /// [`ConfigBuilder::on_failure`](crate::ConfigBuilder::on_failure).
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.on_failure = Some(on_failure);
        self
    }

    /// The deadline of one call. From 1 ms to 60 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The event that these requests stand for, in place of that of `route_to_event_type`.
    pub fn event_type(mut self, event_type: impl Into<String>) -> Self {
        self.event_type = Some(event_type.into());
        self
    }

    /// Where blocked visitors are sent, as in the configuration; `none` for nowhere, where one is inherited.
    pub fn redirect_url(mut self, url: impl Into<String>) -> Self {
        self.redirect_url = Some(url.into());
        self
    }

    /// The threat types that are blocked or redirected. Protocols v1 and v3.
    pub fn invalid_block_redirect_codes(mut self, codes: impl Into<ThreatCodes>) -> Self {
        self.block_redirect_codes = Some(codes.into());
        self
    }

    /// The threat types that are handed to the challenge callback. Protocols v1 and v3.
    pub fn invalid_captcha_codes(mut self, codes: impl Into<ThreatCodes>) -> Self {
        self.captcha_codes = Some(codes.into());
        self
    }

    /// The threat types that are blocked beside malicious visitors. Protocols v4.
    pub fn block_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.block_codes.get_or_insert_default().extend(codes);
        self
    }

    /// The threat types that are challenged beside suspicious visitors. Protocols v4.
    pub fn challenge_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.challenge_codes.get_or_insert_default().extend(codes);
        self
    }

    /// The threat types that are redirected. Protocols v4.
    pub fn redirect_codes(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.redirect_codes.get_or_insert_default().extend(codes);
        self
    }

    /// The reasons that block. Protocols v4.
    pub fn block_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.block_reasons.get_or_insert_default().extend(reasons);
        self
    }

    /// The reasons that challenge. Protocols v4.
    pub fn challenge_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.challenge_reasons
            .get_or_insert_default()
            .extend(reasons);
        self
    }

    /// The reasons that redirect. Protocols v4.
    pub fn redirect_reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.redirect_reasons
            .get_or_insert_default()
            .extend(reasons);
        self
    }

    /// How blocking shows. Protocols v4.
    pub fn blocking_strategy(mut self, strategy: Strategy) -> Self {
        self.blocking_strategy = Some(strategy);
        self
    }

    /// How challenging shows. Protocols v4.
    pub fn challenging_strategy(mut self, strategy: Strategy) -> Self {
        self.challenging_strategy = Some(strategy);
        self
    }

    /// Options that are tried on the same verdict and never applied:
    /// [`Decision::shadow_action`](crate::Decision::shadow_action) shows what they would do. What they do not
    /// set is that of this policy, but for `mode` and `enforce_percent`, which are `blocking` and 100.
    pub fn shadow(mut self, shadow: PolicyOptions) -> Self {
        self.shadow = Some(Box::new(shadow));
        self
    }

    /// These options, and where they are not set those of `base`. The mode and the shadow are not inherited
    /// here: the mode in force may change at run time, and a shadow belongs to one policy.
    pub(super) fn or(self, base: &Self) -> Self {
        Self {
            mode: self.mode,
            enforce_percent: self.enforce_percent.or(base.enforce_percent),
            on_failure: self.on_failure.or(base.on_failure),
            timeout: self.timeout.or(base.timeout),
            event_type: self.event_type,
            redirect_url: self.redirect_url.or_else(|| base.redirect_url.clone()),
            block_redirect_codes: (self.block_redirect_codes)
                .or_else(|| base.block_redirect_codes.clone()),
            captcha_codes: self.captcha_codes.or_else(|| base.captcha_codes.clone()),
            block_codes: self.block_codes.or_else(|| base.block_codes.clone()),
            challenge_codes: self
                .challenge_codes
                .or_else(|| base.challenge_codes.clone()),
            redirect_codes: self.redirect_codes.or_else(|| base.redirect_codes.clone()),
            block_reasons: self.block_reasons.or_else(|| base.block_reasons.clone()),
            challenge_reasons: (self.challenge_reasons).or_else(|| base.challenge_reasons.clone()),
            redirect_reasons: self
                .redirect_reasons
                .or_else(|| base.redirect_reasons.clone()),
            blocking_strategy: self.blocking_strategy.or(base.blocking_strategy),
            challenging_strategy: self.challenging_strategy.or(base.challenging_strategy),
            shadow: self.shadow,
        }
    }
}
