//! Challenged visitors, and what a page's script gets in their place.

use rti_conformance::Challenge;
use rti_simulator::Verdict;

use crate::expected::{
    ABOUT, CAPTCHA, CAPTCHA_PATH, CHALLENGE_MEMBER, PROBLEM, REFERENCE, SITE, challenged,
};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, visit};

crate::suite::cases![
    a_challenged_visitor_is_sent_to_the_captcha_and_back,
    a_challenged_visitor_sees_the_answer_of_the_callback,
    a_challenged_fetch_gets_a_problem,
    a_challenged_post_is_not_followed_to_the_captcha,
];

async fn sent_to_the_captcha(stage: Stage) -> (Site, Tab) {
    let stage = stage.configure(|config| config.uri_exclusion([CAPTCHA_PATH]));
    visit(stage.blocking().challenge(Challenge::CaptchaOrDenial)).await
}

async fn a_challenged_visitor_is_sent_to_the_captcha_and_back(stage: Stage) {
    let framework = stage.framework();
    let (site, tab) = sent_to_the_captcha(stage).await;
    site.answer(challenged());
    tab.go("/").await;
    assert_eq!(tab.text().await, CAPTCHA);
    assert_eq!(
        tab.location().await,
        format!("{}{CAPTCHA_PATH}", tab.origin)
    );
    tab.screenshot(&format!("{framework}-captcha")).await;
    site.answer(Verdict::valid());
    // The redirect is not kept either.
    tab.go("/").await;
    assert_eq!(tab.text().await, SITE);
}

async fn a_challenged_visitor_sees_the_answer_of_the_callback(stage: Stage) {
    let framework = stage.framework();
    let stage = stage.blocking().answer(challenged());
    let (_site, tab) = visit(stage.challenge(Challenge::Answer)).await;
    tab.go("/").await;
    assert_eq!(tab.text().await, format!("{}14", Challenge::PAGE));
    tab.screenshot(&format!("{framework}-challenge")).await;
}

async fn a_challenged_fetch_gets_a_problem(stage: Stage) {
    let (site, tab) = sent_to_the_captcha(stage).await;
    tab.go("/about").await;
    assert_eq!(tab.text().await, ABOUT);
    site.answer(challenged());
    let seen = tab
        .run(
            "const response = await fetch('/count');
             const { status, redirected } = response;
             const type = response.headers.get('Content-Type');
             return { status, redirected, type, problem: await response.json().catch(String) }",
        )
        .await;
    assert_eq!(seen["status"], 403, "{seen}");
    assert_eq!(seen["redirected"], false, "{seen}");
    assert_eq!(seen["type"], PROBLEM, "{seen}");
    assert_eq!(seen["problem"]["reference"], REFERENCE, "{seen}");
    assert!(seen["problem"].get(CHALLENGE_MEMBER).is_some(), "{seen}");
}

async fn a_challenged_post_is_not_followed_to_the_captcha(stage: Stage) {
    let (site, tab) = sent_to_the_captcha(stage).await;
    tab.go("/about").await;
    site.answer(challenged());
    let seen = tab
        .run(
            "const response = await fetch('/count/up', { method: 'POST' });
             return [response.status, response.redirected]",
        )
        .await;
    assert_eq!(seen, serde_json::json!([403, false]));
    assert_eq!(site.application.count(), 0);
}
