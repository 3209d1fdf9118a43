//! The client address: each line is a header that a client sends, `name: value`.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use rti_core::ApiVersion;
use rti_fuzz::{Engine, FuzzRequest, config};

const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const VISITOR: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// The header in which a front names the visitor.
const TRUSTED: &str = "x-front-client";

struct Engines {
    without_proxies: Engine,
    behind_proxies: Engine,
    with_header: Engine,
}

static ENGINES: LazyLock<Engines> = LazyLock::new(|| {
    let options = || config(ApiVersion::V1);
    let proxies = ["10.0.0.0/8", "2001:db8::/32"];
    Engines {
        without_proxies: Engine::new(options()).unwrap(),
        behind_proxies: Engine::new(options().trusted_proxies(proxies)).unwrap(),
        with_header: Engine::new(
            options()
                .trusted_proxies(proxies)
                .trusted_ip_header(TRUSTED),
        )
        .unwrap(),
    }
});

fuzz_target!(|input: &[u8]| {
    let forged = FuzzRequest::parse(&[b"GET /\n", input].concat());
    let Engines {
        without_proxies,
        behind_proxies,
        with_header,
    } = &*ENGINES;

    // An address is trusted only where the configuration names it.
    let from = |peer| FuzzRequest {
        peer,
        ..forged.clone()
    };
    for engine in [without_proxies, behind_proxies, with_header] {
        assert_eq!(engine.ask(&from(Some(STRANGER))).client_ip, Some(STRANGER));
        assert_eq!(engine.ask(&from(None)).client_ip, None);
    }
    assert_eq!(
        without_proxies.ask(&from(Some(PROXY))).client_ip,
        Some(PROXY)
    );

    // What the proxies append stands, whatever a client sent before it.
    let appended = |name: &str, value: &str| appended(from(Some(PROXY)), name, value);
    for hops in [
        "198.51.100.7",
        "198.51.100.7, 10.9.9.9",
        "198.51.100.7:4711,[2001:db8::1]:1",
    ] {
        let request = appended("x-forwarded-for", hops);
        let asked = behind_proxies.ask(&request);
        assert_eq!(asked.client_ip, Some(VISITOR));
        let payload = asked.payload.expect("a payload");
        assert_eq!(payload.field("ClientIP"), Some("198.51.100.7"));
    }
    let request = appended(TRUSTED, "198.51.100.7");
    assert_eq!(with_header.ask(&request).client_ip, Some(VISITOR));
    // A proxy that sets the header instead of appending to it.
    let mut request = appended("forwarded", "for=198.51.100.7");
    request
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("x-forwarded-for"));
    assert_eq!(behind_proxies.ask(&request).client_ip, Some(VISITOR));
});

/// As proxies append: to the last header of the name, or with one more behind all others.
fn appended(mut request: FuzzRequest, name: &str, value: &str) -> FuzzRequest {
    let is = |(header, _): &&mut (String, Vec<u8>)| header.eq_ignore_ascii_case(name);
    match request.headers.iter_mut().rev().find(is) {
        Some((_, before)) => before.extend_from_slice(format!(", {value}").as_bytes()),
        None => request.headers.push((name.to_owned(), value.into())),
    }
    request
}
