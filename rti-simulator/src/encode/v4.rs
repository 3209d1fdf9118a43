//! The response of v4, with the members of the service's, and null where nothing is known.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::payload::Payload;
use crate::threat::ThreatType;
use crate::verdict::Verdict;

pub(super) fn encode(verdict: &Verdict, version: &str, payload: &Payload, fresh_id: &str) -> Value {
    json!({
        "metadata": metadata(version, payload),
        "decision": {
            "verdict": verdict.decision_level(),
            "ruleName": verdict.rule_name,
            "riskScore": risk_score(verdict),
        },
        "classification": classification(verdict),
        "ids": ids(verdict, payload, fresh_id),
        "device": device(payload),
        "network": network(payload),
        "fingerprints": fingerprints(payload),
        "cheqDetection": detection(verdict),
    })
}

fn metadata(version: &str, payload: &Payload) -> Value {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    json!({
        "timestamp": u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX),
        "version": version,
        "tagName": "simulated tag",
        "sessionFound": payload.field("sCookie").is_some(),
    })
}

fn risk_score(verdict: &Verdict) -> &str {
    let by_decision = match verdict.decision_level() {
        "malicious" => "0.99",
        "suspicious" => "0.50",
        _ => "0.00",
    };
    verdict.risk_score.as_deref().unwrap_or(by_decision)
}

fn classification(verdict: &Verdict) -> Value {
    let published = ThreatType::of(verdict.code);
    json!({
        "code": verdict.code,
        "name": verdict.name.as_deref().or(published.map(|threat| threat.name)),
        "group": verdict.group.as_deref().or(published.map(|threat| threat.group)),
    })
}

fn ids(verdict: &Verdict, payload: &Payload, fresh_id: &str) -> Value {
    let sent = |name: &str| payload.field(name);
    let own_or_sent = |own: &Option<String>, name| own.clone().or_else(|| sent(name));
    json!({
        "rayId": verdict.request_id.as_deref().unwrap_or(fresh_id),
        "pageViewId": own_or_sent(&verdict.page_view_id, "pageViewId"),
        "duid": own_or_sent(&verdict.duid, "duidCookie"),
        "uniqueVisitId": verdict.unique_visit_id,
        "customParam1": sent("customId1"),
        "customParam2": sent("customId2"),
        "customParam3": sent("customId3"),
        "customParam4": sent("customId4"),
    })
}

fn device(payload: &Payload) -> Value {
    json!({
        "type": "desktop",
        "os": null,
        "browser": null,
        "userAgent": payload.field("UserAgent"),
    })
}

fn network(payload: &Payload) -> Value {
    json!({
        "ip": payload.field("ClientIP"),
        "xForwardedFor": payload.field("XForwardedFor"),
        "geoIp": { "country": null, "region": null, "city": null },
        "as": { "asNumber": 64496, "asName": "Documentation" },
    })
}

fn fingerprints(payload: &Payload) -> Value {
    let sent = |name: &str| payload.field(&format!("endUserParams.headers.{name}"));
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

    #[test]
    fn sent_ids_are_returned_unless_the_verdict_has_its_own() {
        let payload = Payload::Json(json!({
            "customId1": "page_load",
            "pageViewId": "sent-page",
            "duidCookie": "sent-duid",
            "endUserParams": {"clientIp": "192.0.2.1", "headers": {"cheq_ja3": "abc"}},
        }));
        let verdict = Verdict::threat(13).duid("own-duid").reasons([7, -4]);
        let body = encode(&verdict, "4.1", &payload, "fresh");
        let at = |path| body.pointer(path).unwrap();
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
