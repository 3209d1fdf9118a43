//! What other options would do with the recorded decisions.

use rti_axum::{ApiVersion, Mode, PolicyOptions, Strategy};
use rti_inspector::Inspector;
use serde_json::{Value, json};

use crate::harness::Site;

async fn what_if(site: &Site, options: Value) -> Value {
    let response = site.post("/api/what-if", &options).await;
    assert_eq!(response.status, 200, "{}", response.body);
    serde_json::from_str(&response.body).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_mode_and_exclusions_are_tried_and_nothing_is_applied() {
    let site = Site::start().await;
    site.visit_by_three().await;

    let same = what_if(&site, json!({})).await;
    assert_eq!(
        (&same["compared"], &same["differing"]),
        (&json!(3), &json!(0))
    );

    let milder = what_if(&site, json!({"invalid_captcha_codes": [4, 5]})).await;
    assert_eq!(milder["differing"], 1);
    assert_eq!(milder["decisions"][0]["threat_type"], "VPN");
    assert_eq!(milder["decisions"][0]["now"]["policy_action"], "challenge");
    assert_eq!(milder["decisions"][0]["instead"]["policy_action"], "allow");
    assert_eq!(milder["policy_actions"]["instead"]["allow"], 2);

    // No code at all, and not the defaults.
    let none = what_if(&site, json!({"invalid_captcha_codes": []})).await;
    assert_eq!(none["differing"], 1);

    let blocking = what_if(&site, json!({"mode": "blocking"})).await;
    assert_eq!(blocking["differing"], 2);
    assert_eq!(blocking["changes"][0]["from"], blocking["changes"][0]["to"]);

    let excluded = what_if(&site, json!({"uri_exclusion": ["/cart"]})).await;
    assert_eq!(
        excluded["decisions"][0]["instead"]["rule"],
        "excluded by /cart"
    );

    let redirected = what_if(&site, json!({"redirect_url": "/sorry"})).await;
    assert_eq!(redirected["policy_actions"]["instead"]["redirect"], 1);

    let summary = site.get("/api/summary").await;
    assert_eq!(summary["mode"], "monitoring");
    assert_eq!(
        summary["policy_options"]["invalid_captcha_codes"],
        json!([4, 5, 13, 14, 15, 17])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_a_path_is_tried_on_it() {
    let site = Site::with(Inspector::builder(), |config| {
        let cart = PolicyOptions::new()
            .mode(Mode::Blocking)
            .invalid_block_redirect_codes([3])
            .shadow(PolicyOptions::new().redirect_url("/sorry"));
        config.policy("cart", ["/cart"], cart)
    })
    .await;
    site.visit_by_three().await;
    let row = &site.get("/api/decisions?policy=cart").await["decisions"][0];
    assert_eq!(
        (&row["action"], &row["path"]),
        (&json!("block"), &json!("/cart"))
    );
    assert_eq!(row["shadow_action"], "redirect");
    let shadows = &site.get("/api/summary").await["shadow_actions"];
    assert_eq!(shadows["redirect"], 1);

    // The cart has its mode from its policy, and so it keeps it.
    let blocking = what_if(&site, json!({"mode": "blocking"})).await;
    assert_eq!(blocking["differing"], 1, "{blocking}");
    assert_eq!(blocking["decisions"][0]["threat_type"], "VPN");
    // It has a list of its own, and inherits where it is redirected to.
    let lists = json!({"invalid_block_redirect_codes": [14], "invalid_captcha_codes": []});
    let lists = what_if(&site, lists).await;
    assert_eq!(lists["differing"], 1, "{lists}");
    let redirected = what_if(&site, json!({"redirect_url": "/sorry"})).await;
    let cart = &redirected["decisions"][0]["instead"];
    assert_eq!(
        (&cart["policy"], &cart["action"]),
        (&json!("cart"), &json!("redirect"))
    );
    let none = what_if(&site, json!({"policy": []})).await;
    assert_eq!(none["decisions"][0]["instead"]["policy"], "default");
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_are_of_the_same_visitors() {
    let site = Site::with(Inspector::builder(), |config| {
        config.mode(Mode::Blocking).enforce_percent(50.0)
    })
    .await;
    for visitor in 1..=40 {
        site.visit("/", "curl/8.5.0", &format!("192.0.2.{visitor}"))
            .await;
    }
    site.flush().await;
    let summary = site.get("/api/summary").await;
    let blocked = summary["actions"]["block"].as_u64().unwrap();
    assert!((1..40).contains(&blocked), "{blocked}");
    let same = what_if(&site, json!({})).await;
    assert_eq!(same["differing"], 0, "{same}");
    let all = what_if(&site, json!({"enforce_percent": 100})).await;
    assert_eq!(all["differing"], 40 - blocked);
    for row in all["decisions"].as_array().unwrap() {
        assert_eq!(row["now"]["action"], row["action"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strategies_of_v4_are_tried() {
    let site = Site::with(Inspector::builder(), |config| {
        config
            .api_version(ApiVersion::V4_1)
            .challenging_strategy(Strategy::Captcha)
    })
    .await;
    site.visit_by_three().await;
    let hidden = what_if(
        &site,
        json!({"challenging_strategy": "not_found", "blocking_strategy": "not_found"}),
    )
    .await;
    assert!(hidden["differing"].as_u64().unwrap() > 0, "{hidden}");
    assert_eq!(hidden["decisions"][0]["instead"]["response"], "not_found");
    let detail = site.get("/api/decisions/2").await;
    assert_eq!(detail["elsewhere"].as_array().unwrap().len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_cannot_be_in_force_are_named() {
    let site = Site::start().await;
    for (options, option) in [
        (json!({"mode": "loud"}), "mode"),
        (
            json!({"invalid_captcha_codes": [3]}),
            "invalid_captcha_codes",
        ),
        (json!({"block_codes": [3]}), "block_codes"),
        // It would read a file of this machine.
        (json!({"ca_file": "/etc/passwd"}), "ca_file"),
        (json!({"api_key": "x"}), "api_key"),
    ] {
        let response = site.post("/api/what-if", &options).await;
        assert_eq!(response.status, 422, "{options}");
        let answer: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(answer["faults"][0]["option"], option, "{answer}");
    }
    let response = site.post("/api/what-if", &json!([1])).await;
    assert_eq!(response.status, 422);
}
