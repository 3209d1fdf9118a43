//! The lists that lead to actions: each protocol has its own, and refuses those of the other.

use std::collections::BTreeSet;

use crate::config::ConfigFault;
use crate::config::codes::{DEFAULT_BLOCK_REDIRECT, DEFAULT_CAPTCHA};
use crate::config::options::{self, ConfigOption};
use crate::config::policy_options::PolicyOptions;
use crate::policy::{
    CodeLists, ConfiguredPolicy, InvalidVisitors, Strategies, Triggers, VerdictLists,
};
use crate::words::{ApiVersion, Family, Strategy};

/// The options of a policy that the protocol does not have. An option that does nothing is a mistake, and
/// one that its owner would not notice.
pub(super) fn refuse_others(
    version: ApiVersion,
    policy: &PolicyOptions,
    faults: &mut Vec<ConfigFault>,
) {
    let of_v1 = [
        (
            policy.block_redirect_codes.is_some(),
            &options::INVALID_BLOCK_REDIRECT_CODES,
        ),
        (
            policy.captcha_codes.is_some(),
            &options::INVALID_CAPTCHA_CODES,
        ),
    ];
    let of_v4 = [
        (policy.block_codes.is_some(), &options::BLOCK_CODES),
        (policy.challenge_codes.is_some(), &options::CHALLENGE_CODES),
        (policy.redirect_codes.is_some(), &options::REDIRECT_CODES),
        (policy.block_reasons.is_some(), &options::BLOCK_REASONS),
        (
            policy.challenge_reasons.is_some(),
            &options::CHALLENGE_REASONS,
        ),
        (
            policy.redirect_reasons.is_some(),
            &options::REDIRECT_REASONS,
        ),
        (
            policy.blocking_strategy.is_some(),
            &options::BLOCKING_STRATEGY,
        ),
        (
            policy.challenging_strategy.is_some(),
            &options::CHALLENGING_STRATEGY,
        ),
    ];
    match version.family() {
        Family::V1 => refuse(version, &of_v4, faults),
        Family::V4 => refuse(version, &of_v1, faults),
    }
}

/// Refuses those that are set of the options of the other protocol.
pub(super) fn refuse(
    version: ApiVersion,
    of_the_other: &[(bool, &'static ConfigOption)],
    faults: &mut Vec<ConfigFault>,
) {
    let owners = match version.family() {
        Family::V1 => "`v4.0` and `v4.1`",
        Family::V4 => "`v1` and `v3`",
    };
    let set = of_the_other.iter().filter(|(is_set, _)| *is_set);
    for (_, option) in set {
        let rule = format!("belongs to {owners}: it would do nothing with this api_version");
        faults.push(ConfigFault::conflict(option, version.as_str(), rule));
    }
}

/// The lists in force of a policy that has inherited.
pub(super) fn resolve(
    version: ApiVersion,
    policy: &PolicyOptions,
    has_redirect_url: bool,
    faults: &mut Vec<ConfigFault>,
) -> ConfiguredPolicy {
    match version.family() {
        Family::V1 => ConfiguredPolicy::V1(code_lists(policy, has_redirect_url, faults)),
        Family::V4 => verdict_lists(policy, faults),
    }
}

fn code_lists(
    policy: &PolicyOptions,
    has_redirect_url: bool,
    faults: &mut Vec<ConfigFault>,
) -> CodeLists {
    let codes = policy.block_redirect_codes.clone().unwrap_or_default();
    let block_redirect = codes.or(&DEFAULT_BLOCK_REDIRECT);
    let codes = policy.captcha_codes.clone().unwrap_or_default();
    let captcha = codes.or(&DEFAULT_CAPTCHA);
    let shared: BTreeSet<_> = block_redirect.intersection(&captcha).collect();
    if !shared.is_empty() {
        let shared: Vec<_> = shared.into_iter().map(ToString::to_string).collect();
        faults.push(ConfigFault::conflict(
            &options::INVALID_CAPTCHA_CODES,
            shared.join(","),
            "expected no code that is also in invalid_block_redirect_codes; the defaults in \
             force count",
        ));
    }
    CodeLists {
        block_redirect,
        captcha,
        invalid_visitors: if has_redirect_url {
            InvalidVisitors::Redirect
        } else {
            InvalidVisitors::Block
        },
    }
}

fn verdict_lists(policy: &PolicyOptions, faults: &mut Vec<ConfigFault>) -> ConfiguredPolicy {
    let triggers = |codes: &Option<BTreeSet<i64>>, reasons: &Option<BTreeSet<i64>>| Triggers {
        codes: codes.clone().unwrap_or_default(),
        reasons: reasons.clone().unwrap_or_default(),
    };
    let lists = VerdictLists {
        block: triggers(&policy.block_codes, &policy.block_reasons),
        challenge: triggers(&policy.challenge_codes, &policy.challenge_reasons),
        redirect: triggers(&policy.redirect_codes, &policy.redirect_reasons),
    };
    let strategies = Strategies {
        blocking: policy.blocking_strategy.unwrap_or(Strategy::AccessDenied),
        challenging: policy.challenging_strategy.unwrap_or(Strategy::Captcha),
    };
    let redirects = !lists.redirect.is_empty()
        || strategies.blocking == Strategy::Redirect
        || strategies.challenging == Strategy::Redirect;
    // A URL that is there and broken has a fault of its own.
    if redirects && policy.redirect_url.is_none() {
        faults.push(ConfigFault::missing(
            &options::REDIRECT_URL,
            "expected somewhere to redirect to, for the redirect codes, redirect reasons or \
             the strategy `redirect`",
        ));
    }
    ConfiguredPolicy::V4(lists, strategies)
}
