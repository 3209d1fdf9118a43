//! `session_sync`: by which of its identifiers the service shall know a visitor again.

use rti_core::{ApiVersion, ConfigBuilder, SessionSync};
use serde_json::Value;

use crate::visitor::{self, BOTH, Visitor, document, request_sent};

const HEADERS: [(&str, &str); 7] = [
    ("host", "shop.example"),
    ("user-agent", "Mozilla/5.0"),
    ("accept", "text/html"),
    ("x-forwarded-for", "198.51.100.7"),
    ("x-real-ip", "198.51.100.7"),
    ("true-client-ip", "198.51.100.7"),
    ("cookie", "_cq_duid=d-1; _cq_pvid=p-1; _cq_s=s-1"),
];

/// Where identifiers stand.
const USER_AGENT: &str = "/endUserParams/headers/user-agent";
const DUID: &str = "/duidCookie";
const PVID: &str = "/pvidCookie";
const S: &str = "/sCookie";
const PAGE_VIEW: &str = "/pageViewId";
const IDENTIFIERS: [&str; 5] = [USER_AGENT, DUID, PVID, S, PAGE_VIEW];

/// Where the address stands, and where fronts repeat it.
const ADDRESSES: [&str; 4] = [
    "/endUserParams/clientIp",
    "/endUserParams/headers/x-forwarded-for",
    "/endUserParams/headers/x-real-ip",
    "/endUserParams/headers/true-client-ip",
];

/// What identifies nobody, or belongs to the request in every mode.
const ALWAYS: [&str; 7] = [
    "/customId1",
    "/clientUserId",
    "/endUserParams/requestUrl",
    "/endUserParams/headerNames",
    "/endUserParams/method",
    "/endUserParams/headers/host",
    "/endUserParams/headers/accept",
];

const MODES: [(SessionSync, &str, &[&str]); 5] = [
    (SessionSync::AllIdentifiers, "all_identifiers", &IDENTIFIERS),
    (SessionSync::IpUseragent, "ip_useragent", &[USER_AGENT]),
    (SessionSync::Cookies, "cookies", &[DUID, PVID, S]),
    (SessionSync::PageViewId, "pageviewid", &[PVID, PAGE_VIEW]),
    (SessionSync::Duid, "duid", &[DUID]),
];

fn config(version: ApiVersion) -> ConfigBuilder {
    visitor::config(version)
        .page_view_id(|_| Some("v-1".to_owned()))
        .client_user_id(|_| Some("u-1".to_owned()))
}

fn present<'a>(document: &Value, places: &[&'a str]) -> Vec<&'a str> {
    let is_there = |place: &&&str| document.pointer(place).is_some();
    places.iter().filter(is_there).copied().collect()
}

#[tokio::test]
async fn each_mode_sends_its_own_identifiers() {
    for version in BOTH {
        for (sync, _, expected) in MODES {
            let config = config(version).session_sync(sync);
            let document = document(config, &Visitor::with(&HEADERS)).await;
            let has_s_cookie = version == ApiVersion::V4_1;
            let expected: Vec<_> = expected
                .iter()
                .filter(|place| has_s_cookie || **place != S)
                .copied()
                .collect();
            assert_eq!(present(&document, &IDENTIFIERS), expected, "{sync:?}");
            assert_eq!(present(&document, &ALWAYS), ALWAYS, "{sync:?}");
        }
    }
}

/// It counts as an identifier too, and so do the headers in which fronts repeat it.
#[tokio::test]
async fn the_address_travels_as_an_identifier() {
    for version in BOTH {
        for (sync, _, _) in MODES {
            let config = config(version).session_sync(sync);
            let sent = request_sent(config, &Visitor::with(&HEADERS)).await;
            let sends = matches!(sync, SessionSync::AllIdentifiers | SessionSync::IpUseragent);
            let expected: &[&str] = if sends { &ADDRESSES } else { &[] };
            let document = sent.document();
            assert_eq!(present(&document, &ADDRESSES), expected, "{sync:?}");
            for address in ["198.51.100.7", "192.0.2.1"] {
                assert_eq!(sent.body.contains(address), sends, "{sync:?}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_word_all_identifiers_travel() {
    for version in BOTH {
        let said = config(version).session_sync(SessionSync::AllIdentifiers);
        let mut said = document(said, &Visitor::with(&HEADERS)).await;
        let unsaid = document(config(version), &Visitor::with(&HEADERS)).await;
        said["microTime"] = unsaid["microTime"].clone();
        assert_eq!(unsaid, said);
    }
}

#[test]
fn modes_have_the_names_of_the_express_edition() {
    for (sync, name, _) in MODES {
        assert_eq!(name.parse(), Ok(sync));
    }
    assert!("all".parse::<SessionSync>().is_err());
}
