//! What a verdict leads to, in both modes (wire-protocol, sections 3 and 7).

use crate::client::Request;
use crate::{Challenge, Stage};
use rti_core::CircuitBreaker;
use rti_simulator::{Fault, Verdict};
use serde_json::json;

crate::suite::cases![
    valid_visitors_are_served_in_blocking_mode,
    monitoring_is_the_default_and_serves_everyone,
    blocked_visitors_get_403,
    blocked_post_never_reaches_its_handler,
    redirected_post_never_reaches_its_handler,
    challenged_post_never_reaches_its_handler,
    the_handler_sees_the_decision,
    the_handler_sees_in_monitoring_what_blocking_would_do,
    what_a_v1_answer_can_do_without: speaks V1,
    what_a_v1_answer_cannot_do_without: speaks V1,
];

const BOT: u32 = 3;
const VPN: u32 = 14;

async fn valid_visitors_are_served_in_blocking_mode(stage: Stage) {
    let site = stage.blocking().start().await;
    let response = site.get("/").await;
    assert_eq!((response.status, response.text()), (200, "hello"));
    assert_eq!(site.calls(), 1);
}

async fn monitoring_is_the_default_and_serves_everyone(stage: Stage) {
    let site = stage.challenge(Challenge::Answer).start().await;
    for threat in [0, BOT, VPN] {
        site.answer(Verdict::threat(threat));
        let response = site.get("/").await;
        assert_eq!(
            (response.status, response.text()),
            (200, "hello"),
            "{threat}"
        );
    }
    assert_eq!(site.calls(), 3);
}

async fn blocked_visitors_get_403(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(BOT)).start().await;
    let response = site.get("/").await;
    assert_eq!(response.status, 403);
    assert!(!response.text().contains("hello"));
}

async fn blocked_post_never_reaches_its_handler(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(BOT)).start().await;
    let response = site.send(&Request::post("/count/up", "")).await;
    assert_eq!(response.status, 403);
    assert_eq!(site.application.count(), 0);
}

async fn redirected_post_never_reaches_its_handler(stage: Stage) {
    let site = stage
        .redirecting("/about")
        .answer(Verdict::threat(BOT))
        .start()
        .await;
    let response = site.send(&Request::post("/count/up", "")).await;
    assert_eq!(response.status, 302);
    assert_eq!(site.application.count(), 0);
}

async fn challenged_post_never_reaches_its_handler(stage: Stage) {
    let site = stage
        .blocking()
        .challenge(Challenge::CaptchaOrDenial)
        .answer(Verdict::threat(VPN))
        .start()
        .await;
    let response = site.send(&Request::post("/count/up", "")).await;
    assert_eq!(response.status, 302);
    assert_eq!(site.application.count(), 0);
}

async fn the_handler_sees_the_decision(stage: Stage) {
    let verdict = Verdict::valid().request_id("r-1");
    let site = stage.blocking().answer(verdict).start().await;
    let expected = json!({
        "outcome": "evaluated", "action": "allow", "policy_action": "allow",
        "challenge_passed": false,
        "is_invalid": false, "threat_type": "valid", "threat_type_code": 0,
        "policy": "default", "rule": null, "shadow_action": null,
        "request_id": "r-1", "reason": null,
    });
    assert_eq!(site.decision().await, expected);
}

async fn the_handler_sees_in_monitoring_what_blocking_would_do(stage: Stage) {
    let verdict = Verdict::threat(BOT).request_id("r-2");
    let site = stage.answer(verdict).start().await;
    let decision = site.decision().await;
    let rule = decision["rule"].as_str().unwrap();
    let by_protocol = ["invalid_block_redirect_codes: 3", "verdict: malicious"];
    assert!(by_protocol.contains(&rule), "{rule}");
    let expected = json!({
        "outcome": "evaluated", "action": "allow", "policy_action": "block",
        "challenge_passed": false,
        "is_invalid": true, "threat_type": "automation tools", "threat_type_code": 3,
        "policy": "default", "rule": rule, "shadow_action": null,
        "request_id": "r-2", "reason": null,
    });
    assert_eq!(decision, expected);
}

async fn what_a_v1_answer_can_do_without(stage: Stage) {
    let site = stage.start().await;
    for rest in [
        "",
        r#","requestId":null,"setCookie":null"#,
        r#","requestId":"","setCookie":"""#,
        r#","requestId":7,"setCookie":{"a":[1]},"version":"one""#,
        r#","unheardOf":{"a":[1]}"#,
    ] {
        let answer = format!(r#"{{"isInvalid":true,"threatTypeCode":3{rest}}}"#);
        site.answer(Fault::body(answer));
        let response = site.get("/verdict").await;
        let decision = response.json();
        assert_eq!(decision["outcome"], "evaluated", "{rest}");
        assert_eq!(decision["threat_type_code"], 3, "{rest}");
        assert_eq!(decision["request_id"], json!(null), "{rest}");
        assert!(response.cookies().is_empty(), "{rest}");
    }
}

async fn what_a_v1_answer_cannot_do_without(stage: Stage) {
    let stage = stage.configure(|config| config.circuit_breaker(CircuitBreaker::Off));
    let site = stage.blocking().start().await;
    for answer in [
        "",
        "[]",
        "{}",
        r#"{"isInvalid":true}"#,
        r#"{"threatTypeCode":3}"#,
        r#"{"isInvalid":"true","threatTypeCode":3,"setCookie":"_cheq_rti=b"}"#,
        r#"{"isInvalid":1,"threatTypeCode":3}"#,
        r#"{"isInvalid":null,"threatTypeCode":3}"#,
        r#"{"isInvalid":true,"threatTypeCode":null}"#,
        r#"{"isInvalid":true,"threatTypeCode":"3"}"#,
        r#"{"isInvalid":true,"threatTypeCode":3"#,
    ] {
        site.answer(Fault::body(answer));
        let response = site.get("/verdict").await;
        assert_eq!(response.json()["outcome"], "failed_open", "{answer}");
        assert_eq!(response.json()["reason"], "malformed", "{answer}");
        assert!(response.cookies().is_empty(), "{answer}");
    }
}
