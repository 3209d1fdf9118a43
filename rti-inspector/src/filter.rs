//! Filters on the columns of the table.

use std::collections::BTreeMap;

use crate::row::Row;

/// The columns that are filtered by name, in the query of `/api/decisions` and on the page.
pub(crate) const COLUMNS: &[&str] = &[
    "time",
    "method",
    "path",
    "client",
    "user_agent",
    "event_type",
    "threat_type",
    "threat_type_code",
    "action",
    "policy_action",
    "shadow_action",
    "policy",
    "outcome",
    "reason",
    "rule",
    "request_id",
    "elapsed_ms",
    "enforced",
    "marked",
];

/// A row has to pass all of them. Words and numbers are compared as a whole, texts are searched without
/// regard to case, and `elapsed_ms` is a minimum.
#[derive(Debug, Default)]
pub(crate) struct Filter(Vec<Condition>);

#[derive(Debug)]
enum Condition {
    Is(&'static str, String),
    Contains(&'static str, String),
    AtLeast(f64),
    Marked(bool),
    Enforced(bool),
}

impl Filter {
    /// The error names what is not understood.
    pub(crate) fn parse(query: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut conditions = Vec::new();
        for (name, value) in query {
            let Some(column) = COLUMNS.iter().find(|column| *column == name) else {
                return Err(format!("{name}: expected a column: {}", COLUMNS.join(", ")));
            };
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let flag = || {
                let parsed = value.parse::<bool>();
                parsed.map_err(|_| format!("{name}: expected `true` or `false`"))
            };
            conditions.push(match *column {
                "marked" => Condition::Marked(flag()?),
                "enforced" => Condition::Enforced(flag()?),
                "elapsed_ms" => Condition::AtLeast(
                    value
                        .parse()
                        .map_err(|_| format!("{name}: expected milliseconds"))?,
                ),
                "method" | "threat_type_code" | "action" | "policy_action" | "shadow_action"
                | "outcome" => Condition::Is(column, value.to_ascii_lowercase()),
                _ => Condition::Contains(column, value.to_lowercase()),
            });
        }
        Ok(Self(conditions))
    }

    pub(crate) fn matches(&self, row: &Row<'_>, is_marked: bool) -> bool {
        self.0.iter().all(|condition| match condition {
            Condition::Is(column, wanted) => {
                text(row, column).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
            }
            Condition::Contains(column, wanted) => {
                text(row, column).is_some_and(|text| text.to_lowercase().contains(wanted))
            }
            Condition::AtLeast(millis) => row.elapsed_ms >= *millis,
            Condition::Marked(wanted) => is_marked == *wanted,
            Condition::Enforced(wanted) => row.enforced == *wanted,
        })
    }
}

fn text(row: &Row<'_>, column: &str) -> Option<String> {
    let text = match column {
        "time" => &row.time,
        "method" => &*row.method,
        "path" => &row.path,
        "client" => row.client.as_deref()?,
        "user_agent" => row.user_agent.as_deref()?,
        "event_type" => row.event_type.as_deref()?,
        "threat_type" => row.threat_type.as_deref()?,
        "threat_type_code" => return row.threat_type_code.map(|code| code.to_string()),
        "action" => &row.action,
        "policy_action" => &row.policy_action,
        "shadow_action" => row.shadow_action.as_deref()?,
        "policy" => &row.policy,
        "outcome" => &row.outcome,
        "reason" => row.reason.as_deref()?,
        "rule" => row.rule.as_deref()?,
        "request_id" => row.request_id.as_deref()?,
        _ => return None,
    };
    Some(text.to_owned())
}
