//! The table of options: their names, and how a text or a file's value is read into the builder.

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use super::codes::ThreatCodes;
use super::{CaBundle, ConfigBuilder, ConfigFault};
use crate::words::UnknownWordError;

pub(super) const MILLIS_RULE: &str = "expected milliseconds from 1 to 60000";
pub(super) const PROBE_INTERVAL_RULE: &str = "expected milliseconds from 10 to 60000";
pub(super) const CALLS_RULE: &str = "expected a number of calls from 1 to 1000000";
pub(super) const PERCENT_RULE: &str = "expected per cent from 0 to 100, with at most two decimals";
pub(super) const CONNECTIONS_RULE: &str = "expected a number of connections from 0 to 1000";

/// One option, as it is named in a file and in the environment.
pub(crate) struct ConfigOption {
    pub(crate) name: &'static str,
    pub(crate) env: &'static str,
    read: fn(&mut ConfigBuilder, &Value) -> Result<(), ReadFault>,
}

/// A value that cannot be read: the part of it that is wrong, and the rule.
pub(super) struct ReadFault {
    value: Option<String>,
    rule: String,
}

macro_rules! options {
    ($($constant:ident $name:literal $env:literal $read:expr;)*) => {
        $(
            pub(crate) const $constant: ConfigOption =
                ConfigOption { name: $name, env: $env, read: $read };
        )*

        pub(crate) const OPTIONS: &[ConfigOption] = &[$($constant),*];
    };
}

