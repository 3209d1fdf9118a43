//! What one client, or a page of another site, can use up: challenges, failures, calls to a provider, places
//! in the store.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::provider::{ProviderError, ProviderSolution, Widget, WidgetStart};
use crate::replay::MemoryStore;

/// A program's, with this body.
fn sent(headers: &[(&str, &str)], body: &'static str) -> ChallengeRequest {
    let usual = [("host", "shop.example"), ("user-agent", "Mozilla/5.0")];
    let request = request("POST", VERIFY, IP, &[headers, &usual].concat());
    request.with_body(RequestBody::Whole(body.into()))
}

#[tokio::test]
async fn a_page_after_a_refusal_counts_as_a_challenge() {
    let kit = kit().challenges_per_minute(3).at(now());
    let mut page = kit.interstitial(&browser("GET", "/", &[]), &challenged());
    let mut permissions = 0;
    while page.status() == 403 && permissions < 20 {
        permissions += 1;
        let wait = field(&page, "wait");
        // Too early, each time.
        page = kit.handle(&posted(VERIFY, &[("wait", &wait)])).await;
    }
    assert_eq!((permissions, page.status()), (3, 429));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_counts_as_a_failure() {
    let kit = kit().failures_per_minute(2).at(now());
    let json = [("content-type", "application/json")];
    let statuses = [
        kit.handle(&sent(&json, "{")).await.status(),
        kit.handle(&sent(&json, "").with_body(RequestBody::TooLarge))
            .await
            .status(),
        kit.handle(&sent(&json, "{")).await.status(),
    ];
    assert_eq!(statuses, [403, 413, 429]);
}

#[tokio::test]
async fn a_page_of_another_site_uses_up_nothing() {
    let kit = kit()
        .challenges_per_minute(1)
        .failures_per_minute(1)
        .at(now());
    let foreign = [("sec-fetch-site", "cross-site"), ("content-type", FORM)];
    for body in ["altcha=x", "", "wait=x"] {
        assert_eq!(
            reason(&kit.handle(&sent(&foreign, body)).await),
            "cross_site"
        );
        let challenge = browser("GET", "/.well-known/rti/challenge", &foreign);
        assert_eq!(reason(&kit.handle(&challenge).await), "cross_site");
    }
    let members = serde_json::json!({ "altcha": solved(&kit).await });
    assert_eq!(verify_json(&kit, &members).await.status(), 200);
}

#[test]
fn a_script_that_repeats_its_requests_uses_up_no_challenges() {
    let kit = kit().challenges_per_minute(1).at(now());
    let script = Challenged {
        requester: Requester::Script,
        ..challenged()
    };
    for _ in 0..5 {
        let reply = kit.interstitial(&browser("GET", "/api", &[]), &script);
        assert_eq!(reply.status(), 403);
    }
    let page = kit.interstitial(&browser("GET", "/", &[]), &challenged());
    assert_eq!(page.status(), 403);
}

#[tokio::test]
async fn a_browser_beyond_a_limit_gets_a_page() {
    let kit = kit()
        .challenges_per_minute(0)
        .failures_per_minute(0)
        .at(now());
    let page = kit.interstitial(&browser("GET", "/", &[]), &challenged());
    let alone = kit
        .handle(&browser("GET", "/.well-known/rti/page", &[]))
        .await;
    let verified = kit.handle(&posted(VERIFY, &[("altcha", "x")])).await;
    for reply in [page, alone, verified] {
        assert_eq!(reply.status(), 429);
        let content_type = header(&reply, "content-type").unwrap();
        assert!(content_type.starts_with("text/html"), "{content_type}");
        assert!(header(&reply, "retry-after").is_some());
        assert_eq!(header(&reply, "cache-control").as_deref(), Some("no-store"));
        assert!(text(&reply).contains("wait a minute"));
    }
}

/// Answers after a while, and counts who was sent to it.
#[derive(Debug, Clone, Default)]
struct Slow(Arc<AtomicUsize>);

#[async_trait]
impl Provider for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn widget(&self) -> Widget {
        Widget::new("slow-response", WidgetStart::Form)
    }

    async fn verify(&self, _: ProviderSolution<'_>) -> Result<(), ProviderError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        Err(ProviderError::refused("no"))
    }
}

#[tokio::test]
async fn solutions_at_once_cause_no_more_calls_than_one_after_the_other() {
    let slow = Slow::default();
    let kit = Challenge::with_provider(slow.clone(), Keys::new([1; 32]))
        .failures_per_minute(3)
        .at(now());
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let kit = kit.clone();
            tokio::spawn(async move {
                let members = serde_json::json!({ "slow-response": "x" });
                verify_json(&kit, &members).await.status()
            })
        })
        .collect();
    let mut limited = 0;
    for task in tasks {
        limited += u32::from(task.await.unwrap() == 429);
    }
    assert_eq!((slow.0.load(Ordering::SeqCst), limited), (3, 47));
}

#[tokio::test]
async fn a_client_that_does_not_wait_for_the_provider_is_limited() {
    let slow = Slow::default();
    let kit = Challenge::with_provider(slow.clone(), Keys::new([1; 32]))
        .failures_per_minute(3)
        .at(now());
    for _ in 0..50 {
        let members = serde_json::json!({ "slow-response": "x" });
        let mut verified = pin!(verify_json(&kit, &members));
        // As a server drops it when its client closes the connection.
        poll_fn(|context| Poll::Ready(verified.as_mut().poll(context).is_ready())).await;
    }
    assert_eq!(slow.0.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_is_no_fault_of_the_client_does_not_count() {
    let kit = kit().failures_per_minute(1).store(Down).at(now());
    for _ in 0..3 {
        let members = serde_json::json!({ "altcha": solved(&kit).await });
        assert_eq!(reason(&verify_json(&kit, &members).await), "unavailable");
    }
    let kit = kit.store(MemoryStore::default());
    for _ in 0..3 {
        let members = serde_json::json!({ "altcha": solved(&kit).await });
        assert_eq!(verify_json(&kit, &members).await.status(), 200);
    }
}

#[tokio::test]
async fn who_waits_takes_no_place_of_those_who_work() {
    let start = now();
    let kit = kit().store(MemoryStore::with_capacity(2)).at(start);
    let pages: Vec<Reply> = (0..3)
        .map(|_| kit.interstitial(&browser("GET", "/", &[]), &challenged()))
        .collect();
    let kit = kit.at(start + 30);
    let mut reasons = Vec::new();
    for page in &pages {
        let wait = serde_json::json!({ "wait": field(page, "wait") });
        reasons.push(verify_json(&kit, &wait).await.status());
    }
    assert_eq!(reasons, [200, 200, 403], "the store is bounded");
    let work = serde_json::json!({ "altcha": solved(&kit).await });
    assert_eq!(verify_json(&kit, &work).await.status(), 200);
}
