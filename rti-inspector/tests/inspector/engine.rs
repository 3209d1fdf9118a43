//! The engine itself: the configuration in force, reloads, and what it is doing now.

use rti_axum::{Config, Mode};

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
