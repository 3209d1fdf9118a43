//! Replies that fit who sent the request: one row of the table a case, blocked and challenged.

use crate::client::{Request, Response};
use crate::{Challenge, Site, Stage};
use rti_core::CheckPreflights;
use rti_simulator::Verdict;

crate::suite::cases![
    a_navigation_gets_the_page_or_the_captcha,
    a_fetch_gets_problem_json_and_never_a_redirect,
    an_xhr_and_a_json_client_are_scripts,
    grpc_gets_permission_denied_in_trailers,
    a_stream_gets_problem_json,
    a_part_of_a_page_gets_an_empty_403,
    head_gets_the_headers_alone,
    a_preflight_is_not_checked,
    a_preflight_is_checked_on_demand,
    options_alone_is_no_preflight,
    a_redirect_is_for_navigations: speaks V1,
];

const BOT: u32 = 3;
const VPN: u32 = 14;

async fn site(stage: Stage) -> Site {
    let stage = stage.blocking().challenge(Challenge::CaptchaOrDenial);
    stage.start().await
}

async fn sent(site: &Site, threat: u32, request: &Request) -> Response {
    site.answer(Verdict::threat(threat).request_id("r-1"));
    site.send(request).await
}

fn fetch(request: Request) -> Request {
    request
        .header("Accept", "*/*")
        .header("Sec-Fetch-Mode", "cors")
        .header("Sec-Fetch-Dest", "empty")
}

fn assert_problem(response: &Response, is_challenge: bool) {
    assert_eq!(response.status, 403);
    let content_type = response.header("Content-Type");
    assert_eq!(content_type, Some("application/problem+json"));
    assert_eq!(response.header("Cache-Control"), Some("no-store"));
    let problem = response.json();
    assert_eq!(problem["reference"], "r-1");
    assert_eq!(problem["challenge"]["required"] == true, is_challenge);
}

async fn a_navigation_gets_the_page_or_the_captcha(stage: Stage) {
    let site = site(stage).await;
    let request = Request::get("/")
        .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("Sec-Fetch-Mode", "navigate")
        .header("Sec-Fetch-Dest", "document");
    let page = sent(&site, BOT, &request).await;
    assert_eq!(page.status, 403);
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    let policy = page.header("Content-Security-Policy").unwrap_or_default();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let captcha = sent(&site, VPN, &request).await;
    assert_eq!(
        (captcha.status, captcha.header("Location")),
        (302, Some("/captcha"))
    );
}

async fn a_fetch_gets_problem_json_and_never_a_redirect(stage: Stage) {
    let site = site(stage).await;
    for request in [
        fetch(Request::get("/")),
        fetch(Request::post("/echo", "all of it")),
    ] {
        assert_problem(&sent(&site, BOT, &request).await, false);
        assert_problem(&sent(&site, VPN, &request).await, true);
    }
}

async fn an_xhr_and_a_json_client_are_scripts(stage: Stage) {
    let site = site(stage).await;
    for (name, value) in [
        ("X-Requested-With", "XMLHttpRequest"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
    ] {
        let request = Request::get("/").header(name, value);
        assert_problem(&sent(&site, VPN, &request).await, true);
    }
}

async fn grpc_gets_permission_denied_in_trailers(stage: Stage) {
    let site = site(stage).await;
    let request = Request::post("/echo", "").header("Content-Type", "application/grpc");
    for threat in [BOT, VPN] {
        let response = sent(&site, threat, &request).await;
        assert_eq!(response.status, 200);
        assert_eq!(response.header("Content-Type"), Some("application/grpc"));
        assert_eq!(response.header("Grpc-Status"), Some("7"));
        let message = response.header("Grpc-Message").unwrap_or_default();
        assert!(message.contains("r-1"), "{message}");
        assert_eq!(response.text(), "");
    }
}

async fn a_stream_gets_problem_json(stage: Stage) {
    let site = site(stage).await;
    let events = Request::get("/").header("Accept", "text/event-stream");
    let socket = Request::get("/ws")
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    for request in [events, socket] {
        assert_problem(&sent(&site, BOT, &request).await, false);
        assert_problem(&sent(&site, VPN, &request).await, true);
    }
}

async fn a_part_of_a_page_gets_an_empty_403(stage: Stage) {
    let site = site(stage).await;
    for destination in ["image", "script", "style", "font"] {
        let request = Request::get("/").header("Sec-Fetch-Dest", destination);
        for threat in [BOT, VPN] {
            let response = sent(&site, threat, &request).await;
            assert_eq!(
                (response.status, response.text()),
                (403, ""),
                "{destination}"
            );
            assert_eq!(response.header("Cache-Control"), Some("no-store"));
        }
    }
}

async fn head_gets_the_headers_alone(stage: Stage) {
    let site = site(stage).await;
    let request = fetch(Request::new("HEAD", "/"));
    for threat in [BOT, VPN] {
        let response = sent(&site, threat, &request).await;
        assert_eq!((response.status, response.text()), (403, ""));
        let content_type = response.header("Content-Type");
        assert_eq!(content_type, Some("application/problem+json"));
    }
}

fn preflight() -> Request {
    Request::new("OPTIONS", "/echo")
        .header("Origin", "https://shop.example")
        .header("Access-Control-Request-Method", "POST")
}

async fn a_preflight_is_not_checked(stage: Stage) {
    let site = site(stage).await;
    let response = sent(&site, BOT, &preflight()).await;
    assert_ne!(response.status, 403);
    assert_eq!(site.calls(), 0);
}

async fn a_preflight_is_checked_on_demand(stage: Stage) {
    let site = site(stage.configure(|config| config.check_preflights(CheckPreflights::On))).await;
    assert_eq!(sent(&site, BOT, &preflight()).await.status, 403);
}

async fn options_alone_is_no_preflight(stage: Stage) {
    let site = site(stage).await;
    let request = Request::new("OPTIONS", "/echo").header("Origin", "https://shop.example");
    assert_eq!(sent(&site, BOT, &request).await.status, 403);
}

async fn a_redirect_is_for_navigations(stage: Stage) {
    let site = site(stage.configure(|config| config.redirect_url("/about"))).await;
    assert_eq!(sent(&site, BOT, &Request::get("/")).await.status, 302);
    assert_problem(&sent(&site, BOT, &fetch(Request::get("/"))).await, false);
}
