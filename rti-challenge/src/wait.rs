//! The path without scripts: a signed permission to continue after a time.

use crate::clearance::{ChallengeId, ID_BYTES};
use crate::keys::{Keys, Purpose};
use crate::random;
use crate::refusal::Refusal;
use crate::request::ChallengeRequest;
use crate::visitor::{BINDING_BYTES, Binding, binding};

const PAYLOAD_BYTES: usize = 8 + 8 + ID_BYTES + BINDING_BYTES;

/// How long a visitor may take after the waiting time, in seconds.
pub(crate) const GRACE: u64 = 600;

/// What visitors whose browsers run no scripts can do.
///
/// ```
/// use std::time::Duration;
/// use rti_challenge::WithoutScripts;
///
/// assert_eq!(WithoutScripts::default(), WithoutScripts::Wait(Duration::from_secs(30)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WithoutScripts {
    /// They wait so long, then press a button. A program can wait too: this is the weakest way through,
    /// and its price is time.
    Wait(std::time::Duration),
    /// Nothing: the page says that scripts are needed.
    Refuse,
}

impl Default for WithoutScripts {
    /// They wait for 30 seconds.
    fn default() -> Self {
        Self::Wait(std::time::Duration::from_secs(30))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Waits {
    pub(crate) keys: Keys,
    pub(crate) binding: Binding,
}

impl Waits {
    /// A permission for the visitor of this request to continue in `seconds`.
    pub(crate) fn issue(
        &self,
        request: &ChallengeRequest,
        now: u64,
        seconds: u64,
    ) -> Option<String> {
        let from = now.saturating_add(seconds);
        let mut payload = from.to_be_bytes().to_vec();
        payload.extend_from_slice(&from.saturating_add(GRACE).to_be_bytes());
        payload.extend_from_slice(&random::bytes::<ID_BYTES>().ok()?);
        let key_id = self.keys.signing_id();
        payload.extend_from_slice(&binding(&self.keys, key_id, self.binding, request)?);
        Some(self.keys.sign(Purpose::Wait, &payload))
    }

    pub(crate) fn verify(
        &self,
        text: &str,
        request: &ChallengeRequest,
        now: u64,
    ) -> Result<ChallengeId, Refusal> {
        let signed = self
            .keys
            .verify(Purpose::Wait, text, PAYLOAD_BYTES)
            .ok_or(Refusal::Forged)?;
        let (from, until, id, visitor) = read(&signed.payload).ok_or(Refusal::Forged)?;
        if Some(visitor) != binding(&self.keys, signed.key_id, self.binding, request) {
            return Err(Refusal::OtherVisitor);
        }
        if until <= now {
            return Err(Refusal::Expired);
        }
        if from > now {
            return Err(Refusal::TooEarly);
        }
        Ok(id)
    }
}

fn read(payload: &[u8]) -> Option<(u64, u64, ChallengeId, [u8; BINDING_BYTES])> {
    let (from, rest) = payload.split_first_chunk()?;
    let (until, rest) = rest.split_first_chunk()?;
    let (id, rest) = rest.split_first_chunk()?;
    let visitor = rest.try_into().ok()?;
    Some((
        u64::from_be_bytes(*from),
        u64::from_be_bytes(*until),
        *id,
        visitor,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::plain::request;

    #[test]
    fn it_counts_after_its_time_for_its_visitor() {
        let waits = Waits {
            keys: Keys::new([1; 32]),
            binding: Binding::Network,
        };
        let visitor = request("GET", "/", "192.0.2.1", &[]);
        let text = waits.issue(&visitor, 1_000, 30).unwrap();
        let verify = |now| waits.verify(&text, &visitor, now);
        assert_eq!(verify(1_029), Err(Refusal::TooEarly));
        assert!(verify(1_030).is_ok());
        assert!(verify(1_029 + GRACE).is_ok());
        assert_eq!(verify(1_030 + GRACE), Err(Refusal::Expired));
        let other = request("GET", "/", "198.51.100.1", &[]);
        assert_eq!(
            waits.verify(&text, &other, 1_030),
            Err(Refusal::OtherVisitor)
        );
        assert_eq!(
            waits.verify(&text[1..], &visitor, 1_030),
            Err(Refusal::Forged)
        );
        let huge = "A".repeat(10_000_000);
        assert_eq!(waits.verify(&huge, &visitor, 1_030), Err(Refusal::Forged));
    }
}
