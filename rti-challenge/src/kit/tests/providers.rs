//! Kits with a provider.

use super::*;
use crate::provider::{ProviderError, ProviderSolution, Widget, WidgetStart};

#[derive(Debug)]
enum Fake {
    Accepts(&'static str),
    Down,
    Hangs,
    Panics,
}

#[async_trait]
impl Provider for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn widget(&self) -> Widget {
        Widget::new("fake-response", WidgetStart::Callback)
            .with_script("https://captcha.example/api.js")
            .with_html("<div class=\"fake\"></div>")
            .with_sources("https://captcha.example")
    }

    async fn verify(&self, solution: ProviderSolution<'_>) -> Result<(), ProviderError> {
        match self {
            Self::Accepts(response) if solution.response == *response => Ok(()),
            Self::Accepts(_) => Err(ProviderError::refused("another response")),
            Self::Down => Err(ProviderError::unavailable("503")),
            Self::Hangs => std::future::pending().await,
            Self::Panics => panic!("a provider"),
        }
    }
}

fn with(provider: Fake) -> Challenge {
    Challenge::with_provider(provider, Keys::new([1; 32]))
        .provider_deadline(Duration::from_millis(20))
}

async fn answer(kit: &Challenge, response: &str) -> Reply {
    verify_json(kit, &serde_json::json!({ "fake-response": response })).await
}

#[tokio::test]
async fn a_response_that_the_provider_accepts_clears_once() {
    let kit = with(Fake::Accepts("right"));
    assert_eq!(reason(&answer(&kit, "wrong").await), "wrong_solution");
    let passed = answer(&kit, "right").await;
    assert!(kit.clearance(&with_cookie_of(&passed, "/")).is_valid());
    assert_eq!(reason(&answer(&kit, "right").await), "replayed");
    assert_eq!(reason(&answer(&kit, &"x".repeat(9_000)).await), "too_large");
    // Work is none of its challenges.
    let challenge = kit
        .handle(&browser("GET", "/.well-known/rti/challenge", &[]))
        .await;
    assert_eq!(challenge.status(), 404);
    let proof = serde_json::json!({ "altcha": "right" });
    assert_eq!(reason(&verify_json(&kit, &proof).await), "malformed");
}

/// The URL of a challenge that there is not would be answered with 404.
#[test]
fn a_script_gets_the_page_and_no_challenge_of_work() {
    let script = Challenged {
        requester: Requester::Script,
        ..challenged()
    };
    let reply = with(Fake::Down).interstitial(&browser("POST", "/api", &[]), &script);
    let problem = json(&reply);
    assert_eq!(problem["challenge"]["kind"], "fake");
    assert!(problem["challenge"]["url"].is_string());
    assert_eq!(problem["challenge"].get("challenge"), None);
}

#[tokio::test]
async fn a_provider_that_is_down_or_hangs_refuses() {
    for provider in [Fake::Down, Fake::Hangs] {
        let (rti, events) = engine();
        let posted = posted_json(&serde_json::json!({ "fake-response": "any" }));
        let refused = with(provider).handle(&posted.with_engine(&rti)).await;
        assert_eq!(reason(&refused), "provider_unavailable");
        assert_eq!(events.all(), [("provider_error", None)]);
    }
}

#[tokio::test]
async fn a_site_may_let_visitors_continue_for_a_minute() {
    for provider in [Fake::Down, Fake::Hangs] {
        let kit = with(provider).on_provider_failure(OnProviderFailure::Pass);
        let (rti, events) = engine();
        let posted = posted_json(&serde_json::json!({ "fake-response": "any" }));
        let passed = kit.handle(&posted.with_engine(&rti)).await;
        let clearance = kit.clearance(&with_cookie_of(&passed, "/"));
        assert!(matches!(clearance, Clearance::Valid { remaining: 0..=60 }));
        // Nobody has solved anything.
        assert_eq!(events.all(), [("provider_error", None)]);
    }
}

#[test]
fn the_page_allows_the_provider_and_nothing_else() {
    let page = with(Fake::Down).interstitial(&browser("GET", "/", &[]), &challenged());
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(policy.contains("frame-src https://captcha.example;"));
    assert_eq!(
        policy
            .replace("https://captcha.example", "")
            .matches("http")
            .count(),
        0
    );
    assert!(text(&page).contains("<div class=\"fake\"></div>"));
    assert!(!text(&page).contains("assets/altcha"));
}

#[tokio::test]
async fn a_provider_that_panics_refuses_the_solution() {
    let kit = with(Fake::Panics);
    assert_eq!(reason(&answer(&kit, "right").await), "unavailable");
}

#[tokio::test]
async fn an_observer_that_panics_changes_nothing() {
    struct Panicking;
    impl Observer for Panicking {
        fn challenge(&self, _: &ChallengeEvent) {
            panic!("an observer")
        }
    }
    let (rti, kit) = (observed_by(Panicking), with(Fake::Accepts("right")));
    let posted = posted_json(&serde_json::json!({ "fake-response": "right" }));
    assert_eq!(kit.handle(&posted.with_engine(&rti)).await.status(), 200);
    let asked = browser("GET", "/", &[]).with_engine(&rti);
    let page = kit.interstitial(&asked, &challenged());
    assert!(text(&page).contains("fake"));
}

#[tokio::test]
async fn a_clearance_of_another_method_is_none() {
    let (work, captcha) = (kit(), with(Fake::Accepts("right")));
    let solution = serde_json::json!({ "altcha": solved(&work).await });
    let worked = with_cookie_of(&verify_json(&work, &solution).await, "/");
    let judged = with_cookie_of(&answer(&captcha, "right").await, "/");
    assert!(work.clearance(&worked).is_valid() && captcha.clearance(&judged).is_valid());
    assert!(!captcha.clearance(&worked).is_valid(), "the same keys");
    assert!(!work.clearance(&judged).is_valid());
}

#[tokio::test]
async fn who_waits_does_not_pass_by_a_captcha() {
    let page = kit().at(now() - 60);
    let page = page.interstitial(&browser("GET", "/", &[]), &challenged());
    let wait = serde_json::json!({ "wait": field(&page, "wait") });
    let kit = with(Fake::Accepts("right"));
    let page = kit.interstitial(&browser("GET", "/", &[]), &challenged());
    assert_eq!(field(&page, "wait"), "");
    assert_eq!(reason(&verify_json(&kit, &wait).await), "malformed");
    let allowed = kit.without_scripts(WithoutScripts::default());
    let page = allowed.interstitial(&browser("GET", "/", &[]), &challenged());
    assert_ne!(field(&page, "wait"), "");
}
