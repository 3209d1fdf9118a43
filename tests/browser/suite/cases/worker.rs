//! A service worker of the site, through which every request of its pages passes.

use rti_conformance::Challenge;
use rti_simulator::Verdict;
use serde_json::{Value, json};

use crate::expected::{CAPTCHA, CAPTCHA_PATH, REFERENCE, SITE, blocked, challenged};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    through_a_worker_a_blocked_visitor_sees_the_block_page,
    a_worker_does_not_keep_the_block_page_as_the_site,
    a_worker_does_not_show_the_site_to_a_blocked_visitor,
    through_a_worker_a_challenged_visitor_is_sent_to_the_captcha,
];

/// A page that a service worker controls.
async fn with_worker(stage: Stage) -> (Site, Tab) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/about").await;
    tab.run(
        "await navigator.serviceWorker.register('/worker.js');
         if (!navigator.serviceWorker.controller) {
           const { serviceWorker } = navigator;
           await new Promise((done) => { serviceWorker.oncontrollerchange = done });
         }",
    )
    .await;
    (site, tab)
}

/// The paths that the worker keeps.
async fn kept(tab: &Tab) -> Value {
    tab.run(
        "const kept = await caches.open('site');
         return (await kept.keys()).map((request) => new URL(request.url).pathname)",
    )
    .await
}

async fn through_a_worker_a_blocked_visitor_sees_the_block_page(stage: Stage) {
    let (site, tab) = with_worker(stage).await;
    site.answer(blocked());
    tab.go("/").await;
    let seen = tab.text().await;
    assert!(seen.contains(REFERENCE), "{seen}");
    assert_eq!(tab.run("return document.contentType").await, "text/html");
}

async fn a_worker_does_not_keep_the_block_page_as_the_site(stage: Stage) {
    let (site, tab) = with_worker(stage).await;
    site.answer(blocked());
    tab.go("/").await;
    assert_eq!(kept(&tab).await, json!([]));
    site.answer(Verdict::valid());
    tab.go("/").await;
    assert_eq!(tab.text().await, SITE);
    assert_eq!(kept(&tab).await, json!(["/"]));
}

async fn a_worker_does_not_show_the_site_to_a_blocked_visitor(stage: Stage) {
    let (site, tab) = with_worker(stage).await;
    tab.go("/").await;
    assert_eq!(kept(&tab).await, json!(["/"]));
    site.answer(blocked());
    tab.go("/").await;
    let seen = tab.text().await;
    assert!(seen.contains(REFERENCE), "{seen}");
}

async fn through_a_worker_a_challenged_visitor_is_sent_to_the_captcha(stage: Stage) {
    let stage = stage
        .configure(|config| config.uri_exclusion([CAPTCHA_PATH]))
        .challenge(Challenge::CaptchaOrDenial);
    let (site, tab) = with_worker(stage).await;
    site.answer(challenged());
    tab.go("/").await;
    assert_eq!(tab.text().await, CAPTCHA);
    assert_eq!(kept(&tab).await, json!([CAPTCHA_PATH]));
}
