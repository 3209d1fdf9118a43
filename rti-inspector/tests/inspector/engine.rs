//! The engine itself: the configuration in force, reloads, and what it is doing now.

use rti_axum::{Config, Mode, PolicyOptions};
use rti_inspector::Inspector;
use serde_json::json;

use crate::harness::{API_KEY, Site};

#[tokio::test(flavor = "multi_thread")]
async fn reloads_show_and_failed_ones_with_their_faults() {
    let site = Site::start().await;
    let config = site.get("/api/config").await;
    assert!(config["reload"].is_null());
    assert_eq!(config["policies"][0]["name"], "default");
    let options = config["options"].as_array().unwrap();
    assert!(
        options
            .iter()
            .any(|option| option["option"] == "timeout" && option["source"] == "code")
    );
    assert!(!config.to_string().contains(API_KEY));

    let of_another = Config::builder(API_KEY, "hash", "http://127.0.0.1:9");
    site.rti.reload(of_another.build().unwrap()).unwrap_err();
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["reload"]["is_applied"], false);
    let fault = summary["reload"]["faults"][0].as_str().unwrap();
    assert!(fault.contains("api_endpoint"), "{fault}");
    assert_eq!(summary["mode"], "monitoring");

    let blocking = Config::builder(API_KEY, "hash", site.simulator.origin()).mode(Mode::Blocking);
    site.rti.reload(blocking.build().unwrap()).unwrap();
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["reload"]["is_applied"], true);
    assert_eq!(summary["mode"], "blocking");
    assert_eq!(summary["policy_options"]["mode"], "blocking");
    site.rti.set_mode(Some(Mode::Off));
    assert_eq!(site.get("/api/summary").await["mode"], "off");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_and_calls_are_those_of_the_engine() {
    let site = Site::start().await;
    site.visit_by_three().await;
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["calls_in_flight"], 0);
    assert!(
        summary["connections"]["idle"].as_u64().unwrap() > 0,
        "{summary}"
    );
    assert_eq!(summary["circuit"], "closed");
}

/// Monitoring of the whole site says nothing of a part that blocks, and the page must not say so.
#[tokio::test(flavor = "multi_thread")]
async fn policies_that_block_in_monitoring_mode_are_named() {
    let site = Site::with(Inspector::builder(), |config| {
        let blocking = || PolicyOptions::new().mode(Mode::Blocking);
        config
            .policy("checkout", ["/checkout"], blocking())
            .policy("later", ["/cart"], blocking().enforce_percent(0.0))
            .policy("search", ["/search"], PolicyOptions::new())
    })
    .await;
    site.visit("/checkout", "curl/8.5.0", "192.0.2.2").await;
    site.flush().await;
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["mode"], "monitoring");
    assert_eq!(summary["actions"]["block"], 1);
    assert_eq!(summary["blocking_policies"], json!(["checkout"]));
    site.rti.set_mode(Some(Mode::Off));
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["blocking_policies"], json!([]));
}
