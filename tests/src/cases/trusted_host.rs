//! `Host` and `RequestURL` behind a proxy that changes `Host`: a header that the configuration names
//! tells the host, and no other does.

use crate::client::{HOST, Request};
use crate::{Site, Stage};
use rti_core::ConfigBuilder;

crate::suite::cases![
    no_header_tells_the_host_by_default,
    a_named_header_tells_the_host,
    a_named_header_without_a_host_leaves_the_request_s,
    a_named_header_counts_from_trusted_proxies_alone,
    the_header_is_named_by_a_variable_too,
];

const NAMED: &str = "x-cheq-rti-host";
const OTHERS: [&str; 3] = ["X-Forwarded-Host", "X-Original-Host", NAMED];

async fn assert_host(site: &Site, header: (&str, &str), host: &str) {
    let (name, value) = header;
    let request = Request::get("/about").header(name, value);
    let payload = site.payload_of(&request).await;
    let field = |field| payload.field(field);
    assert_eq!(field("Host").as_deref(), Some(host), "{name}: {value}");
    let url = format!("http://{host}/about");
    assert_eq!(field("RequestURL"), Some(url), "{name}: {value}");
}

async fn no_header_tells_the_host_by_default(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_proxies(["127.0.0.0/8"]));
    let site = stage.start().await;
    for name in OTHERS {
        assert_host(&site, (name, "evil.example"), HOST).await;
    }
}

async fn a_named_header_tells_the_host(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_host_header(NAMED));
    let site = stage.start().await;
    for (value, host) in [
        ("www.example.com", "www.example.com"),
        ("www.example.com:8443", "www.example.com:8443"),
        ("evil.example, www.example.com", "www.example.com"),
    ] {
        assert_host(&site, (NAMED, value), host).await;
        let upper = NAMED.to_uppercase();
        assert_host(&site, (&upper, value), host).await;
    }
    assert_host(&site, ("X-Forwarded-Host", "evil.example"), HOST).await;
}

async fn a_named_header_without_a_host_leaves_the_request_s(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_host_header(NAMED));
    let site = stage.start().await;
    for value in ["", " ", "evil.example,", "evil.example, "] {
        assert_host(&site, (NAMED, value), HOST).await;
    }
}

async fn a_named_header_counts_from_trusted_proxies_alone(stage: Stage) {
    for (network, host) in [("127.0.0.1", "www.example.com"), ("10.0.0.0/8", HOST)] {
        let stage = stage.again().configure(move |config| {
            let config = config.trusted_host_header(NAMED);
            config.trusted_proxies([network])
        });
        let site = stage.start().await;
        assert_host(&site, (NAMED, "www.example.com"), host).await;
    }
}

async fn the_header_is_named_by_a_variable_too(stage: Stage) {
    let options = ConfigBuilder::from_vars([("RTI_TRUSTED_HOST_HEADER", "X-Forwarded-Host")]);
    let site = stage.configure_from(options).start().await;
    let header = ("X-Forwarded-Host", "www.example.com");
    assert_host(&site, header, "www.example.com").await;
}
