//! Settings and rules in TOML.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::answer::Answer;
use crate::condition::{Condition, field};
use crate::error::{Error, ErrorKind};
use crate::fault::Fault;
use crate::rule::Rule;
use crate::verdict::Verdict;

/// What a file can set.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) strict: bool,
    pub(crate) rules: Vec<Rule>,
}

pub(crate) fn settings_from_file(path: &Path) -> Result<Settings, Error> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        let message = format!("cannot read {}", path.display());
        Error::new(ErrorKind::UnreadableRules, message).because(cause)
    })?;
    settings_from_str(&text)
}

pub(crate) fn settings_from_str(text: &str) -> Result<Settings, Error> {
    let invalid = |offset, why| {
        let message = format!("line {}: {why}", line(text, offset));
        Error::new(ErrorKind::InvalidRules, message)
    };
    let file: File = toml::from_str(text).map_err(|cause| {
        let offset = cause.span().map_or(0, |span| span.start);
        invalid(offset, cause.message().to_owned())
    })?;
    let numbered = (1..).zip(file.rule);
    let rules = numbered.map(|(number, entry)| {
        let offset = entry.span().start;
        let entry = entry.into_inner();
        let label = match &entry.name {
            Some(name) => format!("rule {number} ({name})"),
            None => format!("rule {number}"),
        };
        rule(entry).map_err(|why| invalid(offset, format!("{label}: {why}")))
    });
    Ok(Settings {
        strict: file.strict,
        rules: rules.collect::<Result<_, Error>>()?,
    })
}

fn line(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|&&byte| byte == b'\n').count() + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    rule: Vec<Spanned<RuleEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    name: Option<String>,
    #[serde(default)]
    when: Vec<ConditionEntry>,
    verdict: Option<Verdict>,
    fault: Option<Fault>,
    #[serde(default)]
    after_ms: u64,
}

/// A flattened enum would be shorter, but it takes the first of two tests and ignores the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionEntry {
    field: String,
    equals: Option<String>,
    contains: Option<String>,
    matches: Option<String>,
    does_not_match: Option<String>,
    in_network: Option<String>,
    is: Option<Presence>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Presence {
    Absent,
    Present,
}

fn rule(entry: RuleEntry) -> Result<Rule, String> {
    let answer = match (entry.verdict, entry.fault) {
        (Some(verdict), None) => Answer::from(verdict),
        (None, Some(fault)) => Answer::from(fault),
        _ => return Err("needs either a verdict or a fault".into()),
    };
    let mut when = Rule::always();
    for entry in entry.when {
        when = when.and(condition(entry)?);
    }
    if let Some(name) = entry.name {
        when = when.named(name);
    }
    Ok(when
        .then(answer)
        .after(Duration::from_millis(entry.after_ms)))
}

