//! What does not get past a challenge.

use rti_simulator::Verdict;

use super::challenging;
use super::{
    BOT, PREFIX, cleared, kit, navigation, posted, reason, solution, solved, verify_json, with_key,
};
use crate::client::Request;
use crate::{Site, Stage};

crate::suite::cases![
    a_blocked_visitor_with_a_clearance_is_blocked: needs ChallengeKit,
    a_solution_clears_once: needs ChallengeKit,
    a_cookie_that_was_not_issued_here_is_challenged: needs ChallengeKit,
    a_cookie_of_another_visitor_is_challenged: needs ChallengeKit,
    a_solution_of_another_visitor_is_refused: needs ChallengeKit,
    a_solution_that_another_site_posts_is_refused: needs ChallengeKit,
    no_header_stands_for_a_solution: needs ChallengeKit,
];

/// Of this kit, for a program on loopback without a user agent: issued in 2023, for half an hour.
const EXPIRED: &str = "ATuQrJwBAAAAAGVT8QAAAAAAZVP4CFmdBO8M2fs8ByjhLeNJ7XQHBwcHBwcHBwcHBwcHBwcHOg1IfreESDbpV363ZbO_GJl7A_bNYh_--9EAZt1zpRI";

async fn is_challenged(site: &Site, cookie: &str) -> bool {
    let request = navigation("/").header("Cookie", cookie);
    site.send(&request).await.status == 403
}

async fn a_blocked_visitor_with_a_clearance_is_blocked(stage: Stage) {
    let site = challenging(stage).await;
    let cookie = cleared(&site).await;
    assert!(!is_challenged(&site, &cookie).await);
    site.answer(Verdict::threat(BOT).request_id("r-2"));
    let request = navigation("/").header("Cookie", &cookie);
    let blocked = site.send(&request).await;
    assert_eq!(blocked.status, 403);
    assert!(!blocked.text().contains(PREFIX), "{blocked:?}");
}

async fn a_solution_clears_once(stage: Stage) {
    let site = challenging(stage).await;
    let solution = solved(&site).await;
    assert_eq!(site.send(&verify_json(&solution)).await.status, 200);
    for _ in 0..3 {
        let again = site.send(&verify_json(&solution)).await;
        assert_eq!(reason(&again), "replayed");
    }
}

async fn a_cookie_that_was_not_issued_here_is_challenged(stage: Stage) {
    let other = stage.again().blocking().kit(with_key([2; 32]));
    let other = other.answer(Verdict::threat(super::VPN)).start().await;
    let foreign = cleared(&other).await;
    assert!(!is_challenged(&other, &foreign).await);

    let site = challenging(stage).await;
    let cookie = cleared(&site).await;
    let (name, token) = cookie.split_once('=').unwrap();
    let reversed: String = token.chars().rev().collect();
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    let changed = format!("{}{last}", &token[..token.len() - 1]);
    let cut = &token[..token.len() - 4];
    for token in [
        "",
        "x",
        &reversed,
        &changed,
        cut,
        EXPIRED,
        &token.repeat(1_000),
    ] {
        assert!(
            is_challenged(&site, &format!("{name}={token}")).await,
            "{token}"
        );
    }
    assert!(is_challenged(&site, &foreign).await);
    assert!(is_challenged(&site, &format!("rti_clearance={token}")).await);
    assert!(!is_challenged(&site, &cookie).await);
}

async fn a_cookie_of_another_visitor_is_challenged(stage: Stage) {
    let site = behind_a_proxy(stage).await;
    let from = |ip: &str, agent: &str| {
        let request = Request::get(&format!("{PREFIX}challenge"));
        request
            .header("X-Forwarded-For", ip)
            .header("User-Agent", agent)
    };
    let solution = solution(&site, from("192.0.2.1", "Mozilla/5.0")).await;
    let verify = verify_json(&solution).header("X-Forwarded-For", "192.0.2.9");
    let passed = site.send(&verify.header("User-Agent", "Mozilla/5.0")).await;
    let cookie = super::cookie(&passed);
    for (ip, agent, status) in [
        ("192.0.2.200", "Mozilla/5.0", 200),
        ("198.51.100.1", "Mozilla/5.0", 403),
        ("192.0.2.1", "curl/8", 403),
    ] {
        let request = navigation("/").header("X-Forwarded-For", ip);
        let request = request
            .header("User-Agent", agent)
            .header("Cookie", &cookie);
        assert_eq!(site.send(&request).await.status, status, "{ip} {agent}");
    }
}

async fn a_solution_of_another_visitor_is_refused(stage: Stage) {
    let site = behind_a_proxy(stage).await;
    let request = Request::get(&format!("{PREFIX}challenge"));
    let solution = solution(&site, request.header("X-Forwarded-For", "192.0.2.1")).await;
    let verify = verify_json(&solution).header("X-Forwarded-For", "198.51.100.1");
    assert_eq!(reason(&site.send(&verify).await), "other_visitor");
    // The left of the list is the visitor's own to write.
    let verify = verify_json(&solution).header("X-Forwarded-For", "192.0.2.1, 198.51.100.1");
    assert_eq!(reason(&site.send(&verify).await), "other_visitor");
}

async fn behind_a_proxy(stage: Stage) -> Site {
    challenging(stage.configure(|config| config.trusted_proxies(["127.0.0.0/8"]))).await
}

async fn a_solution_that_another_site_posts_is_refused(stage: Stage) {
    let site = challenging(stage).await;
    let solution = solved(&site).await;
    let mut request = posted(&format!("{PREFIX}verify"), &[("altcha", &solution)]);
    request = request.header("Sec-Fetch-Site", "cross-site");
    assert_eq!(reason(&site.send(&request).await), "cross_site");
}

async fn no_header_stands_for_a_solution(stage: Stage) {
    let site = stage
        .blocking()
        .kit(kit())
        .answer(Verdict::threat(super::VPN));
    let site = site.start().await;
    for (name, value) in [
        ("x-cheq-rti-result", "allow"),
        (
            "Cookie",
            "__Host-rti_clearance=1; rti_clearance=1; captcha=solved",
        ),
        ("X-Original-URL", "/.well-known/rti/page"),
        ("X-HTTP-Method-Override", "POST"),
        ("X-Forwarded-For", "127.0.0.1"),
    ] {
        let request = navigation("/").header(name, value);
        assert_eq!(site.send(&request).await.status, 403, "{name}");
    }
}
