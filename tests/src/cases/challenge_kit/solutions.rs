//! Solutions that are used again, changed, or made for something else; where a solution leads to.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use rti_challenge::{Claim, MemoryStore, ReplayStore, StoreError};
use serde_json::Value;

use super::{
    PREFIX, challenging_by, cookie, field, kit, navigation, posted, reason, solved, verify_json,
    with_key,
};
use crate::client::Http2;
use crate::{Site, Stage};

crate::suite::cases![
    a_solution_sent_a_hundred_times_at_once_clears_once: needs ChallengeKit,
    a_solution_that_another_machine_took_is_replayed: needs ChallengeKit,
    a_store_that_fails_refuses_the_solution_and_not_the_site: needs ChallengeKit,
    a_challenge_that_the_client_changed_is_refused: needs ChallengeKit,
    a_solution_of_another_key_is_refused: needs ChallengeKit,
    a_solution_leads_to_no_other_site: needs ChallengeKit,
    a_flood_of_cookies_is_challenged: needs ChallengeKit,
    a_challenge_is_solved_over_http2: needs ChallengeKit and Http2,
];

const AT_ONCE: usize = 100;

/// One store for several machines, as Redis is; its own tests are in `rti-challenge/tests/redis.rs`.
#[derive(Debug, Clone)]
struct Shared(Arc<MemoryStore>);

#[rti_challenge::async_trait]
impl ReplayStore for Shared {
    async fn claim(&self, id: &str, ttl: Duration) -> Result<Claim, StoreError> {
        self.0.claim(id, ttl).await
    }
}

#[derive(Debug)]
struct Down;

#[rti_challenge::async_trait]
impl ReplayStore for Down {
    async fn claim(&self, _: &str, _: Duration) -> Result<Claim, StoreError> {
        Err(StoreError::new("no connection"))
    }
}

async fn a_solution_sent_a_hundred_times_at_once_clears_once(stage: Stage) {
    // Each refusal counts as a failed solution of this network.
    let site = challenging_by(stage, kit().failures_per_minute(1_000)).await;
    let solution = verify_json(&solved(&site).await);
    let responses = join_all((0..AT_ONCE).map(|_| site.send(&solution))).await;
    let (cleared, refused): (Vec<_>, Vec<_>) = responses
        .iter()
        .partition(|response| response.status == 200);
    assert_eq!(cleared.len(), 1);
    for refused in refused {
        assert_eq!(reason(refused), "replayed");
    }
}

async fn a_solution_that_another_machine_took_is_replayed(stage: Stage) {
    let store = Shared(Arc::new(MemoryStore::with_capacity(1_000)));
    let other = challenging_by(stage.again(), kit().store(store.clone())).await;
    let site = challenging_by(stage, kit().store(store)).await;
    let solution = verify_json(&solved(&site).await);
    let passed = other.send(&solution).await;
    assert_eq!(passed.status, 200, "{passed:?}");
    assert_eq!(reason(&site.send(&solution).await), "replayed");
    // The clearance is of the fleet.
    let request = navigation("/about").header("Cookie", cookie(&passed));
    assert_eq!(site.send(&request).await.text(), "about");
}

async fn a_store_that_fails_refuses_the_solution_and_not_the_site(stage: Stage) {
    let site = challenging_by(stage, kit().store(Down)).await;
    let solution = verify_json(&solved(&site).await);
    assert_eq!(reason(&site.send(&solution).await), "unavailable");
    site.answer(rti_simulator::Verdict::valid());
    assert_eq!(site.send(&navigation("/")).await.text(), "hello");
}

/// Less work, a later end, another algorithm: each with the solution of what was issued.
async fn a_challenge_that_the_client_changed_is_refused(stage: Stage) {
    let site = challenging_by(stage, kit().failures_per_minute(1_000)).await;
    let solution = solved(&site).await;
    let payload: Value = serde_json::from_slice(&STANDARD.decode(&solution).unwrap()).unwrap();
    let parameters = payload["challenge"]["parameters"].as_object().unwrap();
    assert!(parameters.len() > 3, "{payload}");
    for (name, value) in parameters {
        let mut changed = payload.clone();
        changed["challenge"]["parameters"][name] = another(value);
        let changed = STANDARD.encode(serde_json::to_vec(&changed).unwrap());
        let refused = site.send(&verify_json(&changed)).await;
        assert_eq!(refused.status, 403, "{name}: {refused:?}");
        assert!(refused.cookies().is_empty(), "{name}");
    }
    assert_eq!(site.send(&verify_json(&solution)).await.status, 200);
}

