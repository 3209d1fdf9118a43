//! Challenges, their solutions, and attacks on them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use altcha::{SolveChallengeOptions, solve_challenge};
use serde_json::json;

use super::*;
use crate::request::plain::request;

fn now() -> u64 {
    let now: Duration = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_secs()
}

fn work(key: u8) -> ProofOfWork {
    ProofOfWork {
        keys: Keys::new([key; 32]),
        binding: Binding::Network,
        cost: Cost::new(1_000, 16),
        mobile_cost: Cost::new(1_000, 16),
        ttl: 300,
    }
}

fn visitor() -> ChallengeRequest {
    request("POST", "/", "192.0.2.1", &[("user-agent", "Mozilla/5.0")])
}

fn solved(challenge: &Challenge) -> Payload {
    let solution = solve_challenge(SolveChallengeOptions::new(challenge))
        .unwrap()
        .unwrap();
    Payload {
        challenge: challenge.clone(),
        solution,
    }
}

fn encode(payload: impl serde::Serialize) -> String {
    STANDARD.encode(serde_json::to_vec(&payload).unwrap())
}

fn verify(work: &ProofOfWork, payload: impl serde::Serialize) -> Result<ChallengeId, Refusal> {
    let solved = work.verify(&encode(payload), &visitor(), now())?;
    Ok(solved.id)
}

#[test]
fn a_solution_of_its_visitor_is_accepted_and_names_the_challenge() {
    let work = work(1);
    let challenge = work.issue(&visitor(), None, now()).unwrap();
    let id = verify(&work, solved(&challenge)).unwrap();
    assert_eq!(hex(&id), challenge.parameters.nonce);
    assert!((8..16).contains(&solved(&challenge).solution.counter));
    assert!(encode(solved(&challenge)).len() < MAX_SOLUTION_CHARACTERS / 2);
}

/// Every threat type, so that the rate of passed challenges is right for each.
#[test]
fn a_solution_says_why_its_visitor_was_challenged() {
    let work = work(1);
    let unknown = [ThreatType::from_code(i64::MAX), ThreatType::from_code(-7)];
    let known = [Some(ThreatType::Vpn), Some(ThreatType::Valid), None];
    for threat_type in known.into_iter().chain(unknown.map(Some)) {
        let challenge = work.issue(&visitor(), threat_type, now()).unwrap();
        let solution = encode(solved(&challenge));
        let verified = work.verify(&solution, &visitor(), now()).unwrap();
        assert_eq!(verified.threat_type, threat_type);
    }
    let challenge = work.issue(&visitor(), Some(ThreatType::Vpn), now());
    let mut changed = solved(&challenge.unwrap());
    let data = changed.challenge.parameters.data.as_mut().unwrap();
    data.insert("reason".to_owned(), "0".into());
    assert_eq!(verify(&work, changed), Err(Refusal::Forged));
}

#[test]
fn a_solution_for_another_challenge() {
    let work = work(1);
    let [one, other] = [(); 2].map(|()| solved(&work.issue(&visitor(), None, now()).unwrap()));
    let mixed = Payload {
        challenge: one.challenge,
        solution: other.solution,
    };
    assert_eq!(verify(&work, mixed), Err(Refusal::WrongSolution));
}

#[test]
fn a_wrong_solution() {
    let work = work(1);
    let solved = solved(&work.issue(&visitor(), None, now()).unwrap());
    let length = solved.solution.derived_key.len();
    for derived_key in ["0".repeat(length), String::new(), "no hex".to_owned()] {
        let mut wrong = solved.clone();
        wrong.solution.derived_key = derived_key;
        assert_eq!(verify(&work, wrong), Err(Refusal::WrongSolution));
    }
}

