//! Recorded texts are hostile: they stay text.

use serde_json::Value;

use crate::harness::Site;

const MARKUP: &str = "</script><img src=x onerror=alert(1)>\"'&";

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_a_header_travels_as_json_that_no_browser_takes_for_a_page() {
    let site = Site::start().await;
    site.visit("/x%3Cscript%3E'", MARKUP, "192.0.2.1").await;
    site.flush().await;
    for path in [
        "/api/decisions",
        "/api/decisions/1",
        "/api/summary",
        "/api/export",
    ] {
        let response = site.send("GET", path, &site.bearer(), "").await;
        assert!(
            response.head.contains("content-type: application/json"),
            "{}",
            response.head
        );
        assert!(response.head.contains("x-content-type-options: nosniff"));
    }
    let rows = site.get("/api/decisions").await;
    assert_eq!(rows["decisions"][0]["user_agent"], MARKUP);
}

/// What a visitor wrote cannot end an event and begin another.
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_stay_in_their_text() {
    let site = Site::start().await;
    site.visit("/a\tb", "x\tdata: {}\tevent: lost", "192.0.2.1")
        .await;
    site.visit("/%0a%0aevent:%20lost", "curl/8.5.0", "192.0.2.1")
        .await;
    site.flush().await;
    let response = site.send("GET", "/api/decisions", &site.bearer(), "").await;
    let rows: Value = serde_json::from_str(&response.body).unwrap();
    assert!(!response.body.contains('\t'));
    let last = &rows["decisions"][0];
    assert_eq!(last["path"], "/%0a%0aevent:%20lost");
}

/// The page sets what it got as text. This reads its scripts, as no browser is at hand here.
#[test]
fn no_script_of_the_page_makes_markup_of_texts() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page");
    let mut scripts = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "srcdoc",
        ] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
        if path
            .extension()
            .is_some_and(|extension| extension == "html")
        {
            for word in [
                "style=",
                "onclick",
                "<style",
                "javascript:",
                "http://",
                "https://",
            ] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
        scripts += usize::from(path.extension().is_some_and(|extension| extension == "js"));
    }
    assert!(scripts >= 7);
}
