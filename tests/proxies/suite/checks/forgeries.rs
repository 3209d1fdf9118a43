//! Headers that a visitor writes and only a proxy may: none changes anything, and those that the
//! configuration removes do not arrive.

use rti_conformance::client::{HOST, Request};
use rti_simulator::Received;

use super::checks;
use crate::site::Setting;
use crate::tunnel::VISITOR;

checks![
    a_forged_x_forwarded_for_changes_nothing,
    several_forged_x_forwarded_for_change_nothing,
    a_forged_forwarded_is_removed,
    a_forged_x_forwarded_proto_changes_nothing,
    a_forged_x_forwarded_host_changes_nothing,
    a_forged_rti_host_is_removed,
    a_forged_result_is_removed,
    forged_addresses_of_other_proxies_are_removed,
    forged_headers_change_nothing_over_http2,
];

/// The visitor is still who it is.
fn assert_genuine(payload: &Received) {
    assert_eq!(payload.field("ClientIP"), Some(VISITOR.to_string()));
    assert_eq!(payload.field("Host").as_deref(), Some(HOST));
    let url = payload.field("RequestURL");
    assert_eq!(url, Some(format!("https://{HOST}/headers")));
}

async fn assert_changes_nothing(setting: Setting, forged: &[(&str, &str)]) {
    let site = setting.start().await;
    let payload = site.payload(&with(forged)).await;
    assert_genuine(&payload);
}

/// RTI removes or replaces some of them itself, so what it saw is what counts.
async fn assert_removed(setting: Setting, name: &str, value: &str) {
    let site = setting.start().await;
    let payload = site.payload(&with(&[(name, value)])).await;
    assert_genuine(&payload);
    let names = payload.field("HeaderNames").unwrap().to_lowercase();
    let is_there = names.split(',').any(|there| there == name.to_lowercase());
    assert!(!is_there, "{name} among {names}");
}

fn with(headers: &[(&str, &str)]) -> Request {
    headers
        .iter()
        .fold(Request::get("/headers"), |request, (name, value)| {
            request.header(name, value)
        })
}

async fn a_forged_x_forwarded_for_changes_nothing(setting: Setting) {
    assert_changes_nothing(setting, &[("X-Forwarded-For", "203.0.113.9")]).await;
}

async fn several_forged_x_forwarded_for_change_nothing(setting: Setting) {
    let forged = [
        ("X-Forwarded-For", "203.0.113.9, 127.0.0.3"),
        ("x-forwarded-for", "127.0.0.4"),
    ];
    assert_changes_nothing(setting, &forged).await;
}

async fn a_forged_forwarded_is_removed(setting: Setting) {
    let value = "for=203.0.113.9;proto=http;host=evil.example";
    assert_removed(setting, "Forwarded", value).await;
}

async fn a_forged_x_forwarded_proto_changes_nothing(setting: Setting) {
    assert_changes_nothing(setting, &[("X-Forwarded-Proto", "http")]).await;
}

async fn a_forged_x_forwarded_host_changes_nothing(setting: Setting) {
    let site = setting.start().await;
    let response = site
        .send(&with(&[("X-Forwarded-Host", "evil.example")]))
        .await;
    assert!(!response.text().contains("evil.example"), "{response:?}");
    assert_genuine(&site.simulator.journal().pop().unwrap());
}

async fn a_forged_rti_host_is_removed(setting: Setting) {
    assert_removed(setting, "x-cheq-rti-host", "evil.example").await;
}

async fn a_forged_result_is_removed(setting: Setting) {
    assert_removed(setting, "x-cheq-rti-result", "is-invalid=false").await;
}

async fn forged_addresses_of_other_proxies_are_removed(setting: Setting) {
    for name in ["X-Real-IP", "True-Client-IP"] {
        assert_removed(setting, name, "203.0.113.9").await;
    }
}

async fn forged_headers_change_nothing_over_http2(setting: Setting) {
    let site = setting.start().await;
    let request = with(&[
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("x-forwarded-proto", "http"),
        ("x-cheq-rti-host", "evil.example"),
        ("x-cheq-rti-result", "is-invalid=false"),
    ]);
    let payload = site.payload_over_http2(&request).await;
    assert_genuine(&payload);
    let names = payload.field("HeaderNames").unwrap().to_lowercase();
    for removed in ["forwarded", "x-cheq-rti-host", "x-cheq-rti-result"] {
        assert!(!names.split(',').any(|name| name == removed), "{names}");
    }
}