options! {
    API_KEY "api_key" "RTI_API_KEY" |builder, value| {
        // Without the value: a key in a wrong shape is still a key.
        builder.api_key = text(value).map_err(|fault| ReadFault { value: None, ..fault })?.into();
        Ok(())
    };
    TAG_HASH "tag_hash" "RTI_TAG_HASH" |builder, value| {
        builder.tag_hash = text(value)?;
        Ok(())
    };
    API_ENDPOINT "api_endpoint" "RTI_API_ENDPOINT" |builder, value| {
        builder.api_endpoint = text(value)?;
        Ok(())
    };
    CA_FILE "ca_file" "RTI_CA_FILE" |builder, value| {
        builder.ca_bundle = Some(CaBundle::File(text(value)?.into()));
        Ok(())
    };
    API_VERSION "api_version" "RTI_API_VERSION" |builder, value| {
        builder.api_version = word(value)?;
        Ok(())
    };
    MODE "mode" "RTI_MODE" |builder, value| {
        builder.policy.mode = Some(word(value)?);
        Ok(())
    };
    ENFORCE_PERCENT "enforce_percent" "RTI_ENFORCE_PERCENT" |builder, value| {
        builder.policy.enforce_percent = Some(number(value, PERCENT_RULE)?);
        Ok(())
    };
    ON_FAILURE "on_failure" "RTI_ON_FAILURE" |builder, value| {
        builder.policy.on_failure = Some(word(value)?);
        Ok(())
    };
    OFF_FILE "off_file" "RTI_OFF_FILE" |builder, value| {
        builder.off_file = Some(text(value)?.into());
        Ok(())
    };
    TEST_SECRET "test_secret" "RTI_TEST_SECRET" |builder, value| {
        // Without the value, as with the key.
        let secret = text(value).map_err(|fault| ReadFault { value: None, ..fault })?;
        builder.test_secret = Some(secret.into());
        Ok(())
    };
    ROUTE_TO_EVENT_TYPE "route_to_event_type" "RTI_ROUTE_TO_EVENT_TYPE" |builder, value| {
        builder.routes = routes(value)?;
        Ok(())
    };
    INVALID_BLOCK_REDIRECT_CODES "invalid_block_redirect_codes" "RTI_INVALID_BLOCK_REDIRECT_CODES" |builder, value| {
        builder.policy.block_redirect_codes = Some(codes(value)?);
        Ok(())
    };
    INVALID_CAPTCHA_CODES "invalid_captcha_codes" "RTI_INVALID_CAPTCHA_CODES" |builder, value| {
        builder.policy.captcha_codes = Some(codes(value)?);
        Ok(())
    };
    BLOCK_CODES "block_codes" "RTI_BLOCK_CODES" |builder, value| {
        builder.policy.block_codes = Some(numbers(value)?.into_iter().collect());
        Ok(())
    };
    CHALLENGE_CODES "challenge_codes" "RTI_CHALLENGE_CODES" |builder, value| {
        builder.policy.challenge_codes = Some(numbers(value)?.into_iter().collect());
        Ok(())
    };
    REDIRECT_CODES "redirect_codes" "RTI_REDIRECT_CODES" |builder, value| {
        builder.policy.redirect_codes = Some(numbers(value)?.into_iter().collect());
        Ok(())
    };
    BLOCK_REASONS "block_reasons" "RTI_BLOCK_REASONS" |builder, value| {
        builder.policy.block_reasons = Some(numbers(value)?.into_iter().collect());
        Ok(())
    };
    CHALLENGE_REASONS "challenge_reasons" "RTI_CHALLENGE_REASONS" |builder, value| {
        builder.policy.challenge_reasons = Some(numbers(value)?.into_iter().collect());
        Ok(())
    };
    REDIRECT_REASONS "redirect_reasons" "RTI_REDIRECT_REASONS" |builder, value| {
        builder.policy.redirect_reasons = Some(numbers(value)?.into_iter().collect());
        Ok(())
    };
    BLOCKING_STRATEGY "blocking_strategy" "RTI_BLOCKING_STRATEGY" |builder, value| {
        builder.policy.blocking_strategy = Some(word(value)?);
        Ok(())
    };
    CHALLENGING_STRATEGY "challenging_strategy" "RTI_CHALLENGING_STRATEGY" |builder, value| {
        builder.policy.challenging_strategy = Some(word(value)?);
        Ok(())
    };
    SESSION_SYNC "session_sync" "RTI_SESSION_SYNC" |builder, value| {
        builder.session_sync = Some(word(value)?);
        Ok(())
    };
    REQUEST_ID_HEADER "request_id_header" "RTI_REQUEST_ID_HEADER" |builder, value| {
        builder.request_id_header = Some(text(value)?);
        Ok(())
    };
    LOG_DECISIONS "log_decisions" "RTI_LOG_DECISIONS" |builder, value| {
        builder.log_decisions = word(value)?;
        Ok(())
    };
    TELEMETRY "telemetry" "RTI_TELEMETRY" |builder, value| {
        builder.telemetry = Some(text(value)?);
        Ok(())
    };
    RESULT_HEADER "result_header" "RTI_RESULT_HEADER" |builder, value| {
        builder.result_header = word(value)?;
        Ok(())
    };
    CHECK_PREFLIGHTS "check_preflights" "RTI_CHECK_PREFLIGHTS" |builder, value| {
        builder.check_preflights = word(value)?;
        Ok(())
    };
    REDIRECT_URL "redirect_url" "RTI_REDIRECT_URL" |builder, value| {
        builder.policy.redirect_url = Some(text(value)?);
        Ok(())
    };
    BLOCK_PAGE_TITLE "block_page_title" "RTI_BLOCK_PAGE_TITLE" |builder, value| {
        builder.page.title = Some(text(value)?);
        Ok(())
    };
    BLOCK_PAGE_MESSAGE "block_page_message" "RTI_BLOCK_PAGE_MESSAGE" |builder, value| {
        builder.page.message = Some(text(value)?);
        Ok(())
    };
    SUPPORT_URL "support_url" "RTI_SUPPORT_URL" |builder, value| {
        builder.page.support_url = Some(text(value)?);
        Ok(())
    };
    LANG "lang" "RTI_LANG" |builder, value| {
        builder.page.lang = Some(text(value)?);
        Ok(())
    };
    BLOCK_PAGE "block_page" "RTI_BLOCK_PAGE" |builder, value| {
        builder.page.template = Some(text(value)?.into());
        Ok(())
    };
    TRUSTED_IP_HEADER "trusted_ip_header" "RTI_TRUSTED_IP_HEADER" |builder, value| {
        builder.trusted_ip_header = Some(text(value)?);
        Ok(())
    };
    TRUSTED_HOST_HEADER "trusted_host_header" "RTI_TRUSTED_HOST_HEADER" |builder, value| {
        builder.trusted_host_header = Some(text(value)?);
        Ok(())
    };
    TRUSTED_PROXIES "trusted_proxies" "RTI_TRUSTED_PROXIES" |builder, value| {
        builder.trusted_proxies = list(value)?;
        Ok(())
    };
    URI_EXCLUSION "uri_exclusion" "RTI_URI_EXCLUSION" |builder, value| {
        builder.exclusions = list(value)?;
        Ok(())
    };
    TIMEOUT "timeout" "RTI_TIMEOUT_MS" |builder, value| {
        builder.policy.timeout = Some(Duration::from_millis(number(value, MILLIS_RULE)?));
        Ok(())
    };
    CIRCUIT_BREAKER "circuit_breaker" "RTI_CIRCUIT_BREAKER" |builder, value| {
        builder.circuit_breaker = word(value)?;
        Ok(())
    };
    CIRCUIT_BREAKER_MIN_CALLS "circuit_breaker_min_calls" "RTI_CIRCUIT_BREAKER_MIN_CALLS" |builder, value| {
        builder.circuit_breaker_min_calls = number(value, CALLS_RULE)?;
        Ok(())
    };
    CIRCUIT_BREAKER_WINDOW "circuit_breaker_window" "RTI_CIRCUIT_BREAKER_WINDOW" |builder, value| {
        builder.circuit_breaker_window = Duration::from_millis(number(value, MILLIS_RULE)?);
        Ok(())
    };
    CIRCUIT_BREAKER_MAX_PROBE_INTERVAL "circuit_breaker_max_probe_interval" "RTI_CIRCUIT_BREAKER_MAX_PROBE_INTERVAL" |builder, value| {
        builder.circuit_breaker_max_probe_interval = Duration::from_millis(number(value, PROBE_INTERVAL_RULE)?);
        Ok(())
    };
    MAX_IN_FLIGHT "max_in_flight" "RTI_MAX_IN_FLIGHT" |builder, value| {
        builder.max_in_flight = Some(number(value, CALLS_RULE)?);
        Ok(())
    };
    MIN_IDLE_CONNECTIONS "min_idle_connections" "RTI_MIN_IDLE_CONNECTIONS" |builder, value| {
        builder.min_idle_connections = number(value, CONNECTIONS_RULE)?;
        Ok(())
    };
}

