//! Back, forward and reload: a block page is not shown where the site is served, nor the site where a
//! visitor is blocked.

use rti_simulator::Verdict;
use serde_json::json;

use super::received;
use crate::expected::{ABOUT, REFERENCE, SITE, blocked};
use crate::stage::Stage;
use crate::tab::{Tab, visit};

crate::suite::cases![
    pages_of_the_site_come_back_from_memory,
    back_shows_the_site_where_a_block_page_was,
    forward_shows_the_site_where_a_block_page_was,
    back_shows_the_block_page_that_took_the_place_of_the_site,
    a_reload_shows_the_site_again,
];

/// Marks the document that is shown.
async fn mark(tab: &Tab) {
    tab.run("window.isMarked = true").await;
}

/// Whether the document that is shown is one that was marked.
async fn is_marked(tab: &Tab) -> bool {
    tab.run("return window.isMarked === true").await == true
}

async fn is_blocked(tab: &Tab) {
    let seen = tab.text().await;
    assert!(seen.contains(REFERENCE), "{seen}");
}

/// Without this the other cases could not fail.
async fn pages_of_the_site_come_back_from_memory(stage: Stage) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/").await;
    mark(&tab).await;
    tab.go("/about").await;
    tab.back().await;
    assert_eq!(tab.text().await, SITE);
    assert!(is_marked(&tab).await, "no back/forward cache here");
    assert_eq!(received(&site, "/").len(), 1);
}

async fn back_shows_the_site_where_a_block_page_was(stage: Stage) {
    let (site, tab) = visit(stage.blocking().answer(blocked())).await;
    tab.go("/").await;
    is_blocked(&tab).await;
    site.answer(Verdict::valid());
    tab.go("/about").await;
    assert_eq!(tab.text().await, ABOUT);
    tab.back().await;
    assert_eq!(tab.text().await, SITE);
}

async fn forward_shows_the_site_where_a_block_page_was(stage: Stage) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/about").await;
    site.answer(blocked());
    tab.go("/").await;
    is_blocked(&tab).await;
    site.answer(Verdict::valid());
    tab.back().await;
    assert_eq!(tab.text().await, ABOUT);
    tab.forward().await;
    assert_eq!(tab.text().await, SITE);
}

async fn back_shows_the_block_page_that_took_the_place_of_the_site(stage: Stage) {
    let (site, tab) = visit(stage.blocking()).await;
    tab.go("/").await;
    assert_eq!(tab.text().await, SITE);
    site.answer(blocked());
    tab.reload().await;
    is_blocked(&tab).await;
    tab.go("/about").await;
    is_blocked(&tab).await;
    tab.back().await;
    is_blocked(&tab).await;
    assert_eq!(tab.run("return location.pathname").await, json!("/"));
}

async fn a_reload_shows_the_site_again(stage: Stage) {
    let (site, tab) = visit(stage.blocking().answer(blocked())).await;
    tab.go("/").await;
    is_blocked(&tab).await;
    site.answer(Verdict::valid());
    tab.reload().await;
    assert_eq!(tab.text().await, SITE);
}
