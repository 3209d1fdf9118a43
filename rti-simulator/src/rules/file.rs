//! Rules out of a TOML file.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::answer::Answer;
use crate::condition::{Condition, field};
use crate::error::{Error, ErrorKind};
use crate::fault::Fault;
use crate::rule::Rule;
use crate::rules::Rules;
use crate::verdict::Verdict;

impl Rules {
    /// Reads rules from TOML; the crate's `rules.example.toml` shows all that can be said.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRules`], with the number and the name of the rule that is wrong, or the line
    /// where the text is not TOML.
    pub fn from_toml_str(text: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(text).map_err(|cause| {
            Error::new(
                ErrorKind::InvalidRules,
                format!("the rules are not readable: {cause}"),
            )
        })?;
        let numbered = (1..).zip(file.rule);
        numbered
            .map(|(number, table)| rule(number, table))
            .collect()
    }

    /// Reads rules from a TOML file; see [`from_toml_str`](Self::from_toml_str).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnreadableRules`] or [`ErrorKind::InvalidRules`].
    pub fn from_toml_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|cause| {
            let message = format!("cannot read {}", path.display());
            Error::new(ErrorKind::UnreadableRules, message).because(cause)
        })?;
        Self::from_toml_str(&text)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleTable {
    name: Option<String>,
    #[serde(default)]
    when: Vec<ConditionTable>,
    verdict: Option<VerdictTable>,
    fault: Option<FaultTable>,
    #[serde(default)]
    after_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionTable {
    field: String,
    equals: Option<String>,
    contains: Option<String>,
    matches: Option<String>,
    in_network: Option<String>,
    is: Option<Presence>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Presence {
    Absent,
    Present,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerdictTable {
    threat: u32,
    is_invalid: Option<bool>,
    request_id: Option<String>,
    set_cookie: Option<String>,
    decision: Option<String>,
    rule_name: Option<String>,
    risk_score: Option<String>,
    #[serde(default)]
    reasons: Vec<i64>,
    classification_name: Option<String>,
    classification_group: Option<String>,
    page_view_id: Option<String>,
    duid: Option<String>,
    unique_visit_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum FaultTable {
    Hang,
    HangUnread,
    Reset,
    Close,
    Status {
        code: u16,
        #[serde(default)]
        body: String,
    },
    Body(String),
    MalformedJson,
    WrongTypes,
    TruncatedBody,
    TruncatedHead,
    SlowHead {
        pause_ms: u64,
    },
    SlowBody {
        pause_ms: u64,
    },
    OversizeBody {
        bytes: usize,
    },
    EndlessBody,
    Redirect {
        location: String,
    },
    WrongContentLength,
    Garbage,
    CloseAfterAnswer(VerdictTable),
    CloseOnNextRequest(VerdictTable),
}

fn rule(number: usize, table: toml::Table) -> Result<Rule, Error> {
    let label = match table.get("name").and_then(toml::Value::as_str) {
        Some(name) => format!("rule {number} ({name})"),
        None => format!("rule {number}"),
    };
    let invalid = |why: String| Error::new(ErrorKind::InvalidRules, format!("{label}: {why}"));
    let table: RuleTable = table
        .try_into()
        .map_err(|cause: toml::de::Error| invalid(cause.message().to_owned()))?;
    let answer = match (table.verdict, table.fault) {
        (Some(verdict), None) => Answer::from(Verdict::from(verdict)),
        (None, Some(fault)) => Answer::from(Fault::from(fault)),
        _ => return Err(invalid("needs either a verdict or a fault".into())),
    };
    let mut when = Rule::always();
    for condition in table.when {
        when = when.and(condition.read().map_err(&invalid)?);
    }
    if let Some(name) = table.name {
        when = when.named(name);
    }
    Ok(when
        .then(answer)
        .after(Duration::from_millis(table.after_ms)))
}

impl ConditionTable {
    fn read(self) -> Result<Condition, String> {
        let on = field(self.field.as_str());
        let condition = match (
            self.equals,
            self.contains,
            self.matches,
            self.in_network,
            self.is,
        ) {
            (Some(text), None, None, None, None) => Ok(on.equals(text)),
            (None, Some(text), None, None, None) => Ok(on.contains(text)),
            (None, None, Some(pattern), None, None) => on.matches(&pattern),
            (None, None, None, Some(network), None) => on.in_network(&network),
            (None, None, None, None, Some(Presence::Absent)) => Ok(on.is_absent()),
            (None, None, None, None, Some(Presence::Present)) => Ok(on.is_present()),
            _ => {
                let name = self.field;
                return Err(format!(
                    "the condition on {name} needs one of equals, contains, matches, in_network, is"
                ));
            }
        };
        condition.map_err(|error| error.to_string())
    }
}

impl From<VerdictTable> for Verdict {
    fn from(table: VerdictTable) -> Self {
        Self {
            code: table.threat,
            is_invalid: table.is_invalid,
            request_id: table.request_id,
            set_cookie: table.set_cookie,
            decision: table.decision,
            rule_name: table.rule_name,
            risk_score: table.risk_score,
            reasons: table.reasons,
            name: table.classification_name,
            group: table.classification_group,
            page_view_id: table.page_view_id,
            duid: table.duid,
            unique_visit_id: table.unique_visit_id,
        }
    }
}

impl From<FaultTable> for Fault {
    fn from(table: FaultTable) -> Self {
        match table {
            FaultTable::Hang => Self::Hang,
            FaultTable::HangUnread => Self::HangUnread,
            FaultTable::Reset => Self::Reset,
            FaultTable::Close => Self::Close,
            FaultTable::Status { code, body } => Self::status_with_body(code, body),
            FaultTable::Body(body) => Self::body(body),
            FaultTable::MalformedJson => Self::MalformedJson,
            FaultTable::WrongTypes => Self::WrongTypes,
            FaultTable::TruncatedBody => Self::TruncatedBody,
            FaultTable::TruncatedHead => Self::TruncatedHead,
            FaultTable::SlowHead { pause_ms } => Self::SlowHead(Duration::from_millis(pause_ms)),
            FaultTable::SlowBody { pause_ms } => Self::SlowBody(Duration::from_millis(pause_ms)),
            FaultTable::OversizeBody { bytes } => Self::OversizeBody(bytes),
            FaultTable::EndlessBody => Self::EndlessBody,
            FaultTable::Redirect { location } => Self::redirect(location),
            FaultTable::WrongContentLength => Self::WrongContentLength,
            FaultTable::Garbage => Self::Garbage,
            FaultTable::CloseAfterAnswer(verdict) => Self::CloseAfterAnswer(verdict.into()),
            FaultTable::CloseOnNextRequest(verdict) => Self::CloseOnNextRequest(verdict.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        let error = Rules::from_toml_str(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRules);
        error.to_string()
    }

    #[test]
    fn what_is_wrong_is_said_with_the_rule_it_is_in() {
        let first = "[[rule]]\nverdict = { threat = 0 }\n[[rule]]\n";
        for (second, expected) in [
            (
                "name = \"x\"",
                "rule 2 (x): needs either a verdict or a fault",
            ),
            (
                "verdict = { threat = 0 }\nfault = \"hang\"",
                "rule 2: needs either a verdict or a fault",
            ),
            (
                "when = [{ field = \"Method\" }]\nfault = \"hang\"",
                "rule 2: the condition on Method needs one of equals, contains, matches, in_network, is",
            ),
            (
                "when = [{ field = \"Method\", matches = \"(\" }]\nfault = \"hang\"",
                "rule 2: \"(\" is not a regular expression",
            ),
            (
                "when = [{ field = \"ClientIP\", in_network = \"x\" }]\nfault = \"hang\"",
                "rule 2: \"x\" is neither a network nor an address",
            ),
        ] {
            assert_eq!(message(&format!("{first}{second}")), expected);
        }
        for (second, expected) in [
            ("verdict = { thread = 3 }", "thread"),
            ("fault = \"hung\"", "hung"),
            ("verdict = { threat = \"3\" }", "invalid type"),
            ("then = 1", "then"),
        ] {
            let message = message(&format!("{first}{second}"));
            assert!(
                message.starts_with("rule 2: ") && message.contains(expected),
                "{message}"
            );
        }
    }

    #[test]
    fn what_is_no_toml_or_no_rule_is_said_with_its_line() {
        assert!(message("\n\n[[rule]").contains("line 3"));
        assert!(message("[[rules]]").contains("rules"));
    }

    #[test]
    fn every_fault_can_be_said() {
        for fault in [
            "'hang'",
            "'hang_unread'",
            "'reset'",
            "'close'",
            "{ status = { code = 500 } }",
            "{ body = '{}' }",
            "'malformed_json'",
            "'wrong_types'",
            "'truncated_body'",
            "'truncated_head'",
            "{ slow_head = { pause_ms = 1 } }",
            "{ slow_body = { pause_ms = 1 } }",
            "{ oversize_body = { bytes = 1 } }",
            "'endless_body'",
            "{ redirect = { location = '/' } }",
            "'wrong_content_length'",
            "'garbage'",
            "{ close_after_answer = { threat = 0 } }",
            "{ close_on_next_request = { threat = 0 } }",
        ] {
            Rules::from_toml_str(&format!("[[rule]]\nfault = {fault}")).unwrap();
        }
    }

    #[test]
    fn a_file_that_is_not_there() {
        let error = Rules::from_toml_file("no/such/file.toml").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableRules);
        assert!(error.to_string().contains("no/such/file.toml"), "{error}");
    }
}