#[test]
fn parameters_weakened_by_the_client() {
    let work = work(1);
    let solved = solved(&work.issue(&visitor(), None, now()).unwrap());
    let valid = serde_json::to_value(&solved).unwrap();
    assert!(verify(&work, &valid).is_ok());
    for (name, value) in [
        ("cost", json!(1)),
        ("algorithm", json!("SHA-256")),
        ("keyLength", json!(1)),
        ("keyPrefix", json!("")),
        ("keySignature", json!("")),
        ("keySignature", json!(null)),
        ("keySignature", valid["challenge"]["signature"].clone()),
        ("expiresAt", json!(now() + 1_000_000)),
        ("expiresAt", json!(0)),
        ("expiresAt", json!(null)),
        ("memoryCost", json!(1_000_000)),
        ("nonce", json!("00000000000000000000000000000000")),
        ("salt", json!("00")),
    ] {
        let mut weakened = valid.clone();
        weakened["challenge"]["parameters"][name] = value;
        let refused = verify(&work, &weakened);
        assert_eq!(refused, Err(Refusal::Forged), "{name}");
    }
    let mut unsigned = valid.clone();
    unsigned["challenge"]
        .as_object_mut()
        .unwrap()
        .remove("signature");
    assert_eq!(verify(&work, &unsigned), Err(Refusal::Forged));
    let mut other_visitor = valid;
    other_visitor["challenge"]["parameters"]["data"]["visitor"] = json!("00".repeat(16));
    assert_eq!(verify(&work, &other_visitor), Err(Refusal::Forged));
}

#[test]
fn a_challenge_of_ones_own() {
    let solved = solved(&work(2).issue(&visitor(), None, now()).unwrap());
    assert_eq!(verify(&work(1), solved), Err(Refusal::Forged));
}

#[test]
fn another_visitor() {
    let work = work(1);
    let solution = encode(solved(&work.issue(&visitor(), None, now()).unwrap()));
    for (ip, agent, valid) in [
        ("192.0.2.200", "Mozilla/5.0", true),
        ("198.51.100.1", "Mozilla/5.0", false),
        ("192.0.2.1", "curl/8", false),
    ] {
        let other = request("POST", "/", ip, &[("user-agent", agent)]);
        let verified = work.verify(&solution, &other, now());
        if valid {
            assert!(verified.is_ok());
        } else {
            assert_eq!(verified, Err(Refusal::OtherVisitor));
        }
    }
}

#[test]
fn expired() {
    let work = work(1);
    let challenge = work.issue(&visitor(), None, now()).unwrap();
    let solution = encode(solved(&challenge));
    let late = now() + work.ttl + 1;
    assert_eq!(
        work.verify(&solution, &visitor(), late),
        Err(Refusal::Expired)
    );
    let challenge = work.issue(&visitor(), None, now() - work.ttl - 1).unwrap();
    assert_eq!(verify(&work, solved(&challenge)), Err(Refusal::Expired));
}

#[test]
fn a_rotated_key_still_verifies() {
    let solved = solved(&work(1).issue(&visitor(), None, now()).unwrap());
    let mut rotated = work(2);
    rotated.keys = Keys::new([2; 32]).and_older([1; 32]);
    assert!(verify(&rotated, solved).is_ok());
}

#[test]
fn what_cannot_be_read() {
    let work = work(1);
    let nested = STANDARD.encode("[".repeat(3_000));
    let huge = "A".repeat(10_000_000);
    for text in ["", "x", "e30=", "bnVsbA==", &nested, &huge] {
        let refused = work.verify(text, &visitor(), now());
        assert_eq!(refused, Err(Refusal::Malformed));
    }
}

#[test]
fn a_mobile_device_may_have_another_cost() {
    let mut work = work(1);
    work.mobile_cost = Cost::new(1_500, 16);
    let mobile = request("GET", "/", "192.0.2.1", &[("sec-ch-ua-mobile", "?1")]);
    assert_eq!(
        work.issue(&mobile, None, now()).unwrap().parameters.cost,
        1_500
    );
    assert_eq!(
        work.issue(&visitor(), None, now()).unwrap().parameters.cost,
        1_000
    );
    assert_eq!(Cost::new(0, 0), Cost::new(1_000, 16), "no cost is free");
}
