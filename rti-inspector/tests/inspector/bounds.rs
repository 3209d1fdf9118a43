//! What is kept is bounded, whatever visitors send.

use rti_inspector::Inspector;

use crate::harness::{FIREFOX, Site};

#[tokio::test(flavor = "multi_thread")]
async fn the_ring_is_bounded_in_number_and_counts_are_not() {
    let site = Site::with(Inspector::builder().max_decisions(2), |config| config).await;
    site.visit_by_three().await;
    let summary = site.get("/api/summary").await;
    assert_eq!(summary["recorded"]["decisions"], 2);
    assert_eq!(summary["total"], 3);
    let oldest = site
        .send("GET", "/api/decisions/1", &site.bearer(), "")
        .await;
    assert_eq!(oldest.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ring_is_bounded_in_bytes() {
    let bytes = 16 << 10;
    let site = Site::with(Inspector::builder().max_bytes(bytes), |config| config).await;
    for number in 0..12 {
        let path = format!("/{number}/{}", "x".repeat(3000));
        site.visit(&path, FIREFOX, "192.0.2.1").await;
    }
    site.flush().await;
    let recorded = site.get("/api/summary").await["recorded"].clone();
    let kept = recorded["decisions"].as_u64().unwrap();
    assert!((1..=3).contains(&kept), "{recorded}");
    assert!(
        recorded["bytes"].as_u64().unwrap() <= bytes as u64,
        "{recorded}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_decision_stays_when_the_ring_drops_it() {
    let site = Site::with(Inspector::builder().max_decisions(1), |config| config).await;
    site.visit("/first", "curl/8.5.0", "192.0.2.1").await;
    site.flush().await;
    site.post("/api/mark", &serde_json::json!({"id": 1})).await;
    site.visit("/second", FIREFOX, "192.0.2.1").await;
    site.flush().await;
    let export = site.get("/api/export").await;
    assert_eq!(export["decisions"][0]["path"], "/first");
    assert_eq!(site.get("/api/decisions/1").await["marked"], true);
}

/// A body that is too long is refused, not read.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_is_bounded() {
    let site = Site::start().await;
    let long = serde_json::json!({"mode": "x".repeat(70 << 10)});
    assert_eq!(site.post("/api/what-if", &long).await.status, 413);
}
