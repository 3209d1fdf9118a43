//! `ClientIP`: whose word is taken for the visitor's address (wire-protocol, section 6).

use crate::client::Request;
use crate::{Site, Stage};
use rti_core::ConfigBuilder;

crate::suite::cases![
    the_address_is_the_peers,
    a_trusted_header_names_the_address,
    a_trusted_header_that_names_none_leaves_the_peer,
    forwarded_for_is_walked_from_the_right_past_trusted_hops,
    forwarded_is_walked_where_there_is_no_forwarded_for,
    proxies_that_are_not_trusted_are_not_believed,
    a_trusted_header_counts_from_trusted_proxies_alone,
    a_trusted_proxy_tells_the_scheme,
    addresses_are_configured_by_variables_too,
];

async fn client_ip(site: &Site, headers: &[(&str, &str)]) -> String {
    let request = headers
        .iter()
        .fold(Request::get("/"), |request, (name, value)| {
            request.header(name, value)
        });
    let payload = site.payload_of(&request).await;
    payload.field("ClientIP").unwrap()
}

async fn the_address_is_the_peers(stage: Stage) {
    let site = stage.start().await;
    assert_eq!(client_ip(&site, &[]).await, "127.0.0.1");
}

async fn a_trusted_header_names_the_address(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_ip_header("CF-Connecting-IP"));
    let site = stage.start().await;
    for (value, expected) in [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ] {
        let named = client_ip(&site, &[("cf-connecting-ip", value)]).await;
        assert_eq!(named, expected, "{value}");
    }
}

async fn a_trusted_header_that_names_none_leaves_the_peer(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_ip_header("X-Real-IP"));
    let site = stage.start().await;
    assert_eq!(client_ip(&site, &[]).await, "127.0.0.1");
    for value in ["unknown", "", "203.0.113", "203.0.113.9, unknown"] {
        let address = client_ip(&site, &[("X-Real-IP", value)]).await;
        assert_eq!(address, "127.0.0.1", "{value}");
    }
}

async fn behind_proxies(stage: Stage) -> Site {
    let networks = ["127.0.0.0/8", "10.0.0.0/8", "192.0.2.1"];
    let stage = stage.configure(move |config| config.trusted_proxies(networks));
    stage.start().await
}

async fn forwarded_for_is_walked_from_the_right_past_trusted_hops(stage: Stage) {
    let site = behind_proxies(stage).await;
    for (hops, expected) in [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("6.6.6.6,203.0.113.9:4711,192.0.2.1,10.9.9.9", "203.0.113.9"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
        ("unknown", "127.0.0.1"),
        ("2001:db8::7, 10.0.0.2", "2001:db8::7"),
    ] {
        let address = client_ip(&site, &[("X-Forwarded-For", hops)]).await;
        assert_eq!(address, expected, "{hops}");
    }
    let twice = [
        ("X-Forwarded-For", "6.6.6.6, 203.0.113.9"),
        ("Accept", "*/*"),
        ("X-Forwarded-For", "10.0.0.2"),
    ];
    assert_eq!(client_ip(&site, &twice).await, "203.0.113.9");
}

async fn forwarded_is_walked_where_there_is_no_forwarded_for(stage: Stage) {
    let site = behind_proxies(stage).await;
    for (hops, expected) in [
        ("for=203.0.113.9;proto=https", "203.0.113.9"),
        ("for=6.6.6.6, For=\"203.0.113.9:4711\"", "203.0.113.9"),
        ("for=\"[2001:db8::7]:4711\", for=10.0.0.2", "2001:db8::7"),
        ("for=203.0.113.9, for=_hidden", "127.0.0.1"),
        ("for=203.0.113.9, proto=https", "127.0.0.1"),
    ] {
        let address = client_ip(&site, &[("Forwarded", hops)]).await;
        assert_eq!(address, expected, "{hops}");
    }
    let both = [
        ("Forwarded", "for=6.6.6.6"),
        ("X-Forwarded-For", "203.0.113.9"),
    ];
    assert_eq!(client_ip(&site, &both).await, "203.0.113.9");
}

async fn proxies_that_are_not_trusted_are_not_believed(stage: Stage) {
    let stage = stage.configure(|config| config.trusted_proxies(["10.0.0.0/8"]));
    let site = stage.start().await;
    for header in ["X-Forwarded-For", "X-Real-IP", "Forwarded"] {
        let address = client_ip(&site, &[(header, "203.0.113.9")]).await;
        assert_eq!(address, "127.0.0.1", "{header}");
    }
}

async fn a_trusted_header_counts_from_trusted_proxies_alone(stage: Stage) {
    for (network, expected) in [("127.0.0.1", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")] {
        let stage = stage.again().configure(move |config| {
            config
                .trusted_ip_header("X-Real-IP")
                .trusted_proxies([network])
        });
        let site = stage.start().await;
        let address = client_ip(&site, &[("X-Real-IP", "203.0.113.9")]).await;
        assert_eq!(address, expected, "{network}");
    }
}

async fn a_trusted_proxy_tells_the_scheme(stage: Stage) {
    let site = behind_proxies(stage).await;
    let request = Request::get("/about").header("X-Forwarded-Proto", "https");
    let payload = site.payload_of(&request).await;
    let url = payload.field("RequestURL");
    assert_eq!(url.as_deref(), Some("https://shop.example/about"));
}

async fn addresses_are_configured_by_variables_too(stage: Stage) {
    let options = ConfigBuilder::from_vars([("RTI_TRUSTED_PROXIES", "127.0.0.0/8, 10.0.0.0/8")]);
    let site = stage.again().configure_from(options).start().await;
    let hops = [("X-Forwarded-For", "203.0.113.9, 10.0.0.1")];
    assert_eq!(client_ip(&site, &hops).await, "203.0.113.9");
    let options = ConfigBuilder::from_vars([("RTI_TRUSTED_IP_HEADER", "X-Client")]);
    let site = stage.configure_from(options).start().await;
    assert_eq!(
        client_ip(&site, &[("X-Client", "203.0.113.9")]).await,
        "203.0.113.9"
    );
}
