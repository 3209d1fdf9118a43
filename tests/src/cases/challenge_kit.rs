//! The challenge kit behind each adapter: the page, the way through it by the documented protocol, and what
//! is not a way through it.

mod attacks;
mod events;
mod forms;
mod parts;
mod services;
mod solutions;
mod wire;

use altcha::{Payload, SolveChallengeOptions, solve_challenge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rti_challenge::{Challenge, Cost, Keys};
use rti_simulator::Verdict;
use serde_json::json;

use crate::client::{HOST, Request, Response};
use crate::{Site, Stage};

crate::suite::cases![
    a_challenged_visitor_gets_the_page_of_the_kit: needs ChallengeKit,
    the_page_has_the_language_of_the_block_page: needs ChallengeKit,
    the_files_of_the_page_are_served: needs ChallengeKit,
    a_script_is_told_where_to_solve_the_challenge: needs ChallengeKit,
    a_solution_leads_back_to_the_page_and_clears: needs ChallengeKit,
    a_solution_in_json_clears: needs ChallengeKit,
    paths_of_the_kit_are_not_sent_to_the_service: needs ChallengeKit,
    in_monitoring_mode_the_kit_challenges_nobody: needs ChallengeKit,
];

pub(super) fn all() -> Vec<crate::suite::Case> {
    [
        cases(),
        forms::cases(),
        attacks::cases(),
        events::cases(),
        parts::cases(),
        services::cases(),
        solutions::cases(),
        wire::cases(),
    ]
    .concat()
}

const PREFIX: &str = "/.well-known/rti/";
const VPN: u32 = 14;
const BOT: u32 = 3;

fn kit() -> Challenge {
    with_key([1; 32])
}

/// With the least work there is.
fn with_key(key: [u8; 32]) -> Challenge {
    Challenge::proof_of_work(Keys::new(key)).cost(Cost::new(1_000, 16))
}

/// A site that challenges everyone.
async fn challenging(stage: Stage) -> Site {
    challenging_by(stage, kit()).await
}

/// A site that challenges everyone by this kit.
async fn challenging_by(stage: Stage, kit: Challenge) -> Site {
    let stage = stage.blocking().kit(kit);
    let stage = stage.answer(Verdict::threat(VPN).request_id("r-1"));
    stage.start().await
}

fn navigation(target: &str) -> Request {
    Request::get(target).header("Accept", "text/html")
}

/// What a page of the site posts, under a path of the kit.
fn posted(target: &str, fields: &[(&str, &str)]) -> Request {
    let body: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    Request::new("POST", target)
        .header("Accept", "text/html")
        .header("Origin", format!("http://{HOST}"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
}

fn verify_json(solution: &str) -> Request {
    verify_json_at(&format!("{PREFIX}verify"), solution)
}

fn verify_json_at(target: &str, solution: &str) -> Request {
    Request::new("POST", target)
        .header("Accept", "application/json")
        .header("Content-Type", "application/json")
        .body(json!({ "altcha": solution }).to_string())
}

/// The solution of a new challenge, which this request gets.
async fn solution(site: &Site, request: Request) -> String {
    let response = site.send(&request).await;
    assert_eq!(response.status, 200, "{response:?}");
    let challenge = serde_json::from_slice(&response.body).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap();
    let payload = Payload {
        challenge,
        solution: solution.unwrap(),
    };
    STANDARD.encode(serde_json::to_vec(&payload).unwrap())
}

/// Why a solution was refused. It earns no cookie.
fn reason(response: &Response) -> String {
    assert_eq!(response.status, 403, "{response:?}");
    assert!(response.cookies().is_empty(), "{response:?}");
    response.json()["reason"].as_str().unwrap().to_owned()
}

async fn solved(site: &Site) -> String {
    solution(site, Request::get(&format!("{PREFIX}challenge"))).await
}

/// The cookie that a solution earns, as it is sent back.
fn cookie(response: &Response) -> String {
    let cookies = response.cookies();
    let clearance = cookies
        .iter()
        .find(|cookie| cookie.contains("rti_clearance="));
    let pair = clearance.and_then(|cookie| cookie.split(';').next());
    pair.unwrap_or_else(|| panic!("no clearance: {response:?}"))
        .to_owned()
}

async fn cleared(site: &Site) -> String {
    let solution = solved(site).await;
    cookie(&site.send(&verify_json(&solution)).await)
}

/// The value of a hidden field of a page.
fn field(page: &Response, name: &str) -> Option<String> {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.text().split_once(&start)?;
    Some(rest.split('"').next()?.to_owned())
}

async fn a_challenged_visitor_gets_the_page_of_the_kit(stage: Stage) {
    let site = challenging(stage).await;
    let page = site.send(&navigation("/about?a=b")).await;
    assert_eq!(page.status, 403);
    assert_eq!(page.header("Cache-Control"), Some("no-store"));
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let content_type = page.header("Content-Type").unwrap();
    assert!(content_type.starts_with("text/html"), "{content_type}");
    assert!(page.text().contains("r-1"), "{page:?}");
    assert_eq!(site.application.count(), 0);

    let head = Request::new("HEAD", "/about").header("Accept", "text/html");
    let head = site.send(&head).await;
    assert_eq!((head.status, head.body.len()), (403, 0));
}

async fn the_page_has_the_language_of_the_block_page(stage: Stage) {
    let site = challenging(stage.configure(|config| config.lang("fr"))).await;
    let page = site.send(&navigation("/about")).await;
    assert!(page.text().contains("<html lang=\"fr\">"), "{page:?}");
    assert!(page.text().contains("Un instant"), "{page:?}");
}

async fn the_files_of_the_page_are_served(stage: Stage) {
    let site = challenging(stage).await;
    let page = site.send(&navigation("/")).await;
    let files: Vec<&str> = page
        .text()
        .split('"')
        .filter(|text| text.starts_with(PREFIX) && text.contains("/assets/"))
        .collect();
    assert!(!files.is_empty(), "{page:?}");
    for file in files {
        let response = site.get(file).await;
        assert_eq!(response.status, 200, "{file}");
        assert!(!response.body.is_empty(), "{file}");
    }
}

async fn a_script_is_told_where_to_solve_the_challenge(stage: Stage) {
    let site = challenging(stage).await;
    let fetch = Request::get("/count")
        .header("Accept", "application/json")
        .header("Sec-Fetch-Dest", "empty")
        .header("Referer", format!("http://{HOST}/about"));
    let response = site.send(&fetch).await;
    assert_eq!(response.status, 403);
    let content_type = response.header("Content-Type");
    assert_eq!(content_type, Some("application/problem+json"));
    let challenge = &response.json()["challenge"];
    assert_eq!(challenge["kind"], "pow");
    assert_eq!(challenge["verify"], format!("{PREFIX}verify"));
    let page = site.get(challenge["url"].as_str().unwrap()).await;
    assert_eq!(page.status, 403);
    let return_to = field(&page, "return_to").unwrap();
    let solution = solved(&site).await;
    let fields = [("altcha", &*solution), ("return_to", &return_to)];
    let passed = site
        .send(&posted(&format!("{PREFIX}verify"), &fields))
        .await;
    assert_eq!(passed.header("Location"), Some("/about"));
}

async fn a_solution_leads_back_to_the_page_and_clears(stage: Stage) {
    let site = challenging(stage).await;
    let page = site.send(&navigation("/verdict?a=b")).await;
    let return_to = field(&page, "return_to").unwrap();
    let solution = solved(&site).await;
    let fields = [("altcha", &*solution), ("return_to", &return_to)];
    let passed = site
        .send(&posted(&format!("{PREFIX}verify"), &fields))
        .await;
    assert_eq!(passed.status, 303, "{passed:?}");
    assert_eq!(passed.header("Location"), Some("/verdict?a=b"));
    let cookies = passed.cookies();
    let attributes = "; Path=/; Max-Age=1800; Secure; HttpOnly; SameSite=Lax";
    assert!(cookies[0].starts_with("__Host-rti_clearance="));
    assert!(cookies[0].ends_with(attributes), "{cookies:?}");

    for _ in 0..2 {
        let request = navigation("/verdict?a=b").header("Cookie", cookie(&passed));
        let decision = site.send(&request).await.json();
        assert_eq!(decision["action"], "allow");
        assert_eq!(decision["policy_action"], "challenge");
        assert_eq!(decision["challenge_passed"], true);
    }
    assert_eq!(site.send(&navigation("/")).await.status, 403);
}

async fn a_solution_in_json_clears(stage: Stage) {
    let site = challenging(stage).await;
    let solution = solved(&site).await;
    let passed = site.send(&verify_json(&solution)).await;
    assert_eq!(passed.status, 200, "{passed:?}");
    assert_eq!(passed.json(), json!({ "passed": true }));
    let request = Request::post("/echo", "all of it").header("Cookie", cookie(&passed));
    assert_eq!(site.send(&request).await.text(), "all of it");
}

async fn paths_of_the_kit_are_not_sent_to_the_service(stage: Stage) {
    let site = challenging(stage).await;
    // Neither is what they are blocked for.
    site.answer(Verdict::threat(BOT));
    cleared(&site).await;
    for (method, path, status) in [
        ("GET", "page", 403),
        ("HEAD", "challenge", 200),
        ("GET", "verify", 405),
        ("DELETE", "verify", 405),
        ("POST", "challenge", 405),
        ("GET", "unknown", 404),
        ("GET", "", 404),
        ("GET", "assets/unknown.js", 404),
    ] {
        let response = site
            .send(&Request::new(method, &format!("{PREFIX}{path}")))
            .await;
        assert_eq!(response.status, status, "{method} {path}: {response:?}");
    }
    assert_eq!(site.calls(), 0);
    for target in ["/.well-known/rti", "/.well-known/%72ti/page"] {
        assert_eq!(site.get(target).await.status, 403, "{target}");
    }
    assert_eq!(site.calls(), 2);
}

async fn in_monitoring_mode_the_kit_challenges_nobody(stage: Stage) {
    let site = stage.kit(kit()).answer(Verdict::threat(VPN)).start().await;
    assert_eq!(site.send(&navigation("/")).await.text(), "hello");
    cleared(&site).await;
    assert_eq!(site.calls(), 1);
}