impl ConfigOption {
    pub(super) fn by_name(name: &str) -> Option<&'static Self> {
        OPTIONS.iter().find(|option| option.name == name)
    }

    /// Reads a value into the builder; a fault is kept there until `build`. A blank text counts as
    /// not set, as in `RTI_REDIRECT_URL=`.
    pub(super) fn read(&self, builder: &mut ConfigBuilder, value: &Value) {
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return;
        }
        let is_secret = [API_KEY.name, TEST_SECRET.name].contains(&self.name);
        let shown = match value {
            _ if is_secret => "[redacted]".to_owned(),
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        builder
            .sources
            .0
            .insert(self.name, (builder.reading, shown));
        if let Err(ReadFault { value, rule }) = (self.read)(builder, value) {
            builder.faults.push(match value {
                Some(value) => ConfigFault::invalid(self, value, rule),
                None => ConfigFault::invalid(self, "[redacted]", rule),
            });
        }
    }
}

/// A value of the wrong kind. Not what is in a table or a list: options that were written behind the head
/// of a table belong to it, and one of them may be the key.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "(a table)".to_owned(),
        Value::Array(_) => "(a list)".to_owned(),
        other => other.to_string(),
    }
}

fn fault(value: &str, rule: impl Into<String>) -> ReadFault {
    ReadFault {
        value: Some(value.to_owned()),
        rule: rule.into(),
    }
}

fn text(value: &Value) -> Result<String, ReadFault> {
    match value {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        other => Err(fault(&shown(other), "expected a text or a number")),
    }
}

