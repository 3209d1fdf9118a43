//! The challenge callback: absent, answering, letting the request continue, panicking.

use crate::client::Request;
use crate::{Challenge, Site, Stage};
use rti_simulator::Verdict;

crate::suite::cases![
    without_a_callback_challenged_visitors_are_served,
    a_callback_sends_visitors_to_the_captcha,
    a_callback_answers_and_sees_the_decision,
    a_callback_lets_the_request_continue,
    a_request_that_continues_keeps_its_body,
    a_callback_that_panics_lets_the_request_continue: needs ChallengePanics,
    a_callback_that_panics_leaves_the_body: needs ChallengePanics,
    the_callback_is_for_challenged_visitors_alone,
    monitoring_challenges_nobody,
];

async fn challenged(stage: Stage, challenge: Challenge) -> Site {
    let stage = stage
        .blocking()
        .answer(Verdict::threat(14).request_id("r-1"));
    stage.challenge(challenge).start().await
}

async fn without_a_callback_challenged_visitors_are_served(stage: Stage) {
    let site = challenged(stage, Challenge::None).await;
    let decision = site.decision().await;
    assert_eq!(decision["action"], "allow");
    assert_eq!(decision["policy_action"], "challenge");
    assert_eq!(decision["challenge_passed"], false);
    assert_eq!(decision["outcome"], "evaluated");
    assert_eq!(site.get("/").await.text(), "hello");
}

async fn a_callback_sends_visitors_to_the_captcha(stage: Stage) {
    let site = challenged(stage, Challenge::CaptchaOrDenial).await;
    let response = site.get("/").await;
    assert_eq!(response.status, 302);
    assert_eq!(response.header("Location"), Some("/captcha"));
}

async fn a_callback_answers_and_sees_the_decision(stage: Stage) {
    let site = challenged(stage, Challenge::Answer).await;
    let response = site.get("/").await;
    assert_eq!(response.status, 401);
    assert_eq!(response.text(), format!("{}14", Challenge::PAGE));
}

async fn a_callback_lets_the_request_continue(stage: Stage) {
    let site = challenged(stage, Challenge::Continue).await;
    assert_eq!(site.get("/").await.text(), "hello");
    let decision = site.decision().await;
    assert_eq!(decision["action"], "allow");
    assert_eq!(decision["policy_action"], "challenge");
    assert_eq!(decision["challenge_passed"], true);
    assert_eq!(decision["request_id"], "r-1");
}

async fn a_request_that_continues_keeps_its_body(stage: Stage) {
    let site = challenged(stage, Challenge::Continue).await;
    let response = site.send(&Request::post("/echo", "all of it")).await;
    assert_eq!((response.status, response.text()), (200, "all of it"));
}

async fn a_callback_that_panics_lets_the_request_continue(stage: Stage) {
    let site = challenged(stage, Challenge::Panic).await;
    assert_eq!(site.get("/").await.text(), "hello");
    let decision = site.decision().await;
    assert_eq!(decision["outcome"], "failed_open");
    assert_eq!(decision["reason"], "internal");
}

async fn a_callback_that_panics_leaves_the_body(stage: Stage) {
    let site = challenged(stage, Challenge::Panic).await;
    let response = site.send(&Request::post("/echo", "all of it")).await;
    assert_eq!((response.status, response.text()), (200, "all of it"));
}

async fn the_callback_is_for_challenged_visitors_alone(stage: Stage) {
    let site = challenged(stage, Challenge::Answer).await;
    for (threat, status) in [(0, 200), (3, 403), (19, 200)] {
        site.answer(Verdict::threat(threat));
        assert_eq!(site.get("/").await.status, status, "{threat}");
    }
}

async fn monitoring_challenges_nobody(stage: Stage) {
    let site = stage
        .answer(Verdict::threat(14))
        .challenge(Challenge::Answer)
        .start()
        .await;
    assert_eq!(site.get("/").await.text(), "hello");
}
