//! Cookies: each line is the value of one `Cookie` header.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rti_core::ApiVersion::{V1, V4_0, V4_1};
use rti_fuzz::{Engine, FuzzRequest, Question, config};

/// The engine, the field, and the name of its cookie.
static FIELDS: LazyLock<[(Engine, &str, &str); 5]> = LazyLock::new(|| {
    let engine = |version| Engine::new(config(version)).unwrap();
    [
        (engine(V1), "CheqCookie", "_cheq_rti"),
        (engine(V4_1), "duidCookie", "_cq_duid"),
        (engine(V4_1), "pvidCookie", "_cq_pvid"),
        (engine(V4_1), "sCookie", "_cq_s"),
        (engine(V4_0), "duidCookie", "_cq_duid"),
    ]
});

fuzz_target!(|input: &[u8]| {
    let headers: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    for (engine, field, name) in &*FIELDS {
        let payload = payload_of(engine, &headers);
        let value = payload.field(field);
        assert_came_in(value, name, &headers);
        assert_eq!(
            payload.field("sCookie").filter(|_| field == &"CheqCookie"),
            None
        );

        // The first occurrence wins: what comes behind changes nothing, what comes first does.
        let more = format!("{name}=another");
        let behind: Vec<&[u8]> = headers.iter().copied().chain([more.as_bytes()]).collect();
        let expected = if is_there(name, &headers) {
            value
        } else {
            Some("another")
        };
        assert_eq!(payload_of(engine, &behind).field(field), expected);
        let first: Vec<&[u8]> = [more.as_bytes()]
            .into_iter()
            .chain(headers.iter().copied())
            .collect();
        assert_eq!(payload_of(engine, &first).field(field), Some("another"));
    }
});

fn payload_of(engine: &Engine, cookies: &[&[u8]]) -> Question {
    let mut request = FuzzRequest::parse(b"GET /");
    let cookies = cookies
        .iter()
        .map(|value| ("cookie".to_owned(), value.to_vec()));
    request.headers.extend(cookies);
    engine.ask(&request).payload.expect("a payload")
}

/// A value is one that some header gave to this name and no other.
fn assert_came_in(value: Option<&str>, name: &str, headers: &[&[u8]]) {
    let Some(value) = value else {
        return;
    };
    assert!(!value.contains(';'));
    let given = headers.iter().any(|header| {
        let header = String::from_utf8_lossy(header);
        header.split(';').any(|pair| {
            let pair = pair.trim_ascii();
            let rest = pair.strip_prefix(name).map(|rest| rest.trim_ascii_start());
            let rest = rest.and_then(|rest| rest.strip_prefix('='));
            rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(value))
        })
    });
    assert!(given, "{name}={value} came from nowhere");
}

/// Whether any header names the cookie, with or without a value.
fn is_there(name: &str, headers: &[&[u8]]) -> bool {
    headers.iter().any(|header| {
        let header = String::from_utf8_lossy(header);
        let mut pairs = header.split(';').filter_map(|pair| pair.split_once('='));
        pairs.any(|(found, _)| found.trim_ascii() == name)
    })
}
