//! The answer of v4: as rich as the service's, with nulls where nothing is known.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::Question;
use crate::endpoint::Protocol;
use crate::threat::ThreatType;
use crate::verdict::Verdict;

pub(super) fn answer(verdict: &Verdict, question: &Question<'_>) -> Value {
    json!({
        "metadata": metadata(question),
        "decision": {
            "verdict": verdict.word(),
            "ruleName": verdict.rule_name,
            "riskScore": risk_score(verdict),
        },
        "classification": classification(verdict),
        "ids": ids(verdict, question),
        "device": device(question),
        "network": network(question),
        "fingerprints": fingerprints(question),
        "cheqDetection": detection(verdict),
    })
}

fn metadata(question: &Question<'_>) -> Value {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    json!({
        "timestamp": u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
        "version": if question.protocol == Protocol::V4_0 { "4.0" } else { "4.1" },
        "tagName": "simulated tag",
        "sessionFound": question.payload.field("sCookie").is_some(),
    })
}

fn risk_score(verdict: &Verdict) -> &str {
    let by_word = match verdict.word() {
        "malicious" => "0.99",
        "suspicious" => "0.50",
        _ => "0.00",
    };
    verdict.risk_score.as_deref().unwrap_or(by_word)
}

fn classification(verdict: &Verdict) -> Value {
    let published = ThreatType::of(verdict.code);
    json!({
        "code": verdict.code,
        "name": verdict.name.as_deref().or(published.map(|threat| threat.name)),
        "group": verdict.group.as_deref().or(published.map(|threat| threat.group)),
    })
}

fn ids(verdict: &Verdict, question: &Question<'_>) -> Value {
    let sent = |name: &str| question.payload.field(name);
    let own_or_sent = |own: &Option<String>, name| own.clone().or_else(|| sent(name));
    json!({
        "rayId": verdict.request_id.as_ref().unwrap_or(&question.fresh_id),
        "pageViewId": own_or_sent(&verdict.page_view_id, "pageViewId"),
        "duid": own_or_sent(&verdict.duid, "duidCookie"),
        "uniqueVisitId": verdict.unique_visit_id,
        "customParam1": sent("customId1"),
        "customParam2": sent("customId2"),
        "customParam3": sent("customId3"),
        "customParam4": sent("customId4"),
    })
}

fn device(question: &Question<'_>) -> Value {
    json!({
        "type": "desktop",
        "os": null,
        "browser": null,
        "userAgent": question.payload.field("UserAgent"),
    })
}

fn network(question: &Question<'_>) -> Value {
    json!({
        "ip": question.payload.field("ClientIP"),
        "xForwardedFor": question.payload.field("XForwardedFor"),
        "geoIp": { "country": null, "region": null, "city": null },
        "as": { "asNumber": 64496, "asName": "Documentation" },
    })
}

fn fingerprints(question: &Question<'_>) -> Value {
    let sent = |name: &str| {
        question
            .payload
            .field(&format!("endUserParams.headers.{name}"))
    };
    json!({
        "http2": null,
        "cheqIpTcp": sent("cheq_ip_tcp"),
        "tls": {
            "ja3": sent("cheq_ja3"),
            "ja3Sorted": sent("cheq_ja3_sorted"),
            "ja4": sent("cheq_ja4"),
        },
    })
}

fn detection(verdict: &Verdict) -> Value {
    json!({
        "detectedRiskScore": risk_score(verdict),
        "detectedClassificationCode": verdict.code,
        "isAutomated": ThreatType::of(verdict.code).is_some_and(|threat| threat.group == "bot activity"),
        "entity": null,
        "isSpoofed": verdict.code == 11,
        "isEmulator": false,
        "isProxy": matches!(verdict.code, 14 | 15),
        "proxyTypes": if verdict.code == 14 { json!(["vpn"]) } else { json!([]) },
        "rateLimit": { "hit": matches!(verdict.code, 4..=6), "ids": [] },
        "reasons": verdict.reasons,
        "disabledReasons": [],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Payload;

    #[test]
    fn what_was_sent_comes_back_and_what_was_set_wins() {
        let payload = Payload::Json(json!({
            "customId1": "page_load",
            "pageViewId": "sent-page",
            "duidCookie": "sent-duid",
            "endUserParams": {"clientIp": "192.0.2.1", "headers": {"cheq_ja3": "abc"}},
        }));
        let question = Question {
            protocol: Protocol::V4_1,
            payload: &payload,
            fresh_id: "fresh".into(),
        };
        let verdict = Verdict::threat(13).duid("own-duid").reasons([7, -4]);
        let answer = answer(&verdict, &question);
        let at = |path| answer.pointer(path).unwrap();
        assert_eq!(at("/decision/verdict"), "suspicious");
        assert_eq!(at("/decision/riskScore"), "0.50");
        assert_eq!(
            at("/classification"),
            &json!({"code": 13, "name": "data centres", "group": "suspicious"})
        );
        assert_eq!(at("/ids/rayId"), "fresh");
        assert_eq!(at("/ids/pageViewId"), "sent-page");
        assert_eq!(at("/ids/duid"), "own-duid");
        assert_eq!(at("/ids/customParam1"), "page_load");
        assert_eq!(at("/network/ip"), "192.0.2.1");
        assert_eq!(at("/fingerprints/tls/ja3"), "abc");
        assert_eq!(at("/cheqDetection/reasons"), &json!([7, -4]));
    }
}
