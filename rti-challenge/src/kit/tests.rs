//! The kit from outside: pages, solutions, clearances, and attacks on them.

mod attacks;
mod flows;
mod limits;
mod providers;
mod random;

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use altcha::{Challenge as AltchaChallenge, Payload, SolveChallengeOptions, solve_challenge};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use rti_core::{Config, Observer, Reply, Requester, Rti, ThreatType};

use super::*;
use crate::replay::{Claim, StoreError};
use crate::request::RequestBody;
use crate::request::plain::request;

const IP: &str = "192.0.2.1";
const FORM: &str = "application/x-www-form-urlencoded";
const VERIFY: &str = "/.well-known/rti/verify";

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs()
}

fn kit() -> Challenge {
    Challenge::proof_of_work(Keys::new([1; 32])).cost(Cost::new(1_000, 16))
}

/// A request of the visitor's browser.
fn browser(method: &str, target: &str, headers: &[(&str, &str)]) -> ChallengeRequest {
    from(IP, method, target, headers)
}

fn from(ip: &str, method: &str, target: &str, headers: &[(&str, &str)]) -> ChallengeRequest {
    let usual = [
        ("host", "shop.example"),
        ("user-agent", "Mozilla/5.0"),
        ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ];
    request(method, target, ip, &[headers, &usual].concat())
}

/// A form that a page of the site posts.
fn posted(target: &str, fields: &[(&str, &str)]) -> ChallengeRequest {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let headers = [("origin", "https://shop.example"), ("content-type", FORM)];
    browser("POST", target, &headers).with_body(RequestBody::Whole(body.into()))
}

fn challenged() -> Challenged {
    Challenged {
        requester: Requester::Navigation,
        threat_type: Some(ThreatType::Vpn),
        reference: Some("r-1".to_owned()),
        denial: None,
    }
}

fn header(reply: &Reply, name: &str) -> Option<String> {
    let mut headers = reply.headers();
    headers
        .find(|(candidate, _)| *candidate == name)
        .map(|(_, value)| value.to_owned())
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(reply.body()).unwrap()
}

fn json(reply: &Reply) -> serde_json::Value {
    serde_json::from_slice(reply.body()).unwrap()
}

/// The value of a hidden field of a page.
fn field(page: &Reply, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = text(page).split(&start).nth(1).unwrap_or_default();
    rest.split('"').next().unwrap().to_owned()
}

/// The solution of a new challenge.
async fn solved(kit: &Challenge) -> String {
    let challenge = kit
        .handle(&browser("GET", "/.well-known/rti/challenge", &[]))
        .await;
    assert_eq!(challenge.status(), 200, "{}", text(&challenge));
    let challenge: AltchaChallenge = serde_json::from_slice(challenge.body()).unwrap();
    solve(&challenge)
}

fn solve(challenge: &AltchaChallenge) -> String {
    let solution = solve_challenge(SolveChallengeOptions::new(challenge)).unwrap();
    let payload = Payload {
        challenge: challenge.clone(),
        solution: solution.unwrap(),
    };
    STANDARD.encode(serde_json::to_vec(&payload).unwrap())
}

/// The reason of a refusal.
fn reason(reply: &Reply) -> String {
    assert_eq!(header(reply, "set-cookie"), None, "a refusal clears nobody");
    json(reply)["reason"].as_str().unwrap().to_owned()
}

/// As a program posts it.
async fn verify_json(kit: &Challenge, members: &serde_json::Value) -> Reply {
    kit.handle(&posted_json(members)).await
}

fn posted_json(members: &serde_json::Value) -> ChallengeRequest {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("host", "shop.example"),
        ("user-agent", "Mozilla/5.0"),
    ];
    let body = RequestBody::Whole(members.to_string().into());
    request("POST", VERIFY, IP, &headers).with_body(body)
}

/// A page asked for with the cookie that a reply has set.
fn with_cookie_of(reply: &Reply, target: &str) -> ChallengeRequest {
    let cookie = header(reply, "set-cookie").unwrap();
    let pair = cookie.split(';').next().unwrap();
    browser("GET", target, &[("cookie", pair)])
}

#[derive(Debug, Default)]
struct Events(Mutex<Vec<ChallengeEvent>>);

impl Observer for Events {
    fn challenge(&self, event: &ChallengeEvent) {
        self.0.lock().unwrap().push(*event);
    }
}

impl Events {
    /// What happened, and why the visitors were challenged.
    fn all(&self) -> Vec<(&'static str, Option<ThreatType>)> {
        let events = self.0.lock().unwrap();
        let event = |event: &ChallengeEvent| (event.kind.as_str(), event.threat_type);
        events.iter().map(event).collect()
    }
}

/// An engine, and what its observer receives.
fn engine() -> (Rti, Arc<Events>) {
    let events = Arc::new(Events::default());
    (observed_by(Arc::clone(&events)), events)
}

fn observed_by(observer: impl Observer) -> Rti {
    struct Never;
    #[rti_core::async_trait]
    impl rti_core::Transport for Never {
        async fn send(
            &self,
            _: rti_core::ApiRequest,
        ) -> Result<rti_core::ApiResponse, rti_core::CallError> {
            std::future::pending().await
        }
    }
    let config = Config::builder("key", "hash", "http://127.0.0.1:9").build();
    Rti::builder(config.unwrap())
        .observer(observer)
        .build_with_transport(Never)
}

/// A store that cannot be reached.
#[derive(Debug)]
struct Down;

#[async_trait]
impl ReplayStore for Down {
    async fn claim(&self, _id: &str, _ttl: Duration) -> Result<Claim, StoreError> {
        Err(StoreError::new("no connection"))
    }
}
