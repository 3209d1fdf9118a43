//! What protocol 4.1 sends (wire-protocol, section 4).

use crate::client::Request;
use crate::{Capability, Stage};
use rti_simulator::Received;
use serde_json::{Value, json};

crate::suite::cases![
    posts_json_about_the_visitor: speaks V4_1,
    says_whether_the_order_is_the_wires: speaks V4_1,
    sends_listed_headers_and_no_others: speaks V4_1,
    sends_the_session_of_the_page: speaks V4_1,
    sends_fingerprints_and_custom_ids: speaks V4_1,
];

fn document(payload: &Received) -> Value {
    payload.json().unwrap().clone()
}

async fn posts_json_about_the_visitor(stage: Stage) {
    let site = stage.start().await;
    let request = Request::get("/subscribe?x=1").header("Accept", "text/html");
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.path(), "/defend/4.1/traffic");
    assert_eq!(payload.header("Content-Type"), Some("application/json"));
    let document = document(&payload);
    assert_eq!(document["apiKey"], "k-1");
    assert_eq!(document["tagHash"], "t-1");
    assert_eq!(document["customId1"], "page_load");
    assert_eq!(document["microTime"].as_str().unwrap().len(), 16);
    let visitor = &document["endUserParams"];
    assert_eq!(visitor["clientIp"], "127.0.0.1");
    assert_eq!(visitor["method"], "GET");
    assert_eq!(visitor["requestUrl"], "http://shop.example/subscribe?x=1");
    let names = visitor["headerNames"].as_str().unwrap();
    assert!(matches!(names, "Host,Accept" | "Accept,Host"), "{names}");
    let headers = json!({"host": "shop.example", "accept": "text/html"});
    assert_eq!(visitor["headers"], headers);
}

async fn says_whether_the_order_is_the_wires(stage: Stage) {
    let ordered = stage.can(Capability::HeaderOrder);
    let in_place = stage.can(Capability::RepeatedHeaderPlaces);
    let site = stage.start().await;
    let request = Request::get("/")
        .header("X-Two", "1")
        .header("Accept", "*/*");
    let payload = site.payload_of(&request).await;
    assert_eq!(document(&payload)["isHeaderNamesOrdered"], ordered);
    let repeated = request.header("X-Two", "2");
    let payload = site.payload_of(&repeated).await;
    assert_eq!(document(&payload)["isHeaderNamesOrdered"], in_place);
}

async fn sends_listed_headers_and_no_others(stage: Stage) {
    const LISTED: [&str; 29] = [
        "user-agent",
        "x-forwarded-for",
        "via",
        "referer",
        "accept",
        "accept-encoding",
        "accept-language",
        "accept-charset",
        "origin",
        "x-requested-with",
        "pragma",
        "cache-control",
        "from",
        "x-real-ip",
        "true-client-ip",
        "sec-fetch-dest",
        "sec-fetch-mode",
        "sec-fetch-site",
        "sec-fetch-user",
        "sec-fetch-storage-access",
        "sec-ch-ua",
        "sec-ch-ua-mobile",
        "sec-ch-ua-platform",
        "sec-ch-ua-arch",
        "sec-ch-ua-model",
        "sec-ch-ua-full-version-list",
        "sec-ch-device-memory",
        "signature",
        "signature-agent",
    ];
    const OTHERS: [&str; 6] = [
        "cookie",
        "authorization",
        "x-api-key",
        "proxy-authorization",
        "dnt",
        "forwarded",
    ];
    let site = stage.start().await;
    let names = LISTED.iter().chain(&OTHERS);
    let request = names.fold(Request::get("/"), |request, name| {
        request.header(name, format!("value of {name}"))
    });
    let payload = site.payload_of(&request).await;
    let document = document(&payload);
    let headers = document["endUserParams"]["headers"].as_object().unwrap();
    for name in LISTED {
        assert_eq!(headers[name], format!("value of {name}"));
    }
    assert_eq!(headers.len(), LISTED.len() + 1, "and the host: {headers:?}");
}

async fn sends_the_session_of_the_page(stage: Stage) {
    let site = stage.start().await;
    let cookies = "_cq_se=another; _cq_s=s==; a=1; _cq_duid=d; _cq_pvid=; _cq_duid=second";
    let request = Request::get("/").header("Cookie", cookies);
    let document = document(&site.payload_of(&request).await);
    assert_eq!(document["sCookie"], "s==");
    assert_eq!(document["duidCookie"], "d");
    assert_eq!(document.get("pvidCookie"), None);
}

async fn sends_fingerprints_and_custom_ids(stage: Stage) {
    let site = stage
        .configure(|config| {
            config
                .ja3(|_| Some("a ja3".to_owned()))
                .channel(|_| Some("a channel".to_owned()))
                .request_id_header("X-Request-Id")
        })
        .start()
        .await;
    let request = Request::get("/").header("X-Request-Id", "p-1");
    let document = document(&site.payload_of(&request).await);
    assert_eq!(document["endUserParams"]["headers"]["cheq_ja3"], "a ja3");
    assert_eq!(document["channel"], "a channel");
    assert_eq!(document["customId2"], "p-1");
}
