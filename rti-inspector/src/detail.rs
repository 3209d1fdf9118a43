//! `/api/decisions/{id}`: everything about one decision.

use rti_core::{ApiVersion, Config, Decision, Rule};
use serde_json::{Map, Value, json};

use crate::explanation::explain;
use crate::record::Record;
use crate::store::Shared;
use crate::what_if::{self, WouldBe};

pub(crate) fn detail(shared: &Shared, record: &Record, is_marked: bool) -> Value {
    let config = shared.config();
    let mut row = json!(record.row(shared.anonymize));
    let Some(fields) = row.as_object_mut() else {
        return row;
    };
    let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    set("marked", json!(is_marked));
    set("sent", json!(record.sent(shared.anonymize)));
    set("received", json!(record.received(shared.anonymize)));
    if let Some(decision) = record.decision() {
        let mode = config.as_ref().map(Config::mode);
        set("explanation", json!(explain(decision, mode)));
        if let Some(config) = &config {
            set("elsewhere", elsewhere(config, decision));
            set("exclude", exclude(config, decision));
        }
    }
    row
}

/// What each other mode, list and strategy would do.
fn elsewhere(config: &Config, decision: &Decision) -> Value {
    let alternatives = match config.api_version() {
        ApiVersion::V1 | ApiVersion::V3 => of_code_lists(config, decision),
        _ => of_strategies(),
    };
    let modes = ["monitoring", "blocking"];
    let modes = modes.map(|mode| (format!("mode = {mode}"), json!({"mode": mode})));
    let tried = modes.into_iter().chain(alternatives);
    let tried = tried.filter_map(|(name, changes)| {
        let changes = changes.as_object()?;
        let would_be = what_if::changed(config, changes)
            .ok()?
            .would_decide(decision)?;
        Some(json!({"if": name, "options": changes, "would": WouldBe::from(would_be)}))
    });
    tried.collect()
}

/// The code in each of the two lists, and in none.
fn of_code_lists(config: &Config, decision: &Decision) -> Vec<(String, Value)> {
    // The lists are for visitors whom the service holds invalid.
    let invalid = decision.verdict().filter(|verdict| verdict.is_invalid());
    let Some(code) = invalid.map(|verdict| verdict.threat_type().code()) else {
        return Vec::new();
    };
    let options = config.policy_options();
    let names = ["invalid_block_redirect_codes", "invalid_captcha_codes"];
    let without = |name: &str| -> Vec<i64> {
        let list = options.get(name).and_then(Value::as_array);
        let codes = list.into_iter().flatten().filter_map(Value::as_i64);
        codes.filter(|other| *other != code).collect()
    };
    let lists = |with: Option<&str>| {
        let mut changes = Map::new();
        for name in names {
            let mut codes = without(name);
            codes.extend(with.filter(|with| *with == name).map(|_| code));
            changes.insert(name.to_owned(), json!(codes));
        }
        Value::Object(changes)
    };
    let mut all: Vec<_> = names
        .map(|name| (format!("{code} in {name}"), lists(Some(name))))
        .into();
    all.push((format!("{code} in no list"), lists(None)));
    all
}

fn of_strategies() -> Vec<(String, Value)> {
    let words = ["access_denied", "not_found", "redirect", "captcha"];
    let options = ["blocking_strategy", "challenging_strategy"];
    let all = options.iter().flat_map(|option| {
        words.map(|word| {
            let mut changes = Map::new();
            changes.insert((*option).to_owned(), json!(word));
            if word == "redirect" {
                // The strategy needs somewhere to go, and where is of no matter here.
                changes.insert("redirect_url".to_owned(), json!("/elsewhere"));
            }
            (format!("{option} = {word}"), Value::Object(changes))
        })
    });
    all.collect()
}

/// The entry of `uri_exclusion` for the path, where an entry can match it.
fn exclude(config: &Config, decision: &Decision) -> Value {
    let entry = decision.path();
    let mut changes = Map::new();
    changes.insert("uri_exclusion".to_owned(), json!([entry]));
    let excluded = what_if::changed(config, &changes)
        .ok()
        .and_then(|config| config.would_decide(decision));
    if excluded.is_some_and(|excluded| matches!(excluded.rule, Some(Rule::Skip(_)))) {
        json!({
            "uri_exclusion": entry,
            "note": "Requests to this path are not checked then, whoever sends them. It holds for every method \
                     and for this path alone.",
        })
    } else {
        json!({
            "uri_exclusion": null,
            "note": "This path cannot be excluded: it is not normalized, or there was no verdict.",
        })
    }
}
