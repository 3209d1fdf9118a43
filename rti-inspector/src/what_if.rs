//! What other options would do with the recorded decisions. Nothing is applied.

use std::collections::BTreeMap;
use std::sync::Arc;

use rti_core::{Config, ConfigFault, HypotheticalDecision, ResponseKind};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Anonymize;
use crate::aggregates::ByAction;
use crate::record::Record;

/// So many of the decisions that would differ are listed.
const LISTED: usize = 100;

/// The options that can be tried. Not all: `ca_file` reads a file, for one.
const OPTIONS: &[&str] = &[
    "mode",
    "enforce_percent",
    "policy",
    "redirect_url",
    "uri_exclusion",
    "invalid_block_redirect_codes",
    "invalid_captcha_codes",
    "block_codes",
    "block_reasons",
    "challenge_codes",
    "challenge_reasons",
    "redirect_codes",
    "redirect_reasons",
    "blocking_strategy",
    "challenging_strategy",
];

/// An option that cannot be tried, or breaks its rule.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) option: String,
    pub(crate) message: String,
}

/// What another configuration would do, as JSON.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct WouldBe {
    action: String,
    policy_action: String,
    rule: Option<String>,
    response: &'static str,
    policy: String,
}

impl From<HypotheticalDecision> for WouldBe {
    fn from(decision: HypotheticalDecision) -> Self {
        Self {
            action: decision.action.to_string(),
            policy_action: decision.policy_action.to_string(),
            rule: decision.rule.map(|rule| rule.to_string()),
            response: response(decision.response),
            policy: decision.policy.to_string(),
        }
    }
}

fn response(response: ResponseKind) -> &'static str {
    match response {
        ResponseKind::AccessDenied => "access_denied",
        ResponseKind::NotFound => "not_found",
        ResponseKind::Redirect => "redirect",
        ResponseKind::Captcha => "captcha",
        _ => "none",
    }
}

/// The configuration in force with some options changed, for `would_decide` alone.
pub(crate) fn changed(now: &Config, changes: &Map<String, Value>) -> Result<Config, Vec<Fault>> {
    let mut options = now.policy_options();
    for (name, value) in changes {
        if !OPTIONS.contains(&name.as_str()) {
            return Err(vec![Fault {
                option: name.clone(),
                message: format!("cannot be tried; expected one of: {}", OPTIONS.join(", ")),
            }]);
        }
        // An empty list means the defaults to an option, but no code to who empties it here.
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        let value = match name.as_str() {
            "invalid_block_redirect_codes" | "invalid_captcha_codes" if is_empty => json!(["none"]),
            _ => value.clone(),
        };
        options.insert(name.clone(), value);
    }
    now.with_policy_options(options).map_err(|error| {
        let fault = |fault: &ConfigFault| Fault {
            option: fault.option().to_owned(),
            message: fault.to_string(),
        };
        error.faults().iter().map(fault).collect()
    })
}

/// Compares what is in force with what is tried, on every recorded decision with a verdict.
pub(crate) fn compare(
    now: &Config,
    instead: &Config,
    records: &[Arc<Record>],
    anonymize: Anonymize,
) -> Value {
    let (mut before, mut after) = (ByAction::default(), ByAction::default());
    let (mut compared, mut differing) = (0_u64, 0_u64);
    let mut changes: BTreeMap<[&str; 4], u64> = BTreeMap::new();
    let mut listed = Vec::new();
    for record in records {
        let Some(decision) = record.decision() else {
            continue;
        };
        let both = now
            .would_decide(decision)
            .zip(instead.would_decide(decision));
        let Some((present, other)) = both else {
            continue;
        };
        compared += 1;
        before.add(present.policy_action, 1);
        after.add(other.policy_action, 1);
        let is_same = present.action == other.action
            && present.policy_action == other.policy_action
            && present.response == other.response;
        if is_same {
            continue;
        }
        differing += 1;
        let change = [
            present.policy_action,
            other.policy_action,
            present.action,
            other.action,
        ]
        .map(rti_core::Action::as_str);
        *changes.entry(change).or_default() += 1;
        if listed.len() < LISTED {
            let mut row = json!(record.row(anonymize));
            if let Some(row) = row.as_object_mut() {
                row.insert("now".to_owned(), json!(WouldBe::from(present)));
                row.insert("instead".to_owned(), json!(WouldBe::from(other)));
            }
            listed.push(row);
        }
    }
    let changes = changes.into_iter();
    let change = |([from, to, done_from, done_to], count): ([&str; 4], u64)| json!({"from": from, "to": to, "done_from": done_from, "done_to": done_to, "count": count});
    json!({
        "recorded": records.len(),
        "compared": compared,
        "differing": differing,
        "policy_actions": {"now": before, "instead": after},
        "changes": changes.map(change).collect::<Value>(),
        "decisions": listed,
        "options": instead.policy_options(),
    })
}
