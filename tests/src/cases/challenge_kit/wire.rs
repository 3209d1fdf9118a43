//! Requests for the kit as no browser writes them: spellings of its paths, and bodies that come in pieces, in
//! part, or not at all.

use serde_json::json;

use super::{PREFIX, challenging, navigation, solved};
use crate::Stage;
use crate::client::Request;

crate::suite::cases![
    another_spelling_of_a_path_of_the_kit_is_no_way_to_the_application: needs ChallengeKit,
    a_path_of_the_kit_is_answered_by_the_kit_whatever_the_method: needs ChallengeKit,
    a_solution_in_chunks_clears: needs ChallengeKit,
    a_solution_that_waits_for_the_go_ahead_clears: needs ChallengeKit,
    a_solution_whose_end_is_broken_clears_nobody: needs ChallengeKit,
];

async fn another_spelling_of_a_path_of_the_kit_is_no_way_to_the_application(stage: Stage) {
    let site = challenging(stage).await;
    for target in [
        "//.well-known/rti/page",
        "/.well-known//rti/page",
        "/.well-known/rti//page",
        "/.well-known/rti/../../about",
        "/.well-known/rti/..%2f..%2fabout",
        "/.well-known/rti/%2e%2e/%2e%2e/about",
        "/.well-known/rti/page/../../../about",
        "/.well-known/rti/page/",
        "/.well-known/rti/page%00",
        "/.well-known/rti/page;a=b",
        "/.WELL-KNOWN/rti/page",
        "/.well-known%2frti%2fpage",
        "/%2ewell-known/rti/page",
        "/.well-known/rti\\..\\..\\about",
        "/./.well-known/rti/page",
        "/about/../.well-known/rti/page",
        "/about?/.well-known/rti/page",
        "/about/.well-known/rti/page",
        "http://shop.example/.well-known/rti/../../about",
        "http://shop.example/about",
        "http://shop.example/.well-known/rti/page",
    ] {
        let response = site.send(&navigation(target)).await;
        assert!(
            (400..500).contains(&response.status),
            "{target}: {response:?}"
        );
        assert!(response.cookies().is_empty(), "{target}");
    }
    assert_eq!(site.application.count(), 0);
}

async fn a_path_of_the_kit_is_answered_by_the_kit_whatever_the_method(stage: Stage) {
    let site = challenging(stage).await;
    for path in [
        "challenge",
        "verify",
        "page",
        "assets/altcha-3.2.2.js",
        "other",
    ] {
        for method in ["PUT", "PATCH", "DELETE", "OPTIONS"] {
            let target = format!("{PREFIX}{path}");
            let mut connection = site.connect().await;
            let request = Request::new(method, &target).header("Accept", "text/html");
            for _ in 0..2 {
                let response = connection.send(&request).await;
                assert!(
                    [404, 405].contains(&response.status),
                    "{method} {path}: {response:?}"
                );
            }
        }
    }
    assert_eq!((site.calls(), site.application.count()), (0, 0));
}

fn head(headers: &[(&str, &str)]) -> Request {
    let request = Request::new("POST", &format!("{PREFIX}verify"))
        .header("Accept", "application/json")
        .header("Content-Type", "application/json");
    headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

async fn a_solution_in_chunks_clears(stage: Stage) {
    let site = challenging(stage).await;
    let body = json!({ "altcha": solved(&site).await }).to_string();
    let mut connection = site.connect().await;
    let head = head(&[("Transfer-Encoding", "chunked")]);
    connection.write(head.bytes()).await;
    for piece in body.as_bytes().chunks(100) {
        connection.write(format!("{:x}\r\n", piece.len())).await;
        connection.write(piece).await;
        connection.write("\r\n").await;
    }
    connection.write("0\r\n\r\n").await;
    let passed = connection.response_to("POST").await;
    assert_eq!(passed.status, 200, "{passed:?}");
}

async fn a_solution_that_waits_for_the_go_ahead_clears(stage: Stage) {
    let site = challenging(stage).await;
    let body = json!({ "altcha": solved(&site).await }).to_string();
    let length = body.len().to_string();
    let mut connection = site.connect().await;
    let head = head(&[("Content-Length", &length), ("Expect", "100-continue")]);
    connection.write(head.bytes()).await;
    assert_eq!(connection.head().await.status, 100);
    connection.write(body).await;
    let passed = connection.response_to("POST").await;
    assert_eq!(passed.status, 200, "{passed:?}");
}

/// The solution is complete as far as it goes, and what follows is no chunk.
async fn a_solution_whose_end_is_broken_clears_nobody(stage: Stage) {
    let site = challenging(stage).await;
    let body = json!({ "altcha": solved(&site).await }).to_string();
    let mut connection = site.connect().await;
    let head = head(&[("Transfer-Encoding", "chunked")]);
    connection.write(head.bytes()).await;
    let chunk = format!("{:x}\r\n{body}\r\nbroken\r\n", body.len());
    connection.write(chunk).await;
    let answer = connection.rest().await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.contains("clearance"), "{answer}");
}
