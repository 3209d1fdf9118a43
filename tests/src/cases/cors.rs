//! Calls from pages of another origin. A browser lets the page read a response that allows it, and keeps
//! from it any other, also a block.

use crate::client::{Request, Response};
use crate::cors::FRIEND;
use crate::{Capability, Challenge, Cors, Site, Stage};
use rti_core::ResultHeader;
use rti_simulator::Verdict;

crate::suite::cases![
    a_preflight_is_answered_and_not_checked,
    a_blocked_call_can_be_read,
    a_challenged_call_can_be_read,
    a_call_that_continues_can_be_read,
    a_page_of_a_stranger_reads_nothing,
    a_blocked_call_cannot_be_read_where_cors_is_inside,
];

const BOT: u32 = 3;
const VPN: u32 = 14;

async fn site(stage: Stage, cors: Cors) -> Site {
    let challenge = Challenge::CaptchaOrDenial;
    stage
        .blocking()
        .challenge(challenge)
        .cors(cors)
        .start()
        .await
}

/// What a browser sends for `fetch(url, { method: "POST", credentials: "include", … })`.
fn call(origin: &str) -> Request {
    Request::post("/echo", "{}")
        .header("Content-Type", "application/json")
        .header("Accept", "*/*")
        .header("Origin", origin)
        .header("Sec-Fetch-Site", "cross-site")
        .header("Sec-Fetch-Mode", "cors")
        .header("Sec-Fetch-Dest", "empty")
}

/// What it sends before.
fn preflight(origin: &str) -> Request {
    Request::new("OPTIONS", "/echo")
        .header("Accept", "*/*")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type")
        .header("Origin", origin)
        .header("Sec-Fetch-Mode", "cors")
}

fn allows(response: &Response) -> Option<&str> {
    response.header("Access-Control-Allow-Origin")
}

fn assert_readable(response: &Response) {
    assert_eq!(allows(response), Some(FRIEND), "{response:?}");
    let credentials = response.header("Access-Control-Allow-Credentials");
    assert_eq!(credentials, Some("true"), "{response:?}");
}

async fn a_preflight_is_answered_and_not_checked(stage: Stage) {
    let site = site(stage, Cors::Outside).await;
    site.answer(Verdict::threat(BOT));
    let response = site.send(&preflight(FRIEND)).await;
    assert!((200..300).contains(&response.status), "{response:?}");
    assert_readable(&response);
    let methods = response.header("Access-Control-Allow-Methods").unwrap();
    assert!(methods.contains("POST"), "{methods}");
    let headers = response.header("Access-Control-Allow-Headers").unwrap();
    assert!(headers.contains("content-type"), "{headers}");
    assert_eq!(site.calls(), 0);
}

async fn a_blocked_call_can_be_read(stage: Stage) {
    let site = site(stage, Cors::Outside).await;
    site.answer(Verdict::threat(BOT).request_id("r-4711"));
    assert_readable(&site.send(&preflight(FRIEND)).await);
    let response = site.send(&call(FRIEND)).await;
    assert_eq!(response.status, 403);
    assert_readable(&response);
    let content_type = response.header("Content-Type");
    assert_eq!(content_type, Some("application/problem+json"));
    assert_eq!(response.json()["reference"], "r-4711");
}

async fn a_challenged_call_can_be_read(stage: Stage) {
    let site = site(stage, Cors::Outside).await;
    // A code that v1 challenges, and the level that v4 does.
    site.answer(Verdict::threat(VPN));
    let response = site.send(&call(FRIEND)).await;
    assert_eq!(response.status, 403);
    assert_readable(&response);
    assert_eq!(response.json()["challenge"]["required"], true);
}

async fn a_call_that_continues_can_be_read(stage: Stage) {
    let stage = stage.configure(|config| config.result_header(ResultHeader::On));
    let site = site(stage, Cors::Outside).await;
    let response = site.send(&call(FRIEND)).await;
    assert_eq!((response.status, response.text()), (200, "{}"));
    assert_readable(&response);
    // Around RTI nothing keeps the request, which could not be changed then.
    let request = Request::get("/headers").header("Origin", FRIEND);
    let seen = site.send(&request).await;
    assert_readable(&seen);
    assert!(seen.text().contains("x-cheq-rti-result"), "{seen:?}");
}

async fn a_page_of_a_stranger_reads_nothing(stage: Stage) {
    let site = site(stage, Cors::Outside).await;
    for verdict in [Verdict::valid(), Verdict::threat(BOT)] {
        site.answer(verdict);
        let response = site.send(&call("https://stranger.example")).await;
        assert_eq!(allows(&response), None, "{response:?}");
    }
}

async fn a_blocked_call_cannot_be_read_where_cors_is_inside(stage: Stage) {
    let is_kept_off = stage.can(Capability::ResponsesInside);
    let site = site(stage, Cors::Inside).await;
    assert_readable(&site.send(&call(FRIEND)).await);
    site.answer(Verdict::threat(BOT));
    let response = site.send(&call(FRIEND)).await;
    assert_eq!(response.status, 403);
    let expected = (!is_kept_off).then_some(FRIEND);
    assert_eq!(allows(&response), expected, "{response:?}");
}
