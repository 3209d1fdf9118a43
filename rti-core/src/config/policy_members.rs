//! Policies of parts of the site in the form that a file has them, as they were set: what one does not
//! set it still inherits when it is read again.

use serde_json::{Map, Value, json};

use super::ThreatCodes;
use super::policy_options::{NamedPolicy, PolicyOptions};

/// What was set beside the lists of the whole configuration.
#[derive(Debug)]
pub(crate) struct PoliciesAsSet {
    /// Of the default policy.
    pub(crate) enforce_percent: Option<f64>,
    pub(super) named: Vec<NamedPolicy>,
}

impl PoliciesAsSet {
    /// The tables `[[policy]]`.
    pub(crate) fn tables(&self) -> Vec<Value> {
        let table = |policy: &NamedPolicy| {
            let mut table = policy.options.members();
            table.insert("name".to_owned(), json!(policy.name));
            table.insert("path".to_owned(), json!(policy.paths));
            Value::Object(table)
        };
        self.named.iter().map(table).collect()
    }
}

impl PolicyOptions {
    /// What is set, by the names of the options.
    fn members(&self) -> Map<String, Value> {
        // A file has whole milliseconds.
        let millis = self
            .timeout
            .map(|timeout| timeout.as_micros().div_ceil(1000));
        let codes = |codes: &Option<ThreatCodes>| codes.as_ref().map(ThreatCodes::entries);
        let members = [
            ("mode", self.mode.map(|mode| json!(mode))),
            (
                "enforce_percent",
                self.enforce_percent.map(|percent| json!(percent)),
            ),
            (
                "on_failure",
                self.on_failure.map(|on_failure| json!(on_failure)),
            ),
            (
                "timeout",
                millis.map(|millis| json!(u64::try_from(millis).ok())),
            ),
            (
                "event_type",
                self.event_type.as_ref().map(|event| json!(event)),
            ),
            (
                "redirect_url",
                self.redirect_url.as_ref().map(|url| json!(url)),
            ),
            (
                "invalid_block_redirect_codes",
                codes(&self.block_redirect_codes),
            ),
            ("invalid_captcha_codes", codes(&self.captcha_codes)),
            (
                "block_codes",
                self.block_codes.as_ref().map(|codes| json!(codes)),
            ),
            (
                "challenge_codes",
                self.challenge_codes.as_ref().map(|codes| json!(codes)),
            ),
            (
                "redirect_codes",
                self.redirect_codes.as_ref().map(|codes| json!(codes)),
            ),
            (
                "block_reasons",
                self.block_reasons.as_ref().map(|reasons| json!(reasons)),
            ),
            (
                "challenge_reasons",
                self.challenge_reasons
                    .as_ref()
                    .map(|reasons| json!(reasons)),
            ),
            (
                "redirect_reasons",
                self.redirect_reasons.as_ref().map(|reasons| json!(reasons)),
            ),
            (
                "blocking_strategy",
                self.blocking_strategy.map(|strategy| json!(strategy)),
            ),
            (
                "challenging_strategy",
                self.challenging_strategy.map(|strategy| json!(strategy)),
            ),
            (
                "shadow",
                self.shadow
                    .as_ref()
                    .map(|shadow| Value::Object(shadow.members())),
            ),
        ];
        let set = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        set.collect()
    }
}
