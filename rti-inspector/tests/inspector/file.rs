//! Decisions, counts and marks survive a restart.

use rti_core::{ChallengeEvent, ChallengeEventKind, ThreatType};
use rti_inspector::{Anonymize, Inspector, InspectorError};
use serde_json::{Value, json};

use crate::harness::{API_KEY, FIREFOX, Site};

#[tokio::test(flavor = "multi_thread")]
async fn decisions_counts_and_marks_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inspector.sqlite");
    let site = Site::with(Inspector::builder().file(&path), |config| config).await;
    site.visit_by_three().await;
    site.post("/api/mark", &json!({"id": 2, "note": "ours"}))
        .await;
    let vpn = Some(ThreatType::Vpn);
    let issued = ChallengeEvent::new(ChallengeEventKind::Issued, vpn);
    site.rti.observe_challenge(&issued);
    site.flush().await;
    drop(site);

    let site = Site::with(Inspector::builder().file(&path), |config| config).await;
    for window in ["hour", "day", "week"] {
        let summary = site.get(&format!("/api/summary?window={window}")).await;
        assert_eq!(summary["total"], 3, "{window}");
        assert_eq!(summary["threat_types"]["VPN"], 1);
        assert_eq!(summary["challenges"]["issued"], 1);
        let by_threat_type = json!({"VPN": {"issued": 1, "passed": 0}});
        assert_eq!(summary["challenges_by_threat_type"], by_threat_type);
        assert_eq!(summary["top"]["paths"].as_array().unwrap().len(), 2);
    }
    let rows = site.get("/api/decisions").await;
    assert_eq!(rows["matching"], 3);
    assert_eq!(rows["decisions"][1]["path"], "/cart");
    let detail = site.get("/api/decisions/2").await;
    assert!(detail["sent"].as_str().unwrap().contains("[redacted]"));
    assert_eq!(
        site.get("/api/export").await["decisions"][0]["note"],
        "ours"
    );
    // New ones go on where the old ones ended.
    site.visit("/", FIREFOX, "192.0.2.1").await;
    site.flush().await;
    assert_eq!(
        site.get("/api/decisions?limit=1").await["decisions"][0]["id"],
        4
    );
    drop(site);
    let bytes = std::fs::read(&path).unwrap();
    assert!(
        !bytes
            .windows(API_KEY.len())
            .any(|part| part == API_KEY.as_bytes())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_written_only_where_they_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inspector.sqlite");
    let inspector = Inspector::builder()
        .file(&path)
        .anonymize(Anonymize::Networks);
    let site = Site::with(inspector, |config| config).await;
    site.visit("/", "curl/8.5.0", "198.51.100.77").await;
    site.flush().await;
    let written = std::fs::read_dir(folder.path())
        .unwrap()
        .flat_map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let written: Vec<u8> = written.collect();
    let holds = |text: &str| {
        written
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("198.51.100.0/24"));
    assert!(!holds("198.51.100.77"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_bounded_as_the_ring_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inspector.sqlite");
    let site = Site::with(
        Inspector::builder().file(&path).max_decisions(2),
        |config| config,
    )
    .await;
    site.visit_by_three().await;
    site.visit_by_three().await;
    drop(site);
    let site = Site::with(Inspector::builder().file(&path), |config| config).await;
    let rows = site.get("/api/decisions").await;
    assert_eq!(rows["matching"], 2);
    let ids: Vec<&Value> = rows["decisions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["id"])
        .collect();
    assert_eq!(ids, [&json!(6), &json!(5)]);
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let error = Inspector::builder()
        .file("/does/not/exist/x.sqlite")
        .build()
        .unwrap_err();
    assert!(matches!(error, InspectorError::CreateFile { .. }));
    assert!(
        error.to_string().contains("/does/not/exist/x.sqlite"),
        "{error}"
    );
}

#[test]
fn two_processes_do_not_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inspector.sqlite");
    let first = Inspector::builder().file(&path).build().unwrap();
    let error = Inspector::builder().file(&path).build().unwrap_err();
    assert!(matches!(error, InspectorError::FileInUse(_)), "{error}");
    assert!(error.to_string().contains("in use by another process"));
    drop(first);
    Inspector::builder().file(&path).build().unwrap();
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inspector.sqlite");
    let _inspector = Inspector::builder().file(&path).build().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}: {mode:o}", entry.path());
    }
}
