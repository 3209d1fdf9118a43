//! The cookies of the page's tag: three values by exact name, and nothing else of a cookie header.

use rti_core::ApiVersion;
use serde_json::Value;

use crate::visitor::{BOTH, Visitor, config, document, request_sent};

const TAG: &str = "_cq_duid=d-1; _cq_pvid=p-1; _cq_s=s-1";

fn member<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    document.get(name).map(|value| value.as_str().unwrap())
}

#[tokio::test]
async fn the_session_cookie_travels_by_4_1_alone() {
    for (version, s_cookie) in [(ApiVersion::V4_0, None), (ApiVersion::V4_1, Some("s-1"))] {
        let sent = request_sent(config(version), &Visitor::with(&[("cookie", TAG)])).await;
        let document = sent.document();
        assert_eq!(member(&document, "duidCookie"), Some("d-1"));
        assert_eq!(member(&document, "pvidCookie"), Some("p-1"));
        assert_eq!(member(&document, "sCookie"), s_cookie);
        assert_eq!(sent.body.contains("s-1"), s_cookie.is_some());
    }
}

#[tokio::test]
async fn names_are_exact_and_the_first_of_several_wins() {
    for (header, duid, s) in [
        ("_cq_se=other; _cq_s=s", None, Some("s")),
        (
            "_cq_duid2=other; x_cq_duid=other; _CQ_DUID=other",
            None,
            None,
        ),
        ("_cq_duid=first; _cq_duid=second", Some("first"), None),
        ("_cq_duid=; _cq_duid=second", None, None),
        ("_cq_duid=a=b==; a=1", Some("a=b=="), None),
        ("a=\"; _cq_s=s\"; _cq_duid=d", Some("d"), Some("s\"")),
    ] {
        let visitor = Visitor::with(&[("cookie", header)]);
        let document = document(config(ApiVersion::V4_1), &visitor).await;
        assert_eq!(member(&document, "duidCookie"), duid, "{header}");
        assert_eq!(member(&document, "sCookie"), s, "{header}");
    }
}

/// As HTTP/2 clients send them.
#[tokio::test]
async fn cookies_may_be_split_over_headers() {
    let visitor = Visitor::with(&[
        ("cookie", "_cq_duid=d-1"),
        ("cookie", "_cq_pvid=p-1"),
        ("cookie", "_cq_duid=d-2"),
    ]);
    for version in BOTH {
        let document = document(config(version), &visitor).await;
        assert_eq!(member(&document, "duidCookie"), Some("d-1"));
        assert_eq!(member(&document, "pvidCookie"), Some("p-1"));
    }
}

/// v1's own cookie, and the application's.
#[tokio::test]
async fn no_other_cookie_travels() {
    let header = "session=a-secret; _cheq_rti=a-secret; _cq_other=a-secret";
    for version in BOTH {
        let sent = request_sent(config(version), &Visitor::with(&[("cookie", header)])).await;
        assert!(!sent.body.contains("a-secret"), "{}", sent.body);
    }
}