fn number<T: FromStr>(value: &Value, rule: &str) -> Result<T, ReadFault> {
    let text = text(value)?;
    text.parse().map_err(|_| fault(&text, rule))
}

/// One of an option's words, in any case.
fn word<T: FromStr<Err = UnknownWordError>>(value: &Value) -> Result<T, ReadFault> {
    let text = text(value)?;
    let word = text.parse();
    word.map_err(|error: UnknownWordError| fault(&text, error.to_string()))
}

fn list(value: &Value) -> Result<Vec<String>, ReadFault> {
    match value {
        Value::String(text) => Ok(split(text)),
        Value::Array(entries) => entries.iter().map(text).collect(),
        Value::Number(_) => Ok(vec![value.to_string()]),
        other => Err(fault(
            &shown(other),
            "expected a list, or a text with commas",
        )),
    }
}

/// The paths of a policy; the error is the value that is no list.
pub(super) fn paths(value: &Value) -> Result<Vec<String>, String> {
    list(value).map_err(|fault| fault.value.unwrap_or_default())
}

fn codes(value: &Value) -> Result<ThreatCodes, ReadFault> {
    let entries = list(value)?;
    ThreatCodes::parse(&entries).map_err(|rule| fault(&entries.join(","), rule))
}

fn numbers(value: &Value) -> Result<Vec<i64>, ReadFault> {
    list(value)?
        .iter()
        .map(|entry| {
            entry
                .parse()
                .map_err(|_| fault(entry, "expected whole numbers, separated by commas"))
        })
        .collect()
}

/// Entries `pattern=event`, or a table from pattern to event. The last `=` divides: a regex may
/// hold others.
fn routes(value: &Value) -> Result<Vec<(String, String)>, ReadFault> {
    if let Value::Object(table) = value {
        return table
            .iter()
            .map(|(pattern, event)| Ok((pattern.clone(), text(event)?)))
            .collect();
    }
    list(value)?
        .iter()
        .map(|entry| match entry.rsplit_once('=') {
            Some((pattern, event)) => Ok((pattern.to_owned(), event.to_owned())),
            None => Err(fault(
                entry,
                "expected `[METHOD ]path=event` or `[METHOD ]re:regex=event`",
            )),
        })
        .collect()
}

/// Splits at commas, but for those a regex needs: in `{1,3}`, in brackets, and behind a backslash.
fn split(text: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut open = Vec::new();
    let mut escaped = false;
    for c in text.chars() {
        let is_regex = entries.last().is_some_and(|entry| entry.contains("re:"));
        if c == ',' && !escaped && (open.is_empty() || !is_regex) {
            entries.push(String::new());
            open.clear();
            continue;
        }
        match c {
            _ if escaped => {}
            // Classes nest, as in `[[:alpha:],]`; in them other brackets are themselves.
            '[' => open.push(c),
            ']' if open.last() == Some(&'[') => drop(open.pop()),
            '{' | '(' if open.last() != Some(&'[') => open.push(c),
            '}' | ')' if open.last() != Some(&'[') => drop(open.pop()),
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        if let Some(entry) = entries.last_mut() {
            entry.push(c);
        }
    }
    entries
        .into_iter()
        .map(|entry| entry.trim().to_owned())
        .filter(|entry| !entry.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_split_at_commas_that_are_not_a_regexs_own() {
        assert_eq!(split(" /a , /b,,"), ["/a", "/b"]);
        assert_eq!(split(r"re:^/p/\d{1,3}$,/b"), [r"re:^/p/\d{1,3}$", "/b"]);
        assert_eq!(
            split(r"re:[,(],re:(?:a,b)\,c,/d"),
            [r"re:[,(]", r"re:(?:a,b)\,c", "/d"]
        );
        assert_eq!(
            split("re:^/[[:alpha:],]+$,/b"),
            ["re:^/[[:alpha:],]+$", "/b"]
        );
        assert_eq!(split("/a(,/b"), ["/a(", "/b"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn variables_are_named_by_the_options() {
        for option in OPTIONS.iter().filter(|option| option.name != "timeout") {
            assert_eq!(option.env, format!("RTI_{}", option.name.to_uppercase()));
        }
    }
}
