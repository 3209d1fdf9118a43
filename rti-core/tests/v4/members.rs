//! The members of a request, and which of them are left out.

use rti_core::{ApiVersion, ConfigBuilder};
use serde_json::Value;

use crate::visitor::{BOTH, Visitor, config, document, names, request_sent};

/// The members that only the site can tell, each with a setter of its own.
fn telling(config: ConfigBuilder, value: &'static str) -> ConfigBuilder {
    let told = move |name: &'static str| {
        if value.trim().is_empty() {
            value.to_owned()
        } else {
            format!("{value} {name}")
        }
    };
    config
        .channel(move |_| Some(told("channel")))
        .custom_id3(move |_| Some(told("customId3")))
        .custom_id4(move |_| Some(told("customId4")))
        .page_view_id(move |_| Some(told("pageViewId")))
        .client_user_id(move |_| Some(told("clientUserId")))
}

#[tokio::test]
async fn each_version_has_its_own_place() {
    for (version, path) in [
        (ApiVersion::V4_0, "/defend/4.0/traffic"),
        (ApiVersion::V4_1, "/defend/4.1/traffic"),
    ] {
        let sent = request_sent(config(version), &Visitor::unknown()).await;
        assert_eq!(sent.path, path);
        assert_eq!(sent.content_type, "application/json");
    }
}

#[tokio::test]
async fn what_the_site_tells_travels_under_its_name() {
    for version in BOTH {
        let config = telling(config(version), "the");
        let document = document(config, &Visitor::with(&[])).await;
        for member in [
            "channel",
            "customId3",
            "customId4",
            "pageViewId",
            "clientUserId",
        ] {
            assert_eq!(document[member], format!("the {member}"));
        }
    }
}

#[tokio::test]
async fn the_header_that_is_configured_is_the_second_custom_id() {
    let sent = [("X-Request-Id", "edge-1"), ("X-Trace-Id", "trace-1")];
    for version in BOTH {
        let visitor = Visitor::with(&sent);
        for (configured, expected) in [("x-request-id", "edge-1"), ("X-TRACE-ID", "trace-1")] {
            let config = config(version).request_id_header(configured);
            let document = document(config, &visitor).await;
            assert_eq!(document["customId2"], expected);
            // It is no header of the list, and travels as nothing else.
            assert_eq!(document["endUserParams"]["headers"], serde_json::json!({}));
        }
        let unconfigured = request_sent(config(version), &visitor).await;
        assert_eq!(unconfigured.document().get("customId2"), None);
        assert!(!unconfigured.body.contains("edge-1"), "{unconfigured:?}");
        let config = config(version).request_id_header("x-amzn-trace-id");
        let absent = document(config, &visitor).await;
        assert_eq!(absent.get("customId2"), None);
    }
}

/// Members of a request about someone of whom there is nothing to tell.
fn assert_bare(document: &Value) {
    let mut members = names(document);
    members.sort_unstable();
    let always = [
        "apiKey",
        "customId1",
        "endUserParams",
        "isHeaderNamesOrdered",
        "microTime",
        "tagHash",
    ];
    assert_eq!(members, always);
}

#[tokio::test]
async fn absent_members_are_left_out() {
    for version in BOTH {
        let config = config(version).request_id_header("x-request-id");
        let document = document(config, &Visitor::unknown()).await;
        assert_bare(&document);
        let visitor = serde_json::json!({"method": "GET", "headers": {}});
        assert_eq!(document["endUserParams"], visitor);
    }
}

/// The service refuses empty members, and a refused request is a visitor who continues unchecked.
#[tokio::test]
async fn blank_members_are_left_out() {
    let headers = [
        ("user-agent", ""),
        ("accept", "  "),
        ("x-request-id", ""),
        ("cookie", "_cq_duid=; _cq_pvid=; _cq_s="),
    ];
    for version in BOTH {
        for blank in ["", "  "] {
            let config = telling(config(version), blank)
                .request_id_header("x-request-id")
                .ja4(move |_| Some(blank.to_owned()));
            let document = document(config, &Visitor::with(&headers)).await;
            assert_bare(&document);
            assert_eq!(document["endUserParams"]["headers"], serde_json::json!({}));
        }
    }
}
