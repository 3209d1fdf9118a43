//! The verdict's cookie: kept by the browser, and returned to the service.

use rti_simulator::Verdict;

use super::received;
use crate::expected::{ABOUT, blocked};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    the_cookie_is_kept_and_returned,
    the_cookie_of_a_blocked_page_is_kept_and_returned,
    the_cookie_of_a_blocked_fetch_is_kept_and_returned,
    scripts_do_not_see_the_cookie,
];

const COOKIE: &str = "_cheq_rti=c2Vzc2lvbg==; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax";
const NAME: &str = "_cheq_rti";
const VALUE: &str = "c2Vzc2lvbg==";

/// The cookies that the service was sent, one for each request for this path.
fn returned(site: &Site, path: &str) -> Vec<Option<String>> {
    let received = received(site, path);
    let cookies = received.iter().map(|received| received.field("CheqCookie"));
    cookies.collect()
}

async fn is_kept(tab: &Tab) {
    let cookies = tab.cookies().await;
    let cookie = cookies.iter().find(|cookie| cookie.name() == NAME).unwrap();
    assert_eq!(cookie.value(), VALUE);
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(cookie.path(), Some("/"));
}

async fn the_cookie_is_kept_and_returned(stage: Stage) {
    let verdict = Verdict::valid().set_cookie(COOKIE);
    let (site, tab) = visit(stage.blocking().answer(verdict)).await;
    tab.go("/").await;
    is_kept(&tab).await;
    tab.go("/about").await;
    assert_eq!(tab.text().await, ABOUT);
    assert_eq!(returned(&site, "/"), [None]);
    assert_eq!(returned(&site, "/about"), [Some(VALUE.to_owned())]);
}

async fn the_cookie_of_a_blocked_page_is_kept_and_returned(stage: Stage) {
    let (site, tab) = visit(stage.blocking().answer(blocked().set_cookie(COOKIE))).await;
    tab.go("/").await;
    is_kept(&tab).await;
    tab.go("/about").await;
    assert_eq!(returned(&site, "/about"), [Some(VALUE.to_owned())]);
}

async fn the_cookie_of_a_blocked_fetch_is_kept_and_returned(stage: Stage) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/").await;
    site.answer(blocked().set_cookie(COOKIE));
    tab.run("await fetch('/count')").await;
    is_kept(&tab).await;
    tab.run("await fetch('/about')").await;
    assert_eq!(returned(&site, "/about"), [Some(VALUE.to_owned())]);
}

async fn scripts_do_not_see_the_cookie(stage: Stage) {
    let verdict = Verdict::valid().set_cookie(COOKIE);
    let (_site, tab) = visit(stage.blocking().answer(verdict)).await;
    tab.go("/app-cookie").await;
    assert_eq!(tab.run("return document.cookie").await, "app=1");
}
