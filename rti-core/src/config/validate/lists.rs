//! The lists that lead to actions: each protocol has its own, and refuses those of the other.

use std::collections::BTreeSet;

use crate::config::codes::{DEFAULT_BLOCK_REDIRECT, DEFAULT_CAPTCHA};
use crate::config::options::{self, ConfigOption};
use crate::config::{ConfigBuilder, ConfigFault, RedirectUrl};
use crate::policy::{CodeLists, ConfiguredPolicy, InvalidVisitors, Strategies};
use crate::words::{Family, Strategy};

impl ConfigBuilder {
    /// An option that does nothing is a mistake, and one that its owner would not notice.
    pub(super) fn refuse_options_of_other_protocols(&mut self) {
        let (strangers, owners) = match self.api_version.family() {
            Family::V1 => (self.set_options_of_v4(), "`v4.0` and `v4.1`"),
            Family::V4 => (self.set_options_of_v1(), "`v1` and `v3`"),
        };
        let version = self.api_version.as_str();
        for option in strangers {
            let rule = format!("belongs to {owners}: it would do nothing with this api_version");
            self.faults
                .push(ConfigFault::conflict(option, version, rule));
        }
    }

    fn set_options_of_v1(&self) -> Vec<&'static ConfigOption> {
        set([
            (
                self.block_redirect_codes.is_some(),
                &options::INVALID_BLOCK_REDIRECT_CODES,
            ),
            (
                self.captcha_codes.is_some(),
                &options::INVALID_CAPTCHA_CODES,
            ),
        ])
    }

    fn set_options_of_v4(&self) -> Vec<&'static ConfigOption> {
        set([
            (!self.v4.block.codes.is_empty(), &options::BLOCK_CODES),
            (
                !self.v4.challenge.codes.is_empty(),
                &options::CHALLENGE_CODES,
            ),
            (!self.v4.redirect.codes.is_empty(), &options::REDIRECT_CODES),
            (!self.v4.block.reasons.is_empty(), &options::BLOCK_REASONS),
            (
                !self.v4.challenge.reasons.is_empty(),
                &options::CHALLENGE_REASONS,
            ),
            (
                !self.v4.redirect.reasons.is_empty(),
                &options::REDIRECT_REASONS,
            ),
            (
                self.blocking_strategy.is_some(),
                &options::BLOCKING_STRATEGY,
            ),
            (
                self.challenging_strategy.is_some(),
                &options::CHALLENGING_STRATEGY,
            ),
            (self.session_sync.is_some(), &options::SESSION_SYNC),
            (
                self.request_id_header.is_some(),
                &options::REQUEST_ID_HEADER,
            ),
        ])
    }

    pub(super) fn take_policy(&mut self, redirect_url: Option<&RedirectUrl>) -> ConfiguredPolicy {
        match self.api_version.family() {
            Family::V1 => ConfiguredPolicy::V1(self.take_code_lists(redirect_url)),
            Family::V4 => self.take_verdict_lists(),
        }
    }

    fn take_code_lists(&mut self, redirect_url: Option<&RedirectUrl>) -> CodeLists {
        let codes = self.block_redirect_codes.take().unwrap_or_default();
        let block_redirect = codes.or(&DEFAULT_BLOCK_REDIRECT);
        let captcha = self
            .captcha_codes
            .take()
            .unwrap_or_default()
            .or(&DEFAULT_CAPTCHA);
        let shared: BTreeSet<_> = block_redirect.intersection(&captcha).collect();
        if !shared.is_empty() {
            let shared: Vec<_> = shared.into_iter().map(ToString::to_string).collect();
            self.faults.push(ConfigFault::conflict(
                &options::INVALID_CAPTCHA_CODES,
                shared.join(","),
                "expected no code that is also in invalid_block_redirect_codes; the defaults in \
                 force count",
            ));
        }
        let invalid_visitors = match redirect_url {
            Some(_) => InvalidVisitors::Redirect,
            None => InvalidVisitors::Block,
        };
        CodeLists {
            block_redirect,
            captcha,
            invalid_visitors,
        }
    }

    fn take_verdict_lists(&mut self) -> ConfiguredPolicy {
        let lists = std::mem::take(&mut self.v4);
        let strategies = Strategies {
            blocking: self.blocking_strategy.unwrap_or(Strategy::AccessDenied),
            challenging: self.challenging_strategy.unwrap_or(Strategy::Captcha),
        };
        let redirects = !lists.redirect.is_empty()
            || strategies.blocking == Strategy::Redirect
            || strategies.challenging == Strategy::Redirect;
        // A URL that is there and broken has a fault of its own.
        if redirects && self.redirect_url.is_none() {
            self.faults.push(ConfigFault::missing(
                &options::REDIRECT_URL,
                "expected somewhere to redirect to, for the redirect codes, redirect reasons or \
                 the strategy `redirect`",
            ));
        }
        ConfiguredPolicy::V4(lists, strategies)
    }
}

fn set<const N: usize>(options: [(bool, &'static ConfigOption); N]) -> Vec<&'static ConfigOption> {
    options
        .into_iter()
        .filter(|(is_set, _)| *is_set)
        .map(|(_, option)| option)
        .collect()
}
