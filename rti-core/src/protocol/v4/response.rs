//! Reading a 4.x response: three members are needed, all else may be missing.

use std::borrow::Cow;

use bytes::Bytes;
use serde::Deserialize;

use crate::error::CallError;
use crate::protocol::parsed;
use crate::threat_type::ThreatType;
use crate::verdict::{Extended, Verdict, VerdictLevel, request_id};

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    decision: Decision<'a>,
    classification: Classification,
    ids: Ids,
}

#[derive(Deserialize)]
struct Decision<'a> {
    #[serde(borrow)]
    verdict: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Classification {
    code: i64,
}

#[derive(Deserialize)]
struct Ids {
    #[serde(rename = "rayId")]
    ray_id: String,
}

pub(in crate::protocol) fn decode(response: &Bytes) -> Result<Verdict, CallError> {
    let read: Response<'_> = parsed(response)?;
    let level = VerdictLevel::from(&*read.decision.verdict);
    Ok(Verdict {
        is_invalid: matches!(level, VerdictLevel::Suspicious | VerdictLevel::Malicious),
        threat_type: ThreatType::from_code(read.classification.code),
        request_id: request_id(read.ids.ray_id),
        set_cookie: None,
        extended: Some(Extended::new(level, response.clone())),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::FailOpenReason;

    fn decode(response: &[u8]) -> Result<Verdict, CallError> {
        super::decode(&Bytes::copy_from_slice(response))
    }

    fn whole() -> Value {
        json!({
            "metadata": {"timestamp": "2026-11-22T17:54:55Z", "version": "4.1", "tagName": "shop", "sessionFound": true},
            "decision": {"verdict": "suspicious", "ruleName": "vpn", "riskScore": "71.50"},
            "classification": {"code": 14, "name": "VPN", "group": "suspicious"},
            "ids": {"rayId": "ray-1", "pageViewId": "pv-1", "duid": "d-1", "uniqueVisitId": "v-1", "customParam1": "c"},
            "device": {"type": "desktop", "os": "Linux", "browser": "Firefox"},
            "network": {"ip": "198.51.100.7", "xForwardedFor": null, "geoIp": {"country": "NL"},
                        "as": {"asNumber": 64500, "asName": "EXAMPLE"}},
            "fingerprints": {"http2": "x", "tls": {"ja3": "y"}},
            "cheqDetection": {"detectedRiskScore": "71.50", "isAutomated": false, "isProxy": true,
                              "proxyTypes": ["vpn"], "rateLimit": {"hit": false, "ids": []},
                              "reasons": [12, -3], "disabledReasons": []},
        })
    }

    /// Every place in a document, as JSON pointers.
    fn places(value: &Value, at: &str, found: &mut Vec<String>) {
        let inner: Vec<(String, &Value)> = match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), value))
                .collect(),
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, value)| (index.to_string(), value))
                .collect(),
            _ => Vec::new(),
        };
        for (name, value) in inner {
            let place = format!("{at}/{name}");
            found.push(place.clone());
            places(value, &place, found);
        }
    }

    fn without(place: &str) -> Value {
        let mut response = whole();
        let (parent, name) = place.rsplit_once('/').unwrap();
        match response.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => unreachable!(),
        }
        response
    }

    fn with(place: &str, value: Value) -> Value {
        let mut response = whole();
        *response.pointer_mut(place).unwrap() = value;
        response
    }

    #[test]
    fn a_whole_answer() {
        let verdict = decode(whole().to_string().as_bytes()).unwrap();
        assert!(verdict.is_invalid());
        assert_eq!(verdict.level(), Some(&VerdictLevel::Suspicious));
        assert_eq!(verdict.threat_type(), ThreatType::Vpn);
        assert_eq!(verdict.request_id(), Some("ray-1"));
        assert_eq!(verdict.reasons(), [12, -3]);
        let detail = verdict.detail().unwrap();
        assert_eq!(detail.ids.unique_visit_id.as_deref(), Some("v-1"));
        assert_eq!(detail.network.as_number, Some(64500));
        assert_eq!(detail.is_proxy, Some(true));
    }

    #[test]
    fn every_member_missing_null_or_of_another_type() {
        let needed = [
            "/decision",
            "/decision/verdict",
            "/classification",
            "/classification/code",
            "/ids",
            "/ids/rayId",
        ];
        let mut all = Vec::new();
        places(&whole(), "", &mut all);
        assert!(all.len() > 40);
        for place in &all {
            let kind_of = |value: &Value| std::mem::discriminant(value);
            let own = kind_of(whole().pointer(place).unwrap());
            let others = [
                Value::Null,
                json!(true),
                json!(1.5),
                json!("text"),
                json!([]),
                json!({}),
            ];
            // Where a text is needed any text will do, and an empty object lacks the needed member.
            let replaced = others
                .into_iter()
                .filter(|other| kind_of(other) != own)
                .map(|other| with(place, other));
            for response in replaced.chain([without(place)]) {
                let decoded = decode(response.to_string().as_bytes());
                if needed.contains(&place.as_str()) {
                    assert_eq!(
                        decoded.unwrap_err().kind(),
                        FailOpenReason::Malformed,
                        "{place}: {response}"
                    );
                } else {
                    let verdict = decoded.unwrap_or_else(|error| panic!("{place}: {error}"));
                    assert_eq!(verdict.threat_type(), ThreatType::Vpn, "{place}");
                    assert_eq!(verdict.request_id(), Some("ray-1"), "{place}");
                    assert!(verdict.detail().is_some(), "{place}");
                }
            }
        }
    }

    #[test]
    fn words_and_codes_nobody_knows_are_kept() {
        let mut response = with("/decision/verdict", json!("odd"));
        response["classification"]["code"] = json!(-77);
        let verdict = decode(response.to_string().as_bytes()).unwrap();
        assert_eq!(verdict.level().map(VerdictLevel::as_str), Some("odd"));
        assert_eq!(verdict.threat_type(), ThreatType::Unknown(-77));
        assert!(!verdict.is_invalid());
    }

    #[test]
    fn what_is_no_answer() {
        for response in [
            "",
            "{",
            "null",
            "[]",
            "{}",
            "\u{0}",
            "{\"decision\":{\"verdict\":\"benign\"}}",
        ] {
            assert_eq!(
                decode(response.as_bytes()).unwrap_err().kind(),
                FailOpenReason::Malformed,
                "{response:?}"
            );
        }
    }
}
