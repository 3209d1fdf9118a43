//! What the JSON says of known traffic.

use rti_axum::Mode;
use rti_inspector::{Anonymize, Inspector};
use serde_json::{Value, json};

use crate::harness::{API_KEY, FIREFOX, Site};

#[tokio::test(flavor = "multi_thread")]
async fn the_summary_counts_what_was_done_and_what_blocking_would_do() {
    let site = Site::start().await;
    site.visit_by_three().await;
    site.visit("/health", FIREFOX, "192.0.2.1").await;
    site.flush().await;
    for window in ["", "?window=5m", "?window=hour", "?window=day"] {
        let summary = site.get(&format!("/api/summary{window}")).await;
        assert_eq!(summary["total"], 4);
        assert_eq!(
            summary["outcomes"],
            json!({"evaluated": 3, "failed_open": 0, "failed_closed": 0, "skipped": 1})
        );
        let none = json!({"allow": 4, "block": 0, "redirect": 0, "challenge": 0});
        assert_eq!(summary["actions"], none);
        let policy = json!({"allow": 2, "block": 1, "redirect": 0, "challenge": 1});
        assert_eq!(summary["policy_actions"], policy);
        let threats = json!({"valid": 1, "automation tools": 1, "VPN": 1});
        assert_eq!(summary["threat_types"], threats);
        assert_eq!(summary["fail_open"], json!({}));
        assert!(summary["latency_ms"]["p50"].as_f64().unwrap() > 0.0);
        assert!(summary["latency_ms"]["p99"].is_f64());
        assert_eq!(summary["top"]["paths"][0]["count"], 1);
        let networks =
            json!([{"name": "192.0.2.0/24", "count": 1}, {"name": "198.51.100.0/24", "count": 1}]);
        assert_eq!(summary["top"]["networks"], networks);
        let series = summary["series"].as_array().unwrap();
        let counted: u64 = series
            .iter()
            .map(|point| point["total"].as_u64().unwrap())
            .sum();
        assert_eq!(counted, 4);
    }
    let refused = site
        .send("GET", "/api/summary?window=week2", &site.bearer(), "")
        .await;
    assert_eq!(refused.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_have_every_column_and_each_column_filters() {
    let site = Site::start().await;
    site.visit_by_three().await;
    let page = site.get("/api/decisions").await;
    let rows = page["decisions"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    let bot = &rows[1];
    let expected = json!({
        "method": "GET", "path": "/cart", "client": "192.0.2.2", "user_agent": "curl/8.5.0",
        "threat_type": "automation tools", "threat_type_code": 3, "action": "allow",
        "policy_action": "block", "outcome": "evaluated", "reason": null,
        "rule": "invalid_block_redirect_codes: 3", "enforced": false, "marked": false,
        "event_type": "page_load",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&bot[name], value, "{name}");
    }
    assert!(bot["time"].as_str().unwrap().ends_with('Z'));
    assert!(bot["request_id"].is_string());
    assert!(bot["elapsed_ms"].as_f64().unwrap() > 0.0);

    let time = bot["time"].as_str().unwrap();
    let request_id = bot["request_id"].as_str().unwrap();
    for (query, matching) in [
        ("path=CART", 1),
        ("client=198.51.100.", 1),
        ("user_agent=firefox", 2),
        ("threat_type=vpn", 1),
        ("threat_type_code=3", 1),
        ("action=allow", 3),
        ("policy_action=block", 1),
        ("policy_action=Challenge&user_agent=firefox", 1),
        ("outcome=failed_open", 0),
        ("reason=x", 0),
        ("rule=invalid_captcha", 1),
        ("method=get", 3),
        ("event_type=page", 3),
        ("enforced=false", 2),
        ("marked=true", 0),
        ("elapsed_ms=60000", 0),
        ("elapsed_ms=0", 3),
        (&format!("time={time}&path=cart"), 1),
        (&format!("request_id={request_id}"), 1),
    ] {
        let page = site.get(&format!("/api/decisions?{query}")).await;
        assert_eq!(page["matching"], matching, "{query}");
    }
    for query in ["colour=red", "limit=x", "enforced=maybe", "elapsed_ms=x"] {
        let response = site
            .send(
                "GET",
                &format!("/api/decisions?{query}"),
                &site.bearer(),
                "",
            )
            .await;
        assert_eq!(response.status, 400, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_pages_follow() {
    let site = Site::start().await;
    site.visit_by_three().await;
    let first = site.get("/api/decisions?limit=2").await;
    assert_eq!(first["decisions"].as_array().unwrap().len(), 2);
    assert_eq!(first["matching"], 3);
    let before = &first["before"];
    let second = site
        .get(&format!("/api/decisions?limit=2&before={before}"))
        .await;
    assert_eq!(second["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(second["before"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_explained_without_the_key() {
    let site = Site::start().await;
    site.visit_by_three().await;
    let response = site
        .send("GET", "/api/decisions/2", &site.bearer(), "")
        .await;
    assert!(!response.body.contains(API_KEY));
    let detail: Value = serde_json::from_str(&response.body).unwrap();
    let sent = detail["sent"].as_str().unwrap();
    assert!(
        sent.contains("[redacted]") && sent.contains("curl"),
        "{sent}"
    );
    assert!(
        detail["received"]
            .as_str()
            .unwrap()
            .contains("threatTypeCode")
    );
    let story = detail["explanation"].as_array().unwrap();
    assert!(
        story
            .iter()
            .any(|line| line.as_str().unwrap().contains("automation tools (3)"))
    );
    let elsewhere = detail["elsewhere"].as_array().unwrap();
    let would = |name: &str| {
        let mut found = elsewhere.iter().filter(|entry| entry["if"] == name);
        found.next().unwrap()["would"].clone()
    };
    assert_eq!(would("mode = blocking")["action"], "block");
    assert_eq!(would("mode = monitoring")["action"], "allow");
    assert_eq!(
        would("3 in invalid_captcha_codes")["policy_action"],
        "challenge"
    );
    assert_eq!(would("3 in no list")["policy_action"], "allow");
    assert_eq!(detail["exclude"]["uri_exclusion"], "/cart");
    let missing = site
        .send("GET", "/api/decisions/99", &site.bearer(), "")
        .await;
    assert_eq!(missing.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_without_a_file_is_an_error_and_not_zero() {
    let site = Site::start().await;
    let response = site
        .send("GET", "/api/summary?window=week", &site.bearer(), "")
        .await;
    assert_eq!(response.status, 400);
    assert!(
        response.body.contains("RTI_INSPECTOR_FILE"),
        "{}",
        response.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_an_error_in_json() {
    let site = Site::start().await;
    for (method, path) in [("POST", "/api/summary"), ("GET", "/api/mark")] {
        let response = site.send(method, path, &site.bearer(), "").await;
        assert_eq!(response.status, 405);
        assert!(response.head.contains("allow: "), "{}", response.head);
        assert!(
            response.body.starts_with(r#"{"error":"#),
            "{}",
            response.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_blocking_mode_what_was_done_is_counted_too() {
    let site = Site::with(Inspector::builder(), |config| config.mode(Mode::Blocking)).await;
    site.visit_by_three().await;
    let summary = site.get("/api/summary").await;
    // The one who is to be challenged continues: there is no callback.
    assert_eq!(
        summary["actions"],
        json!({"allow": 2, "block": 1, "redirect": 0, "challenge": 0})
    );
    assert_eq!(
        summary["policy_actions"],
        json!({"allow": 1, "block": 1, "redirect": 0, "challenge": 1})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_open_is_counted_by_reason() {
    let site = Site::with(Inspector::builder(), |config| {
        config.api_endpoint("http://127.0.0.1:9")
    })
    .await;
    site.visit("/", FIREFOX, "192.0.2.1").await;
    site.flush().await;
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["fail_open"], json!({"connect": 1}));
    assert_eq!(summary["fail_open_share"], 1.0);
    let rows = site.get("/api/decisions?outcome=failed_open").await;
    assert_eq!(rows["decisions"][0]["reason"], "connect");
}

#[tokio::test(flavor = "multi_thread")]
async fn marked_decisions_are_exported_with_their_request_ids() {
    let site = Site::start().await;
    site.visit_by_three().await;
    let note = "a customer of ours";
    let marked = site
        .post("/api/mark", &json!({"id": 2, "note": note}))
        .await;
    assert_eq!(marked.status, 200);
    let export = site.get("/api/export").await;
    let decisions = export["decisions"].as_array().unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!(decisions[0]["note"], note);
    assert!(decisions[0]["request_id"].is_string());
    assert_eq!(site.get("/api/decisions?marked=true").await["matching"], 1);
    site.post("/api/mark", &json!({"id": 2, "marked": false}))
        .await;
    assert_eq!(site.get("/api/export").await["decisions"], json!([]));
    assert_eq!(site.post("/api/mark", &json!({"id": 99})).await.status, 404);
    let long = json!({"id": 2, "note": "x".repeat(501)});
    assert_eq!(site.post("/api/mark", &long).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_clients_are_shown_nowhere() {
    let inspector = Inspector::builder().anonymize(Anonymize::Networks);
    let site = Site::with(inspector, |config| config).await;
    site.visit("/cart", "curl/8.5.0", "198.51.100.77").await;
    site.visit("/cart", "curl/8.5.0", "2001:db8:1:2::77").await;
    site.flush().await;
    site.post("/api/mark", &json!({"id": 1})).await;
    for path in [
        "/api/decisions",
        "/api/decisions/1",
        "/api/decisions/2",
        "/api/export",
        "/api/summary",
    ] {
        let response = site.send("GET", path, &site.bearer(), "").await;
        assert_eq!(response.status, 200);
        assert!(
            !response.body.contains("198.51.100.77"),
            "{path}: {}",
            response.body
        );
        assert!(!response.body.contains("::77"), "{path}: {}", response.body);
    }
    let rows = site.get("/api/decisions").await;
    assert_eq!(rows["decisions"][0]["client"], "2001:db8:1::/48");
    assert_eq!(rows["decisions"][1]["client"], "198.51.100.0/24");
    assert_eq!(site.get("/api/decisions/1").await["sent"], Value::Null);
}
