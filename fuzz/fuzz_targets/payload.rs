//! Whole requests, over every protocol: `METHOD target`, then headers, `name: value`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rti_core::ApiVersion::{self, V1, V3, V4_0, V4_1};
use rti_fuzz::{Engine, FuzzRequest, config};

/// Marks what must not travel. Long, so that no field holds it by chance.
const SECRET: &str = "visitor-secret-0123456789";

static ENGINES: LazyLock<[(ApiVersion, Engine); 4]> = LazyLock::new(|| {
    [V1, V3, V4_0, V4_1].map(|version| {
        let options = config(version)
            .trusted_proxies(["192.0.2.0/24"])
            .trusted_host_header("x-cheq-rti-host")
            .ja3(|request| request.header("x-ja3"))
            .channel(|request| request.query_parameter("channel"));
        (version, Engine::new(options).unwrap())
    })
});

fuzz_target!(|input: &[u8]| {
    let mut request = FuzzRequest::parse(input);
    // Whether the fuzzer hit upon the marks by itself.
    let marked = String::from_utf8_lossy(input).contains(SECRET);
    for name in ["Authorization", "x-api-key"] {
        request.headers.push((name.to_owned(), SECRET.into()));
    }
    let cookies = format!("session={SECRET}; _cheq_rti2={SECRET}");
    request.headers.push(("Cookie".to_owned(), cookies.into()));
    for shuffled in [false, true] {
        request.shuffled = shuffled;
        for (version, engine) in &*ENGINES {
            let asked = engine.ask(&request);
            assert!(asked.decision.verdict().is_some() || version.number().starts_with('4'));
            // Reading it checked the bounds, the encoding and the key.
            let payload = asked.payload.expect("a payload");
            for (name, value) in &payload.fields {
                assert!(marked || !value.contains(SECRET), "{name} holds {value}");
            }
            let url = ["RequestURL", "endUserParams.requestUrl"];
            let url = url
                .iter()
                .find_map(|name| payload.field(name))
                .unwrap_or("http://");
            assert!(
                url.starts_with("http://") || url.starts_with("https://"),
                "{url}"
            );
        }
    }
});
