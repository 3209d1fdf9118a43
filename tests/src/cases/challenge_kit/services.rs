//! A kit with a captcha service, in whose place the simulator answers.

use std::time::{Duration, Instant};

use rti_challenge::{Captcha, Challenge, Keys, OnProviderFailure};
use rti_challenge::{ProviderError, VerifyCall, VerifyClient, VerifyResponse};
use rti_simulator::{Captchas, Verdict};
use serde_json::json;

use super::{PREFIX, challenging_by, cookie, field, navigation, posted};
use crate::client::{Connection, HOST, Request, Response};
use crate::{Site, Stage};

crate::suite::cases![
    a_service_that_accepts_the_response_clears: needs ChallengeKit,
    a_response_for_another_host_or_action_is_refused: needs ChallengeKit,
    a_service_that_is_down_or_hangs_refuses_and_the_site_is_served: needs ChallengeKit,
    a_site_may_let_visitors_continue_while_the_service_is_down: needs ChallengeKit,
];

/// Less than the suite's patience, and more than a loaded machine takes for a call on loopback.
const DEADLINE: Duration = Duration::from_millis(500);

/// The suite's own client: `HttpClient` would bring reqwest to every adapter's author, and has tests of
/// its own in `rti-challenge/tests/captchas.rs`.
#[derive(Debug)]
struct Client;

#[rti_challenge::async_trait]
impl VerifyClient for Client {
    async fn post(&self, call: VerifyCall) -> Result<VerifyResponse, ProviderError> {
        let (authority, path) = call
            .url
            .strip_prefix("http://")
            .and_then(|url| url.split_once('/'))
            .unwrap();
        let mut request = Request::new("POST", &format!("/{path}"));
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let mut connection = Connection::open(authority.parse().unwrap()).await;
        let response = connection.send(&request.body(call.body)).await;
        Ok(VerifyResponse::new(response.status, response.body))
    }
}

fn turnstile(captchas: &Captchas) -> Challenge {
    let captcha = Captcha::turnstile("site-key", "secret", Client);
    Challenge::with_provider(captcha.stand_in(captchas.origin()), Keys::new([1; 32]))
        .provider_deadline(DEADLINE)
}

/// What the stand-in accepts.
fn pass(host: &str) -> String {
    format!("pass;hostname={host};action=rti_challenge")
}

async fn verify(site: &Site, response: &str) -> Response {
    let request = Request::new("POST", &format!("{PREFIX}verify"))
        .header("Accept", "application/json")
        .header("Content-Type", "application/json")
        .body(json!({ "cf-turnstile-response": response }).to_string());
    site.send(&request).await
}

async fn a_service_that_accepts_the_response_clears(stage: Stage) {
    let captchas = Captchas::start().await.unwrap();
    let site = challenging_by(stage, turnstile(&captchas)).await;
    let page = site.send(&navigation("/about")).await;
    assert!(page.text().contains("site-key"), "{page:?}");
    assert!(!page.text().contains("secret"), "{page:?}");
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(policy.contains(captchas.origin()), "{policy}");

    let return_to = field(&page, "return_to").unwrap();
    let response = pass(HOST);
    let fields = [
        ("cf-turnstile-response", &*response),
        ("return_to", &return_to),
    ];
    let form = posted(&format!("{PREFIX}verify"), &fields);
    let passed = site.send(&form).await;
    assert_eq!(passed.status, 303, "{passed:?}");
    assert_eq!(passed.header("Location"), Some("/about"));
    let request = navigation("/about").header("Cookie", cookie(&passed));
    assert_eq!(site.send(&request).await.text(), "about");
    assert_eq!(site.send(&form).await.status, 403);
    assert!(captchas.bodies()[0].contains("secret=secret"));
}

async fn a_response_for_another_host_or_action_is_refused(stage: Stage) {
    let captchas = Captchas::start().await.unwrap();
    let site = challenging_by(stage, turnstile(&captchas)).await;
    for response in [
        &*pass("evil.example"),
        "pass;hostname=shop.example;action=login",
        "no response",
    ] {
        let refused = verify(&site, response).await;
        assert_eq!(refused.status, 403, "{response}: {refused:?}");
        assert!(refused.cookies().is_empty(), "{response}");
    }
    assert_eq!(verify(&site, &pass(HOST)).await.status, 200);
}

async fn a_service_that_is_down_or_hangs_refuses_and_the_site_is_served(stage: Stage) {
    let captchas = Captchas::start().await.unwrap();
    let site = challenging_by(stage, turnstile(&captchas)).await;
    for response in ["down", "hang"] {
        let asked = Instant::now();
        let refused = verify(&site, response).await;
        assert_eq!(refused.json()["reason"], "provider_unavailable");
        assert!(refused.cookies().is_empty(), "{response}");
        assert!(asked.elapsed() < 10 * DEADLINE, "{:?}", asked.elapsed());
    }
    site.answer(Verdict::valid());
    assert_eq!(site.send(&navigation("/")).await.text(), "hello");
}

async fn a_site_may_let_visitors_continue_while_the_service_is_down(stage: Stage) {
    let captchas = Captchas::start().await.unwrap();
    let kit = turnstile(&captchas).on_provider_failure(OnProviderFailure::Pass);
    let site = challenging_by(stage, kit).await;
    let passed = verify(&site, "down").await;
    assert_eq!(passed.status, 200, "{passed:?}");
    let clearance = &passed.cookies()[0];
    assert!(clearance.contains("Max-Age=60;"), "{clearance}");
    let request = navigation("/").header("Cookie", cookie(&passed));
    assert_eq!(site.send(&request).await.text(), "hello");
}
