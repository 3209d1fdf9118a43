//! The result for the application, as one header value.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::verdict::{Verdict, VerdictLevel};
use crate::words::{ApiVersion, Family, ResultHeader};

/// Longer header fields are refused by many servers.
const LONGEST: usize = 4096;

/// More reasons than these, and longer names, are cut off.
const MOST_REASONS: usize = 64;
const LONGEST_NAME: usize = 128;

/// `version=1;is-invalid=false;threat-type-code=0;request-id=…`, or for 4.x
/// `version=4.1;verdict=benign;threat-type-code=0;ids={…json…}`, and behind that
/// `;reasons=-7,12;rule-name=…` for debugging. Whatever the service says, the value is visible ASCII
/// and blanks, and nothing in it can end a member early.
pub(crate) fn value(
    option: ResultHeader,
    version: ApiVersion,
    verdict: &Verdict,
) -> Option<String> {
    let reasons = match option {
        ResultHeader::Off => return None,
        ResultHeader::On => String::new(),
        ResultHeader::Debug => reasons(verdict),
    };
    let (number, code) = (version.number(), verdict.threat_type().code());
    Some(match version.family() {
        Family::V1 => {
            let is_invalid = verdict.is_invalid();
            let id = token(verdict.request_id().unwrap_or_default());
            format!(
                "version={number};is-invalid={is_invalid};threat-type-code={code};request-id={id}"
            )
        }
        Family::V4 => {
            let word = token(verdict.level().map_or("", VerdictLevel::as_str));
            format!(
                "version={number};verdict={word};threat-type-code={code};ids={}{reasons}",
                ids(verdict)
            )
        }
    })
}

/// Why, as the service says it. In the form that the integration for Akamai gives it.
fn reasons(verdict: &Verdict) -> String {
    let codes = verdict.reasons().iter().take(MOST_REASONS);
    let codes: Vec<_> = codes.map(ToString::to_string).collect();
    let name = verdict.detail().and_then(|detail| detail.rule_name);
    let name: String = name
        .unwrap_or_default()
        .chars()
        .filter(|c| matches!(c, ' '..='~'))
        .map(|c| if c == ';' { ',' } else { c })
        .take(LONGEST_NAME)
        .collect();
    format!(";reasons={};rule-name={}", codes.join(","), name.trim())
}

/// The ids of the response that are texts, as JSON in ASCII; none if they would not fit a header.
fn ids(verdict: &Verdict) -> String {
    let response = verdict
        .detail()
        .map(|detail| detail.response)
        .unwrap_or_default();
    let ids = response
        .get("ids")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let texts: Map<String, Value> = ids
        .filter(|(_, id)| id.is_string())
        .map(|(name, id)| (name.clone(), id.clone()))
        .collect();
    let json = Value::Object(texts).to_string();
    let mut ascii = String::with_capacity(json.len());
    for unit in json.encode_utf16() {
        match u8::try_from(unit) {
            // A reader who splits at semicolons finds none of the service's.
            Ok(byte @ b' '..=b'~') if byte != b';' => ascii.push(byte.into()),
            // Writing into a String does not fail.
            _ => drop(write!(ascii, "\\u{unit:04x}")),
        }
    }
    if ascii.len() > LONGEST {
        "{}".to_owned()
    } else {
        ascii
    }
}

/// Visible ASCII without the separators of the value; all else is left out.
fn token(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, ';' | '=' | ',' | '"'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(version: ApiVersion, verdict: &Verdict) -> String {
        value(ResultHeader::On, version, verdict).unwrap()
    }

    #[test]
    fn the_forms_of_both_families() {
        let response = br#"{"isInvalid":true,"threatTypeCode":14,"requestId":"r-1"}"#;
        let verdict = Verdict::decode(ApiVersion::V1, response).unwrap();
        assert_eq!(
            told(ApiVersion::V1, &verdict),
            "version=1;is-invalid=true;threat-type-code=14;request-id=r-1"
        );
        let response = br#"{"decision":{"verdict":"benign"},"classification":{"code":0},"ids":{"rayId":"y","duid":null}}"#;
        let verdict = Verdict::decode(ApiVersion::V4_1, response).unwrap();
        assert_eq!(
            told(ApiVersion::V4_1, &verdict),
            r#"version=4.1;verdict=benign;threat-type-code=0;ids={"rayId":"y"}"#
        );
    }

    #[test]
    fn debug_adds_why() {
        for (decision, reasons, expected) in [
            (
                r#"{"verdict":"malicious","ruleName":"Block\r\nVPN; users=1 é"}"#,
                "[-7,12]",
                ";reasons=-7,12;rule-name=BlockVPN, users=1",
            ),
            (r#"{"verdict":"malicious"}"#, "[]", ";reasons=;rule-name="),
        ] {
            let response = format!(
                r#"{{"decision":{decision},"classification":{{"code":3}},"ids":{{"rayId":"y"}},"cheqDetection":{{"reasons":{reasons}}}}}"#
            );
            let verdict = Verdict::decode(ApiVersion::V4_1, response.as_bytes()).unwrap();
            let expected = format!(
                r#"version=4.1;verdict=malicious;threat-type-code=3;ids={{"rayId":"y"}}{expected}"#
            );
            let value = value(ResultHeader::Debug, ApiVersion::V4_1, &verdict);
            assert_eq!(value, Some(expected));
        }
    }

    #[test]
    fn an_id_cannot_pass_for_a_member() {
        let response = br#"{"decision":{"verdict":"malicious"},"classification":{"code":3},"ids":{"rayId":"x;verdict=benign"}}"#;
        let verdict = Verdict::decode(ApiVersion::V4_1, response).unwrap();
        let value = told(ApiVersion::V4_1, &verdict);
        assert_eq!(
            value
                .split(';')
                .filter(|member| member.starts_with("verdict="))
                .count(),
            1,
            "{value}"
        );
    }

    #[test]
    fn what_the_service_says_cannot_break_out() {
        let id = "a\r\nX: y\u{7f}\u{1f600}\"";
        let response = serde_json::json!({
            "decision": {"verdict": "be;n\r\nign\u{e9}=x"},
            "classification": {"code": -1},
            "ids": {"rayId": id},
        });
        let verdict = Verdict::decode(ApiVersion::V4_1, response.to_string().as_bytes()).unwrap();
        let value = told(ApiVersion::V4_1, &verdict);
        assert!(
            value.bytes().all(|byte| matches!(byte, b' '..=b'~')),
            "{value}"
        );
        let (head, ids) = value.split_once("ids=").unwrap();
        assert_eq!(head, "version=4.1;verdict=benignx;threat-type-code=-1;");
        let ids: Value = serde_json::from_str(ids).unwrap();
        assert_eq!(ids["rayId"], id);
    }
}
