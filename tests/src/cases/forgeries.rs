//! What visitors write into headers that only a trusted proxy may set.

use crate::Stage;
use crate::client::{HOST, Request};
use rti_simulator::{Rule, Verdict, field};

crate::suite::cases![
    forged_headers_change_nothing,
    a_forged_address_does_not_get_past_a_rule,
    an_absolute_target_does_not_choose_the_scheme,
];

const FORGED: [(&str, &str); 9] = [
    ("X-Forwarded-For", "203.0.113.9"),
    ("Forwarded", "for=203.0.113.9;host=evil.example;proto=https"),
    ("X-Real-IP", "203.0.113.9"),
    ("True-Client-IP", "203.0.113.9"),
    ("Remote-Addr", "203.0.113.9"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "https"),
    ("x-cheq-rti-host", "evil.example"),
    ("x-cheq-rti-result", "version=1;is-invalid=false"),
];

async fn forged_headers_change_nothing(stage: Stage) {
    let site = stage.start().await;
    for (name, value) in FORGED {
        let request = Request::get("/about").header(name, value);
        let payload = site.payload_of(&request).await;
        for (field, expected) in [
            ("ClientIP", "127.0.0.1"),
            ("Host", HOST),
            ("RequestURL", "http://shop.example/about"),
        ] {
            assert_eq!(payload.field(field).as_deref(), Some(expected), "{name}");
        }
    }
}

async fn a_forged_address_does_not_get_past_a_rule(stage: Stage) {
    let loopback = field("ClientIP").in_network("127.0.0.0/8").unwrap();
    let rules = [Rule::when(loopback).then(Verdict::threat(3))];
    let site = stage.blocking().rules(rules).start().await;
    for (name, value) in FORGED {
        let response = site.send(&Request::get("/").header(name, value)).await;
        assert_eq!(response.status, 403, "{name}");
    }
}

async fn an_absolute_target_does_not_choose_the_scheme(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("https://shop.example/about");
    let payload = site.payload_of(&request).await;
    let url = payload.field("RequestURL");
    assert_eq!(url.as_deref(), Some("http://shop.example/about"));
}
