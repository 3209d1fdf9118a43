//! `redirect_url`: where blocked visitors are sent.

use crate::Stage;
use crate::client::Request;
use rti_simulator::{Rule, Verdict, field};

crate::suite::cases![
    blocked_visitors_are_sent_to_an_absolute_url,
    blocked_visitors_are_sent_to_a_path_of_this_site,
    the_page_they_are_sent_to_is_not_checked,
    the_page_they_are_sent_to_is_checked_when_posted_to,
    the_page_they_are_sent_to_is_checked_under_any_other_query,
    a_page_without_a_query_is_checked_under_a_query,
    nothing_of_a_request_reaches_location,
    a_redirect_names_the_request_id,
    challenged_visitors_are_not_redirected: speaks V1,
];

async fn blocked_visitors_are_sent_to_an_absolute_url(stage: Stage) {
    let site = stage
        .redirecting("https://www.example.com/sorry?why=bot")
        .answer(Verdict::threat(3))
        .start()
        .await;
    let response = site.get("/").await;
    assert_eq!(response.status, 302);
    let location = "https://www.example.com/sorry?why=bot";
    assert_eq!(response.header("Location"), Some(location));
    assert_eq!(response.header("Cache-Control"), Some("no-store"));
    assert!(response.body.is_empty());
}

async fn blocked_visitors_are_sent_to_a_path_of_this_site(stage: Stage) {
    let site = sent_to_about(stage).await;
    let response = site.get("/").await;
    assert_eq!(response.status, 302);
    assert_eq!(response.header("Location"), Some("/about?why=bot"));
}

async fn the_page_they_are_sent_to_is_not_checked(stage: Stage) {
    let site = sent_to_about(stage).await;
    let response = site.get("/about?why=bot").await;
    assert_eq!((response.status, response.text()), (200, "about"));
    assert_eq!(site.calls(), 0, "it would be sent here again");
}

async fn the_page_they_are_sent_to_is_checked_when_posted_to(stage: Stage) {
    let site = sent_to_about(stage).await;
    let response = site.send(&Request::post("/about", "")).await;
    assert_eq!(response.status, 302);
    assert_eq!(site.calls(), 1);
}

/// Of `/index.php?page=sorry` only that page is excluded, not the whole site.
async fn the_page_they_are_sent_to_is_checked_under_any_other_query(stage: Stage) {
    let site = sent_to_about(stage).await;
    for target in [
        "/about",
        "/about?",
        "/about?why=bots",
        "/about?why=bot&x=1",
        "/about?x=1&why=bot",
        "/about?WHY=bot",
        "/about?why=b%6ft",
        "/About?why=bot",
        "//about?why=bot",
        "/./about?why=bot",
    ] {
        let asked = site.calls();
        assert_eq!(site.get(target).await.status, 302, "{target}");
        assert_eq!(site.calls(), asked + 1, "{target}");
    }
    let absolute = format!("http://{}/about?why=bot", crate::client::HOST);
    assert_eq!(site.get(&absolute).await.status, 200);
}

async fn a_page_without_a_query_is_checked_under_a_query(stage: Stage) {
    let stage = stage.redirecting("/about").answer(Verdict::threat(3));
    let site = stage.start().await;
    for (target, status) in [("/about", 200), ("/about?", 200), ("/about?x=1", 302)] {
        assert_eq!(site.get(target).await.status, status, "{target}");
    }
}

async fn nothing_of_a_request_reaches_location(stage: Stage) {
    let site = sent_to_about(stage).await;
    let request = Request::get("/subscribe?to=https://evil.example")
        .header("X-Forwarded-Host", "evil.example")
        .header("Referer", "https://evil.example/");
    let response = site.send(&request).await;
    assert_eq!(response.header("Location"), Some("/about?why=bot"));
}

async fn a_redirect_names_the_request_id(stage: Stage) {
    let site = sent_to_about(stage).await;
    for (id, expected) in [("r-4711", Some("r-4711")), ("r\r\nX-Evil: 1", None)] {
        site.answer(Verdict::threat(3).request_id(id));
        let response = site.get("/").await;
        assert_eq!(response.status, 302);
        assert_eq!(response.header("X-Cheq-Id"), expected);
        assert_eq!(response.header("X-Evil"), None);
    }
}

async fn challenged_visitors_are_not_redirected(stage: Stage) {
    let site = stage
        .redirecting("/about")
        .rules([Rule::when(field("Method").equals("GET")).then(Verdict::threat(14))])
        .start()
        .await;
    assert_eq!(site.get("/").await.status, 200);
}

async fn sent_to_about(stage: Stage) -> crate::Site {
    stage
        .redirecting("/about?why=bot")
        .answer(Verdict::threat(3))
        .start()
        .await
}
