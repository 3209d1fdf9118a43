//! The exact bytes of one browser's request, a file a protocol in `golden/`.
//!
//! The request is the one that was recorded of the Python edition, with the cookies of the page's tag
//! beside. Only the time differs from run to run; it is replaced by zeros.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something does not hold"
)]

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use regex::bytes::Regex;
use rti_core::{
    ApiRequest, ApiResponse, ApiVersion, CallError, Config, HeaderCase, HeaderOrder, HttpVersion,
    Rti, RtiRequest, Transport,
};

const HEADERS: [(&str, &str); 10] = [
    ("Host", "127.0.0.1:9912"),
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    ("Accept", "text/html,application/xhtml+xml"),
    ("Accept-Language", "en-US,en;q=0.5"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "https://www.example.com/?q=a b"),
    (
        "Cookie",
        "a=1; _cheq_rti=c2Vzc2lvbg==; b=2; _cq_duid=d-1; _cq_pvid=p=1; _cq_se=no; _cq_s=s-1",
    ),
    ("X-Forwarded-For", "198.51.100.7, 203.0.113.9"),
    ("X-Request-Id", "edge-1"),
    ("Upgrade-Insecure-Requests", "1"),
];

struct Browser;

impl RtiRequest for Browser {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> Cow<'_, str> {
        "/subscribe?channel=summer%20sale".into()
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in HEADERS {
            visit(name, value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn header_order(&self) -> HeaderOrder {
        HeaderOrder::Wire
    }

    fn header_case(&self) -> HeaderCase {
        HeaderCase::AsReceived
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        Some(Ipv4Addr::LOCALHOST.into())
    }
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<u8>>>);

#[rti_core::async_trait]
impl Transport for Recorder {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        *self.0.lock().unwrap() = call.body.to_vec();
        Ok(ApiResponse::new(200, "{}"))
    }
}

async fn sent(version: ApiVersion) -> String {
    let mut builder = Config::builder("k-1", "t-1", "us")
        .api_version(version)
        .route_to_event_type([("/subscribe", "subscribe")])
        .trusted_proxies(["127.0.0.1"])
        .channel(|request| request.query_parameter("channel"))
        .ja3(|_| Some("771,4865-4866,0-23,29-23,0".to_owned()))
        .ja4(|_| Some("t13d1516h2_8daaf6152771_e5627efa2ab1".to_owned()))
        .client_user_id(|_| Some("user \"7\"".to_owned()));
    if matches!(version, ApiVersion::V4_0 | ApiVersion::V4_1) {
        builder = builder.request_id_header("x-request-id");
    }
    let recorder = Recorder::default();
    let rti = Rti::with_transport(builder.build().unwrap(), recorder.clone());
    let rti = rti.with_middleware_name("rust_golden_1.0.0");
    rti.decide(rti.inspect(&Browser)).await;
    let body = recorder.0.lock().unwrap().clone();
    let time = Regex::new(r#"(RequestTime=|"microTime":")(\d+)"#).unwrap();
    let body = time.replace(&body, |found: &regex::bytes::Captures<'_>| {
        [&found[1], &b"0".repeat(found[2].len())].concat()
    });
    String::from_utf8(body.into_owned()).unwrap()
}

#[tokio::test]
async fn v1_form() {
    assert_eq!(
        sent(ApiVersion::V1).await,
        include_str!("golden/v1.form").trim_end()
    );
}

#[tokio::test]
async fn v3_form() {
    assert_eq!(
        sent(ApiVersion::V3).await,
        include_str!("golden/v3.form").trim_end()
    );
}

#[tokio::test]
async fn v4_0_json() {
    assert_eq!(
        sent(ApiVersion::V4_0).await,
        include_str!("golden/v4.0.json").trim_end()
    );
}

#[tokio::test]
async fn v4_1_json() {
    assert_eq!(
        sent(ApiVersion::V4_1).await,
        include_str!("golden/v4.1.json").trim_end()
    );
}
