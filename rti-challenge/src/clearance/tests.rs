//! Attacks on the clearance.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::*;
use crate::request::plain::request;

const NOW: u64 = 1_800_000_000;
const TTL: u64 = 1800;
const IP: &str = "192.0.2.1";
const AGENT: &str = "Mozilla/5.0";

fn clearances(key: u8) -> Clearances {
    Clearances {
        keys: Keys::new([key; 32]),
        binding: Binding::Network,
        method: "pow",
        ttl: TTL,
    }
}

fn visitor(ip: &str, agent: &str, cookie: &str) -> ChallengeRequest {
    let headers = [
        ("host", "shop.example"),
        ("user-agent", agent),
        ("cookie", cookie),
    ];
    request("GET", "/", ip, &headers)
}

/// The `name=value` of a new clearance.
fn pair(clearances: &Clearances, now: u64) -> String {
    let visitor = visitor(IP, AGENT, "");
    let cookie = clearances
        .issue(&visitor, now, [9; 16], Grade::Solved)
        .unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

fn check(clearances: &Clearances, cookie: &str) -> Clearance {
    clearances.check(&visitor(IP, AGENT, cookie), NOW)
}

const FORGED: Clearance = Clearance::Invalid(ClearanceFault::Forged);

#[test]
fn a_clearance_lets_its_visitor_continue_until_it_expires() {
    let clearances = clearances(1);
    let cookie = pair(&clearances, NOW);
    assert_eq!(
        check(&clearances, &cookie),
        Clearance::Valid { remaining: TTL }
    );
    let request = visitor(IP, AGENT, &cookie);
    let last = NOW + TTL - 1;
    assert_eq!(
        clearances.check(&request, last),
        Clearance::Valid { remaining: 1 }
    );
    let expired = Clearance::Invalid(ClearanceFault::Expired);
    assert_eq!(clearances.check(&request, NOW + TTL), expired);
    assert_eq!(check(&clearances, ""), Clearance::None);
}

#[test]
fn forged() {
    let clearances = clearances(1);
    let cookie = pair(&clearances, NOW);
    let (name, token) = cookie.split_once('=').unwrap();
    let blob = URL_SAFE_NO_PAD.decode(token).unwrap();
    for bit in 0..blob.len() * 8 {
        let mut blob = blob.clone();
        blob[bit / 8] ^= 1 << (bit % 8);
        let forged = format!("{name}={}", URL_SAFE_NO_PAD.encode(&blob));
        assert_eq!(check(&clearances, &forged), FORGED, "bit {bit}");
    }
}

#[test]
fn truncated_and_extended() {
    let clearances = clearances(1);
    let cookie = pair(&clearances, NOW);
    for length in 0..cookie.len() {
        assert!(
            !check(&clearances, &cookie[..length]).is_valid(),
            "{length}"
        );
    }
    assert!(!check(&clearances, &format!("{cookie}A")).is_valid());
    assert!(!check(&clearances, &format!("{cookie}=")).is_valid());
}

#[test]
fn reordered() {
    let clearances = clearances(1);
    let cookie = pair(&clearances, NOW - TTL);
    let (name, token) = cookie.split_once('=').unwrap();
    let mut blob = URL_SAFE_NO_PAD.decode(token).unwrap();
    // Issue time and expiry change places, as a clearance that begins later and ends never.
    let (at, until) = (6..14, 14..22);
    let times = [&blob[until.clone()], &blob[at.clone()]].concat();
    blob[at.start..until.end].copy_from_slice(&times);
    let reordered = format!("{name}={}", URL_SAFE_NO_PAD.encode(&blob));
    assert_eq!(check(&clearances, &reordered), FORGED);
}

#[test]
fn foreign_key() {
    assert_eq!(check(&clearances(1), &pair(&clearances(2), NOW)), FORGED);
}

#[test]
fn a_rotated_key_still_verifies() {
    let mut rotated = clearances(2);
    rotated.keys = Keys::new([2; 32]).and_older([1; 32]);
    assert!(check(&rotated, &pair(&clearances(1), NOW)).is_valid());
    assert!(check(&clearances(2), &pair(&rotated, NOW)).is_valid());
}

#[test]
fn from_the_future() {
    let clearances = clearances(1);
    assert!(
        check(&clearances, &pair(&clearances, NOW + CLOCK_SKEW)).is_valid(),
        "skew"
    );
    assert_eq!(
        check(&clearances, &pair(&clearances, NOW + CLOCK_SKEW + 1)),
        Clearance::Invalid(ClearanceFault::FromTheFuture)
    );
}

#[test]
fn other_visitor() {
    let other = Clearance::Invalid(ClearanceFault::OtherVisitor);
    let mut clearances = clearances(1);
    for (binding, same_network, other_network, other_agent) in [
        (Binding::Network, true, false, false),
        (Binding::Exact, false, false, false),
        (Binding::None, true, true, true),
    ] {
        clearances.binding = binding;
        let cookie = pair(&clearances, NOW);
        assert!(check(&clearances, &cookie).is_valid());
        for (ip, agent, valid) in [
            ("192.0.2.77", AGENT, same_network),
            ("192.0.3.1", AGENT, other_network),
            ("", AGENT, other_network),
            (IP, "curl/8", other_agent),
            (IP, "", other_agent),
        ] {
            let found = clearances.check(&visitor(ip, agent, &cookie), NOW);
            assert_eq!(found.is_valid(), valid, "{binding:?} {ip} {agent}");
            assert!(valid || found == other);
        }
    }
}

#[test]
fn a_binding_does_not_count_as_another() {
    let mut clearances = clearances(1);
    clearances.binding = Binding::None;
    let cookie = pair(&clearances, NOW);
    clearances.binding = Binding::Network;
    assert!(!check(&clearances, &cookie).is_valid());
}

#[test]
fn a_token_of_10_mb() {
    let token = "A".repeat(10_000_000);
    let cookie = format!("__Host-rti_clearance={token}");
    assert_eq!(check(&clearances(1), &cookie), Clearance::None);
}

#[test]
fn a_flood_of_cookies_does_not_hide_a_valid_one() {
    let clearances = clearances(1);
    let valid = pair(&clearances, NOW);
    let flood = format!("{}{valid}", "a=b; ".repeat(20_000));
    assert!(check(&clearances, &flood).is_valid());
    // As when a sub-domain of an old browser set another.
    let bad = pair(&self::clearances(2), NOW);
    assert!(check(&clearances, &format!("{bad}; {valid}")).is_valid());
    let flood = format!("{bad}; ").repeat(10_000);
    assert_eq!(check(&clearances, &flood), FORGED);
}

#[test]
fn the_plain_name_counts_on_loopback_alone() {
    let clearances = clearances(1);
    let headers = [("host", "localhost:8080"), ("user-agent", AGENT)];
    let local = request("GET", "/", IP, &headers);
    let cookie = clearances
        .issue(&local, NOW, [0; 16], Grade::Solved)
        .unwrap();
    assert!(cookie.starts_with("rti_clearance=") && !cookie.contains("Secure"));
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(check(&clearances, pair), Clearance::None);
    let with_cookie = [headers.as_slice(), &[("cookie", pair)]].concat();
    assert!(
        clearances
            .check(&request("GET", "/", IP, &with_cookie), NOW)
            .is_valid()
    );
}

#[test]
fn a_provisional_one_ends_soon() {
    let clearances = clearances(1);
    let cookie = clearances.issue(&visitor(IP, AGENT, ""), NOW, [0; 16], Grade::Provisional);
    let cookie = cookie.unwrap();
    assert!(cookie.contains("Max-Age=60;"));
    let found = check(&clearances, cookie.split(';').next().unwrap());
    assert_eq!(found, Clearance::Valid { remaining: 60 });
}

proptest! {
    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        let cookie = format!("__Host-rti_clearance={text}");
        prop_assert!(!check(&clearances(1), &cookie).is_valid());
    }

    #[test]
    fn any_token_of_the_right_length_is_refused(text in "[A-Za-z0-9_-]{115}") {
        prop_assert_eq!(TOKEN_CHARACTERS, 115);
        let cookie = format!("__Host-rti_clearance={text}");
        prop_assert!(!check(&clearances(1), &cookie).is_valid());
    }
}