fn condition(entry: ConditionEntry) -> Result<Condition, String> {
    let of = || field(entry.field.as_str());
    let tests = [
        entry.equals.map(|text| Ok(of().equals(text))),
        entry.contains.map(|text| Ok(of().contains(text))),
        entry.matches.map(|pattern| of().matches(&pattern)),
        entry
            .does_not_match
            .map(|pattern| of().does_not_match(&pattern)),
        entry.in_network.map(|network| of().in_network(&network)),
        entry.is.map(|presence| match presence {
            Presence::Absent => Ok(of().is_absent()),
            Presence::Present => Ok(of().is_present()),
        }),
    ];
    let mut tests = tests.into_iter().flatten();
    match (tests.next(), tests.next()) {
        (Some(condition), None) => condition.map_err(|error| error.to_string()),
        _ => Err(format!(
            "the condition on {} needs one of equals, contains, matches, does_not_match, in_network, is",
            entry.field
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        let error = settings_from_str(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRules);
        error.to_string()
    }

    #[test]
    fn a_mistake_is_reported_with_its_rule_and_line() {
        let first = "[[rule]]\nverdict = { threat = 0 }\n[[rule]]\n";
        for (second, expected) in [
            (
                "name = \"x\"",
                "line 3: rule 2 (x): needs either a verdict or a fault",
            ),
            (
                "verdict = { threat = 0 }\nfault = \"hang\"",
                "line 3: rule 2: needs either a verdict or a fault",
            ),
            (
                "when = [{ field = \"Method\" }]\nfault = \"hang\"",
                "line 3: rule 2: the condition on Method needs one of equals, contains, matches, \
                 does_not_match, in_network, is",
            ),
            (
                "when = [{ field = \"Method\", equals = \"GET\", is = \"present\" }]\nfault = \"hang\"",
                "line 3: rule 2: the condition on Method needs one of equals, contains, matches, \
                 does_not_match, in_network, is",
            ),
            (
                "when = [{ field = \"Method\", matches = \"(\" }]\nfault = \"hang\"",
                "line 3: rule 2: \"(\" is not a regular expression",
            ),
            (
                "when = [{ field = \"ClientIP\", in_network = \"x\" }]\nfault = \"hang\"",
                "line 3: rule 2: \"x\" is neither a network nor an address",
            ),
        ] {
            assert_eq!(message(&format!("{first}{second}")), expected);
        }
        for (second, expected) in [
            ("verdict = { thread = 3 }", "thread"),
            ("fault = \"hung\"", "hung"),
            ("fault = { slow_head = { pause = 3 } }", "pause"),
            ("verdict = { threat = \"3\" }", "invalid type"),
            ("then = 1", "then"),
        ] {
            let message = message(&format!("{first}{second}"));
            assert!(
                message.starts_with("line 4: ") && message.contains(expected),
                "{message}"
            );
        }
    }

    #[test]
    fn invalid_toml_is_reported_with_its_line() {
        assert!(message("\n\n[[rule]").starts_with("line 3: "));
        assert!(message("[[rules]]").contains("rules"));
        assert!(message("strict = 1").contains("expected a boolean"));
    }

    #[test]
    fn strict_is_off_unless_set() {
        let strict = |text| settings_from_str(text).unwrap().strict;
        assert!(strict("strict = true") && !strict("strict = false") && !strict(""));
    }

    #[test]
    fn toml_and_builders_make_the_same_answers() {
        let verdict = |text: &str| -> Verdict { toml::from_str(text).unwrap() };
        assert_eq!(verdict("threat = 7"), Verdict::threat(7));
        let full = "threat = 13\nis_invalid = true\nrequest_id = 'r'\nset_cookie = 'a=b'\n\
            decision = 'suspicious'\nrule_name = 'n'\nrisk_score = '0.61'\nreasons = [12, -4]\n\
            classification_name = 'c'\nclassification_group = 'g'\npage_view_id = 'p'\n\
            duid = 'd'\nunique_visit_id = 'u'";
        let expected = Verdict::threat(13).marked_invalid().request_id("r");
        let expected = expected.set_cookie("a=b").decision("suspicious");
        let expected = expected.rule_name("n").risk_score("0.61").reasons([12, -4]);
        let expected = expected.classification_name("c").classification_group("g");
        let expected = expected.page_view_id("p").duid("d").unique_visit_id("u");
        assert_eq!(verdict(full), expected);
        let millisecond = Duration::from_millis(1);
        let zero = || Verdict::threat(0);
        for (text, expected) in [
            ("'hang'", Fault::Hang),
            ("'hang_unread'", Fault::HangUnread),
            ("'reset'", Fault::Reset),
            ("'close'", Fault::Close),
            ("{ status = { code = 500 } }", Fault::status(500)),
            (
                "{ status = { code = 503, body = 'x' } }",
                Fault::status_with_body(503, "x"),
            ),
            ("{ body = '{}' }", Fault::body("{}")),
            ("'malformed_json'", Fault::MalformedJson),
            ("'wrong_types'", Fault::WrongTypes),
            ("'truncated_body'", Fault::TruncatedBody),
            ("'truncated_head'", Fault::TruncatedHead),
            (
                "{ slow_head = { pause_ms = 1 } }",
                Fault::SlowHead(millisecond),
            ),
            (
                "{ slow_body = { pause_ms = 1 } }",
                Fault::SlowBody(millisecond),
            ),
            ("{ oversize_body = { bytes = 1 } }", Fault::OversizeBody(1)),
            ("'endless_body'", Fault::EndlessBody),
            ("{ redirect = { location = '/' } }", Fault::redirect("/")),
            ("'wrong_content_length'", Fault::WrongContentLength),
            ("'garbage'", Fault::Garbage),
            (
                "{ close_after_answer = { threat = 0 } }",
                Fault::CloseAfterAnswer(zero()),
            ),
            (
                "{ close_on_next_request = { threat = 0 } }",
                Fault::CloseOnNextRequest(zero()),
            ),
        ] {
            let settings = settings_from_str(&format!("[[rule]]\nfault = {text}")).unwrap();
            assert_eq!(*settings.rules[0].answer(), Answer::Fault(expected));
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = settings_from_file(Path::new("no/such/file.toml")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableRules);
        assert!(error.to_string().contains("no/such/file.toml"), "{error}");
    }
}
