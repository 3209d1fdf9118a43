//! What a visitor sends must not make the service unable to say who the visitor is.

use std::net::{IpAddr, Ipv4Addr};

use rti_core::{ApiVersion, Decision, Rti};
use rti_simulator::{Rule, Simulator, Verdict};

use crate::checking::{Page, config};

/// Headers that travel, in the order of nothing in particular.
const TRAVELLING: [&str; 12] = [
    "accept",
    "accept-language",
    "accept-encoding",
    "accept-charset",
    "referer",
    "origin",
    "connection",
    "pragma",
    "cache-control",
    "content-type",
    "x-requested-with",
    "x-real-ip",
];

/// Every travelling header, each as long as a field may be and longer.
fn stuffed(filling: &str) -> Page {
    let value = filling.repeat(5000 / filling.len());
    let headers = TRAVELLING.map(|name| (name, value.clone()));
    Page {
        headers: headers.into(),
        ..Page::default()
    }
}

async fn decision_about(page: &Page, version: ApiVersion) -> (Simulator, Decision) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    simulator.set_rules([Rule::always().then(Verdict::threat(3))]);
    let config = config(&simulator.origin()).api_version(version);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    let decision = rti.decide(rti.inspect(page)).await;
    (simulator, decision)
}

/// Otherwise large headers would be a way past every verdict: the service refuses the request,
/// and the visitor continues unchecked.
#[tokio::test]
async fn headers_of_any_size_leave_a_request_that_the_service_accepts() {
    for version in [ApiVersion::V1, ApiVersion::V4_1] {
        for filling in ["x", "\u{e9}", "\u{1f600}", "\"", "% &"] {
            let (simulator, decision) = decision_about(&stuffed(filling), version).await;
            let refusals = simulator.refusals();
            assert!(
                refusals.is_empty(),
                "{version:?}, {filling:?}: {refusals:?}"
            );
            assert_eq!(decision.outcome().as_str(), "evaluated");
        }
    }
}

/// The room for text is bounded, but what tells visitors apart has a place in it.
#[tokio::test]
async fn headers_of_any_size_push_nothing_out_that_matters() {
    let (simulator, _) = decision_about(&stuffed("x"), ApiVersion::V1).await;
    let journal = simulator.journal();
    for (field, expected) in [
        ("Host", "shop.example"),
        ("RequestURL", "http://shop.example/shop?item=1"),
        ("UserAgent", "Mozilla/5.0"),
        ("ClientIP", "192.0.2.1"),
    ] {
        assert_eq!(
            journal[0].field(field).as_deref(),
            Some(expected),
            "{field}"
        );
    }
}

/// The address that a trusted proxy appends stands behind all that the client sent.
#[tokio::test]
async fn headers_of_any_size_do_not_hide_the_address() {
    let mut page = stuffed("x");
    let hops = "203.0.113.9, 198.51.100.7".to_owned();
    page.headers.push(("x-forwarded-for", hops));
    let config = config("http://127.0.0.1:9").trusted_proxies(["192.0.2.0/24"]);
    let transport = crate::scripted::Scripted::default();
    let rti = Rti::with_transport(config.build().unwrap(), transport);
    let inspection = rti.inspect(&page);
    let client: IpAddr = Ipv4Addr::new(198, 51, 100, 7).into();
    assert_eq!(inspection.payload().unwrap().client_ip(), Some(client));
}
