//! Proof of work by the ALTCHA protocol (version 2): making challenges and verifying solutions.

use std::collections::BTreeMap;

use altcha::{
    Challenge, CounterMode, CreateChallengeOptions, HmacAlgorithm, Payload, VerifySolutionOptions,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rti_core::ThreatType;
use serde_json::Value;

use crate::clearance::{ChallengeId, ID_BYTES};
use crate::keys::{KEY_ID_BYTES, Keys, Purpose};
use crate::random;
use crate::reason::{self, HIDDEN_BYTES};
use crate::refusal::Refusal;
use crate::request::ChallengeRequest;
use crate::visitor::{Binding, binding};

/// The only algorithm: browsers have it, so that the page needs no code for it.
const ALGORITHM: &str = "PBKDF2/SHA-256";

/// The bytes of a derived key. Half of them are the prefix that has to be found.
const KEY_LENGTH: usize = 32;

/// A solution with its challenge has about 800 characters in base64.
const MAX_SOLUTION_CHARACTERS: usize = 4096;

/// How much work a challenge is: `rounds` of PBKDF2 for each of up to `steps` keys.
///
/// The number of keys is drawn between half of `steps` and `steps`, so that no visitor has bad luck:
/// with a prefix of some zero bits instead, one visitor in a hundred works five times as long as most.
/// The server derives one key for each challenge it makes, so `rounds` is what the server pays.
///
/// ```
/// use rti_challenge::Cost;
///
/// let cost = Cost::new(2_000, 1_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    rounds: u32,
    steps: u32,
}

impl Cost {
    /// At least 1 000 rounds and 16 steps, at most 100 000 rounds and a million steps; what is out of
    /// these bounds is moved to the nearer of them.
    pub fn new(rounds: u32, steps: u32) -> Self {
        Self {
            rounds: rounds.clamp(1_000, 100_000),
            steps: steps.clamp(16, 1_000_000),
        }
    }
}

impl Default for Cost {
    /// 2 000 rounds for each of up to 1 000 keys: below a second on a desktop computer, and a
    /// millisecond on the server.
    fn default() -> Self {
        Self::new(2_000, 1_000)
    }
}

/// What a solution says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Solved {
    pub(crate) id: ChallengeId,
    /// Why the visitor was challenged, where the challenge was made for that.
    pub(crate) threat_type: Option<ThreatType>,
}

#[derive(Debug, Clone)]
pub(crate) struct ProofOfWork {
    pub(crate) keys: Keys,
    pub(crate) binding: Binding,
    pub(crate) cost: Cost,
    /// For devices that say they are mobile. Anyone can say so: it is what a challenge is worth.
    pub(crate) mobile_cost: Cost,
    /// How long a challenge can be solved, in seconds.
    pub(crate) ttl: u64,
}

impl ProofOfWork {
    /// A challenge for the visitor of this request. `None` where it cannot be made.
    pub(crate) fn issue(
        &self,
        request: &ChallengeRequest,
        threat_type: Option<ThreatType>,
        now: u64,
    ) -> Option<Challenge> {
        let cost = if request.is_mobile() {
            self.mobile_cost
        } else {
            self.cost
        };
        let key_id = self.keys.signing_id();
        let visitor = binding(&self.keys, key_id, self.binding, request)?;
        let least = cost.steps / 2;
        let drawn = u32::from_be_bytes(random::bytes().ok()?);
        let mut data = BTreeMap::from([
            ("key".to_owned(), hex(&key_id).into()),
            ("visitor".to_owned(), hex(&visitor).into()),
        ]);
        if threat_type.is_some() {
            let hidden = reason::hide(&self.keys, threat_type);
            data.insert("reason".to_owned(), hex(&hidden).into());
        }
        let created = altcha::create_challenge(CreateChallengeOptions {
            algorithm: ALGORITHM.to_owned(),
            cost: cost.rounds,
            counter: Some(least + drawn % (cost.steps - least)),
            data: Some(data),
            expires_at: Some(i64::try_from(now.saturating_add(self.ttl)).ok()?),
            hmac_signature_secret: Some(self.secret(key_id)?),
            hmac_key_signature_secret: Some(self.key_secret(key_id)?),
            key_length: KEY_LENGTH,
            ..CreateChallengeOptions::default()
        });
        created.ok()
    }

    /// The challenge that this solves for the visitor of this request. Whether it was used
    /// before is for the replay store to say.
    ///
    /// All that decides is signed, and the work is two MACs.
    pub(crate) fn verify(
        &self,
        solution: &str,
        request: &ChallengeRequest,
        now: u64,
    ) -> Result<Solved, Refusal> {
        let Payload {
            challenge,
            solution,
        } = read(solution).ok_or(Refusal::Malformed)?;
        let parameters = &challenge.parameters;
        let key_id = datum::<KEY_ID_BYTES>(&challenge, "key").ok_or(Refusal::Malformed)?;
        let secret = self.secret(key_id).ok_or(Refusal::Forged)?;
        // Its own check would let one without a key signature, or of another algorithm, cost a derivation;
        // those are not issued here.
        if parameters.key_signature.is_none() || parameters.algorithm != ALGORITHM {
            return Err(Refusal::Forged);
        }
        let options = VerifySolutionOptions {
            challenge: &challenge,
            solution: &solution,
            hmac_signature_secret: secret,
            hmac_key_signature_secret: self.key_secret(key_id),
            hmac_algorithm: HmacAlgorithm::Sha256,
            counter_mode: CounterMode::default(),
        };
        let result = altcha::verify_solution(options).map_err(|_| Refusal::Malformed)?;
        if result.expired {
            return Err(Refusal::Expired);
        }
        if result.invalid_signature != Some(false) {
            return Err(Refusal::Forged);
        }
        // From here on, the parameters are as they were issued.
        let expires_at = parameters.expires_at.and_then(|at| u64::try_from(at).ok());
        if expires_at.is_none_or(|at| at <= now) {
            return Err(Refusal::Expired);
        }
        let visitor = datum(&challenge, "visitor");
        if visitor.is_none() || visitor != binding(&self.keys, key_id, self.binding, request) {
            return Err(Refusal::OtherVisitor);
        }
        if !result.verified {
            return Err(Refusal::WrongSolution);
        }
        let hidden = datum::<HIDDEN_BYTES>(&challenge, "reason");
        Ok(Solved {
            id: unhex::<ID_BYTES>(&parameters.nonce).ok_or(Refusal::Malformed)?,
            threat_type: hidden.and_then(|hidden| reason::read(&self.keys, &hidden)),
        })
    }

    /// The crate takes secrets as text.
    fn secret(&self, key_id: [u8; KEY_ID_BYTES]) -> Option<String> {
        Some(hex(self.keys.key(&key_id, Purpose::ProofOfWork)?))
    }

    /// Another one for derived keys, so that the signature of a challenge is none of a key.
    fn key_secret(&self, key_id: [u8; KEY_ID_BYTES]) -> Option<String> {
        Some(self.secret(key_id)? + " key")
    }
}

fn read(solution: &str) -> Option<Payload> {
    if solution.len() > MAX_SOLUTION_CHARACTERS {
        return None;
    }
    serde_json::from_slice(&STANDARD.decode(solution).ok()?).ok()
}

fn datum<const N: usize>(challenge: &Challenge, name: &str) -> Option<[u8; N]> {
    unhex(text_of(challenge, name)?)
}

fn text_of<'a>(challenge: &'a Challenge, name: &str) -> Option<&'a str> {
    let value = challenge.parameters.data.as_ref()?.get(name);
    value.and_then(Value::as_str)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let digits = bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
    digits.collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
