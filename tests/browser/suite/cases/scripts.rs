//! Calls of a page's script, and what the page loads beside itself.

use serde_json::{Value, json};

use crate::expected::{ABOUT, PROBLEM, REFERENCE, blocked};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    a_blocked_fetch_that_accepts_json_gets_a_problem,
    a_blocked_fetch_gets_a_problem,
    a_blocked_xhr_that_accepts_json_gets_a_problem,
    a_blocked_xhr_gets_a_problem,
    a_blocked_post_of_json_gets_a_problem,
    a_blocked_head_has_a_status_alone,
    a_blocked_form_shows_the_block_page,
    a_blocked_image_is_empty,
];

/// A page that was let through, whose visitor is blocked from now on.
async fn on_a_page(stage: Stage) -> (Site, Tab) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/about").await;
    assert_eq!(tab.text().await, ABOUT);
    site.answer(blocked());
    (site, tab)
}

/// What a script reads of the response to `fetch` with these arguments.
async fn fetched(tab: &Tab, arguments: &str) -> Value {
    let script = format!(
        "const response = await fetch({arguments});
         const type = response.headers.get('Content-Type');
         return {{ status: response.status, type, problem: await response.json().catch(String) }}"
    );
    tab.run(&script).await
}

/// What a script reads of the response to an `XMLHttpRequest`.
async fn received(tab: &Tab, prepare: &str) -> Value {
    let script = format!(
        "const request = new XMLHttpRequest();
         request.open('GET', '/count');
         request.responseType = 'json';
         {prepare}
         await new Promise((done) => {{ request.onloadend = done; request.send() }});
         const type = request.getResponseHeader('Content-Type');
         return {{ status: request.status, type, problem: request.response }}"
    );
    tab.run(&script).await
}

fn is_a_problem(seen: &Value) {
    assert_eq!(seen["status"], 403, "{seen}");
    assert_eq!(seen["type"], PROBLEM, "{seen}");
    assert_eq!(seen["problem"]["status"], 403, "{seen}");
    assert_eq!(seen["problem"]["reference"], REFERENCE, "{seen}");
}

async fn a_blocked_fetch_that_accepts_json_gets_a_problem(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    let accepting = "'/count', { headers: { Accept: 'application/json' } }";
    is_a_problem(&fetched(&tab, accepting).await);
}

async fn a_blocked_fetch_gets_a_problem(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    is_a_problem(&fetched(&tab, "'/count'").await);
}

async fn a_blocked_xhr_that_accepts_json_gets_a_problem(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    let accepting = "request.setRequestHeader('Accept', 'application/json');";
    is_a_problem(&received(&tab, accepting).await);
}

async fn a_blocked_xhr_gets_a_problem(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    is_a_problem(&received(&tab, "").await);
}

async fn a_blocked_post_of_json_gets_a_problem(stage: Stage) {
    let (site, tab) = on_a_page(stage).await;
    let json = "{ 'Content-Type': 'application/json' }";
    let post = format!("'/count/up', {{ method: 'POST', headers: {json}, body: '{{}}' }}");
    is_a_problem(&fetched(&tab, &post).await);
    assert_eq!(site.application.count(), 0);
}

async fn a_blocked_head_has_a_status_alone(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    let seen = tab
        .run(
            "const response = await fetch('/about', { method: 'HEAD' });
             return [response.status, await response.text()]",
        )
        .await;
    assert_eq!(seen, json!([403, ""]));
}

async fn a_blocked_form_shows_the_block_page(stage: Stage) {
    let (site, tab) = on_a_page(stage).await;
    tab.run(
        "const form = document.createElement('form');
         form.method = 'POST';
         form.action = '/count/up';
         document.body.append(form);
         form.submit()",
    )
    .await;
    // A navigation that a script began: WebDriver waits for it before the next command.
    let seen = tab.text().await;
    assert!(seen.contains(REFERENCE), "{seen}");
    assert_eq!(site.application.count(), 0);
}

async fn a_blocked_image_is_empty(stage: Stage) {
    let (_site, tab) = on_a_page(stage).await;
    let seen = tab
        .run(
            "const image = new Image();
             await new Promise((done) => { image.onerror = done; image.src = '/count' });
             const entries = performance.getEntriesByName(image.src);
             return [entries[0].responseStatus, entries[0].decodedBodySize]",
        )
        .await;
    assert_eq!(seen, json!([403, 0]));
}