fn another(value: &Value) -> Value {
    match value {
        Value::Number(number) => (number.as_i64().unwrap_or_default() + 1).into(),
        Value::String(text) => {
            let first = if text.starts_with('0') { '1' } else { '0' };
            format!("{first}{}", text.get(1..).unwrap_or_default()).into()
        }
        Value::Object(members) => {
            let changed = members.iter();
            changed
                .map(|(name, value)| (name.clone(), another(value)))
                .collect()
        }
        _ => "0".into(),
    }
}

async fn a_solution_of_another_key_is_refused(stage: Stage) {
    let other = challenging_by(stage.again(), with_key([2; 32])).await;
    let site = challenging_by(stage, kit()).await;
    let foreign = solved(&other).await;
    assert_eq!(reason(&site.send(&verify_json(&foreign)).await), "forged");
    assert_eq!(other.send(&verify_json(&foreign)).await.status, 200);
}

async fn a_solution_leads_to_no_other_site(stage: Stage) {
    let site = challenging_by(stage, kit()).await;
    for target in [
        "//evil.example/",
        "/\\evil.example/",
        "/%2f/evil.example",
        "/%5cevil.example",
        "/.//evil.example",
        "/about?next=//evil.example",
        "/about?javascript:alert(1)",
        "/%0d%0aLocation:%20https://evil.example",
    ] {
        let page = site.send(&navigation(target)).await;
        // A framework may refuse a target itself.
        let Some(return_to) = field(&page, "return_to") else {
            assert!(page.status >= 400, "{target}: {page:?}");
            continue;
        };
        let location = redeemed(&site, &return_to).await;
        let leaves = location.starts_with("//") || location.starts_with("/\\");
        assert!(location.starts_with('/') && !leaves, "{target}: {location}");
    }
    for return_to in ["https://evil.example/", "//evil.example", "/about", "x", ""] {
        let location = redeemed(&site, return_to).await;
        assert_eq!(location, "/", "{return_to}");
    }
}

async fn redeemed(site: &Site, return_to: &str) -> String {
    let solution = solved(site).await;
    let fields = [("altcha", &*solution), ("return_to", return_to)];
    let form = posted(&format!("{PREFIX}verify"), &fields);
    let passed = site.send(&form).await;
    assert_eq!(passed.status, 303, "{return_to}: {passed:?}");
    passed.header("Location").unwrap().to_owned()
}

async fn a_flood_of_cookies_is_challenged(stage: Stage) {
    let site = challenging_by(stage, kit()).await;
    let many = vec!["__Host-rti_clearance=AAAA"; 200].join("; ");
    let request = navigation("/").header("Cookie", &many);
    assert_eq!(site.send(&request).await.status, 403);
    let cookie = cookie(&site.send(&verify_json(&solved(&site).await)).await);
    let request = navigation("/").header("Cookie", format!("{cookie}; other=1"));
    assert_eq!(site.send(&request).await.text(), "hello");
}

async fn a_challenge_is_solved_over_http2(stage: Stage) {
    let site = challenging_by(stage, kit()).await;
    let mut connection = Http2::open(site.address()).await;
    let page = connection.send(&navigation("/about")).await;
    assert_eq!(page.status, 403);
    let solution = solved(&site).await;
    let return_to = field(&page, "return_to").unwrap();
    let fields = [("altcha", &*solution), ("return_to", &return_to)];
    let form = posted(&format!("{PREFIX}verify"), &fields);
    let passed = connection.send(&form).await;
    assert_eq!(passed.status, 303, "{passed:?}");
    let request = navigation("/about").header("Cookie", cookie(&passed));
    assert_eq!(connection.send(&request).await.text(), "about");
}
