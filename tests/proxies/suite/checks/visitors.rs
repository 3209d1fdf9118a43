//! What the service and the application learn of a visitor, and what the visitor gets.

use rti_conformance::client::{Connection, HOST, Http2, Request};

use super::checks;
use crate::site::{COOKIE, Setting};
use crate::tunnel::VISITOR;

checks![
    the_service_sees_the_visitors_address,
    the_service_sees_the_scheme_and_the_host,
    the_service_sees_the_same_over_http2,
    the_service_sees_the_path_as_it_was_written,
    the_verdicts_cookie_reaches_the_visitor,
    the_visitors_cookie_reaches_the_service,
    a_blocked_visitor_gets_the_page,
    a_blocked_visitor_gets_the_page_over_http2,
    http_is_redirected_to_https,
];

async fn the_service_sees_the_visitors_address(setting: Setting) {
    let site = setting.start().await;
    let payload = site.payload(&Request::get("/about")).await;
    assert_eq!(payload.field("ClientIP"), Some(VISITOR.to_string()));
}

async fn the_service_sees_the_scheme_and_the_host(setting: Setting) {
    let site = setting.start().await;
    let payload = site.payload(&Request::get("/about?x=1")).await;
    assert_eq!(payload.field("Host").as_deref(), Some(HOST));
    let url = format!("https://{HOST}/about?x=1");
    assert_eq!(payload.field("RequestURL"), Some(url));
}

async fn the_service_sees_the_same_over_http2(setting: Setting) {
    let site = setting.start().await;
    let request = Request::get("/about?x=1");
    let payload = site.payload_over_http2(&request).await;
    assert_eq!(payload.field("ClientIP"), Some(VISITOR.to_string()));
    assert_eq!(payload.field("Host").as_deref(), Some(HOST));
    let url = format!("https://{HOST}/about?x=1");
    assert_eq!(payload.field("RequestURL"), Some(url));
}

async fn the_service_sees_the_path_as_it_was_written(setting: Setting) {
    let site = setting.start().await;
    let target = "/a%2Fb//c/%7e?q=%20+&q=%C3%A9";
    let payload = site.payload(&Request::get(target)).await;
    let url = format!("https://{HOST}{target}");
    assert_eq!(payload.field("RequestURL"), Some(url));
}

async fn the_verdicts_cookie_reaches_the_visitor(setting: Setting) {
    let site = setting.start().await;
    let response = site.send(&Request::get("/app-cookie")).await;
    assert_eq!(
        response.cookies(),
        [rti_conformance::application::APP_COOKIE, COOKIE]
    );
    let blocked = site.send(&bot("/")).await;
    assert_eq!(blocked.cookies(), [COOKIE]);
}

async fn the_visitors_cookie_reaches_the_service(setting: Setting) {
    let site = setting.start().await;
    let request = Request::get("/").header("Cookie", "a=b; _cheq_rti=kept; c=d");
    let payload = site.payload(&request).await;
    assert_eq!(payload.field("CheqCookie").as_deref(), Some("kept"));
}

fn bot(target: &str) -> Request {
    Request::get(target).header("User-Agent", "bot")
}

async fn a_blocked_visitor_gets_the_page(setting: Setting) {
    let site = setting.start().await;
    let direct = site.send(&bot("/")).await;
    assert_eq!(direct.status, 403);
    assert!(direct.text().contains("<html"), "{direct:?}");
}

async fn a_blocked_visitor_gets_the_page_over_http2(setting: Setting) {
    let site = setting.start().await;
    let mut visitor = Http2::open(site.http2).await;
    let blocked = visitor.send(&bot("/")).await;
    assert_eq!(blocked.status, 403);
    assert!(blocked.text().contains("<html"), "{blocked:?}");
    assert_eq!(visitor.send(&Request::get("/")).await.text(), "hello");
}

async fn http_is_redirected_to_https(setting: Setting) {
    let site = setting.start().await;
    let mut connection = Connection::open(site.proxy.http).await;
    let response = connection.send(&Request::get("/about?x=1")).await;
    assert!(matches!(response.status, 301 | 308), "{response:?}");
    let target = response.header("Location").unwrap();
    assert!(target.starts_with("https://shop.example"), "{target}");
    assert!(target.ends_with("/about?x=1"), "{target}");
    assert_eq!(site.simulator.requests_arrived(), 0);
}
