//! HTTP/2 over cleartext, by prior knowledge.

use crate::Stage;
use crate::client::{HOST, Http2, Request};
use rti_core::Strategy;
use rti_simulator::{Fault, Verdict};

crate::suite::cases![
    http2_is_served_and_checked: needs Http2,
    http2_header_names_are_in_lower_case: needs Http2,
    http2_visitors_are_blocked: needs Http2,
    http2_hidden_pages_are_those_of_head_too: needs Http2 speaks V4_1,
    http2_cookies_that_are_split_are_found: needs Http2,
    http2_streams_are_checked_each: needs Http2,
    http2_visitors_are_served_when_there_is_no_verdict: needs Http2,
];

async fn http2_is_served_and_checked(stage: Stage) {
    let cookies = stage.set_by_verdict("_cheq_rti=b");
    let site = stage
        .answer(Verdict::valid().set_cookie("_cheq_rti=b"))
        .start()
        .await;
    let mut client = Http2::open(site.address()).await;
    let response = client.send(&Request::get("/about?x=1")).await;
    assert_eq!((response.status, response.text()), (200, "about"));
    assert_eq!(response.cookies(), cookies);
    let payload = site.payload();
    assert_eq!(payload.field("Host").as_deref(), Some(HOST));
    let url = payload.field("RequestURL");
    assert_eq!(url.as_deref(), Some("http://shop.example/about?x=1"));
}

async fn http2_header_names_are_in_lower_case(stage: Stage) {
    let ordered = stage.can(crate::Capability::HeaderOrder);
    let site = stage.start().await;
    let mut client = Http2::open(site.address()).await;
    let request = Request::get("/")
        .header("user-agent", "x")
        .header("accept", "*/*")
        .header("x-custom", "x");
    client.send(&request).await;
    let expected = if ordered {
        "user-agent,accept,x-custom"
    } else {
        "accept,user-agent,x-custom"
    };
    let names = site.payload().field("HeaderNames");
    assert_eq!(names.as_deref(), Some(expected));
}

async fn http2_visitors_are_blocked(stage: Stage) {
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let mut client = Http2::open(site.address()).await;
    for method in ["GET", "HEAD", "POST", "DELETE"] {
        let response = client.send(&Request::new(method, "/count/up")).await;
        assert_eq!(response.status, 403, "{method}");
        assert_eq!(response.body.is_empty(), method == "HEAD");
    }
    assert_eq!(site.application.count(), 0);
}

async fn http2_hidden_pages_are_those_of_head_too(stage: Stage) {
    let stage = stage.configure(|config| config.blocking_strategy(Strategy::NotFound));
    let site = stage.blocking().answer(Verdict::threat(3)).start().await;
    let mut client = Http2::open(site.address()).await;
    // A client resets a stream that has a body all the same.
    let hidden = client.send(&Request::new("HEAD", "/")).await;
    assert_eq!((hidden.status, hidden.body.len()), (404, 0));
    let navigation = |method| {
        let request = Request::new(method, "/").header("sec-fetch-mode", "navigate");
        request.header("accept", "text/html")
    };
    let page = client.send(&navigation("GET")).await;
    assert_eq!(page.status, 404);
    assert!(!page.body.is_empty(), "{page:?}");
    let head = client.send(&navigation("HEAD")).await;
    assert_eq!((head.status, head.body.len()), (404, 0));
    assert_eq!(head.header("content-type"), page.header("content-type"));
    // actix-web removes the length.
    let length = page.body.len().to_string();
    let said = head.header("content-length");
    assert!(said.is_none_or(|said| said == length), "{head:?}");
}

async fn http2_cookies_that_are_split_are_found(stage: Stage) {
    let (name, field) = stage.session_cookie();
    let site = stage.start().await;
    let mut client = Http2::open(site.address()).await;
    let request = Request::get("/")
        .header("cookie", "a=1")
        .header("cookie", format!("{name}=eA=="))
        .header("cookie", "b=2");
    client.send(&request).await;
    let cookie = site.payload().field(field);
    assert_eq!(cookie.as_deref(), Some("eA=="));
}

async fn http2_streams_are_checked_each(stage: Stage) {
    let site = stage.start().await;
    let mut client = Http2::open(site.address()).await;
    for _ in 0..5 {
        assert_eq!(client.send(&Request::get("/")).await.text(), "hello");
    }
    assert_eq!(site.calls(), 5);
}

async fn http2_visitors_are_served_when_there_is_no_verdict(stage: Stage) {
    let site = stage.blocking().answer(Fault::Reset).start().await;
    let mut client = Http2::open(site.address()).await;
    let response = client.send(&Request::get("/verdict")).await;
    assert_eq!(response.json()["outcome"], "failed_open");
}
