//! The clearance: the signed proof, in a cookie, that a visitor solved a challenge.

use crate::cookie::{self, Site};
use crate::keys::{KEY_ID_BYTES, Keys, Purpose, signed_length};
use crate::request::ChallengeRequest;
use crate::visitor::{BINDING_BYTES, Binding, binding};

/// How far the clocks of a fleet may be apart, in seconds.
const CLOCK_SKEW: u64 = 60;

const PAYLOAD_BYTES: usize = 1 + 8 + 8 + BINDING_BYTES + ID_BYTES;

/// Each clearance has this length, so that another is refused before any work.
pub(crate) const TOKEN_CHARACTERS: usize = signed_length(PAYLOAD_BYTES);

/// The bytes of the id of a challenge.
pub(crate) const ID_BYTES: usize = 16;

/// The id of a challenge, which a clearance names.
pub(crate) type ChallengeId = [u8; ID_BYTES];

/// What a request proves about its visitor.
///
/// ```
/// use rti_challenge::{Clearance, ClearanceFault};
///
/// assert!(!Clearance::None.is_valid());
/// assert!(!Clearance::Invalid(ClearanceFault::Expired).is_valid());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clearance {
    /// This visitor solved a challenge, and the clearance has not expired.
    Valid {
        /// How many seconds it is still valid.
        remaining: u64,
    },
    /// There is none.
    None,
    /// There is one that does not count.
    Invalid(ClearanceFault),
}

impl Clearance {
    /// Whether a challenged visitor continues.
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Valid { .. })
    }
}

/// Why a clearance does not count. It is for logs: visitors are not told.
///
/// ```
/// use rti_challenge::ClearanceFault;
///
/// assert_eq!(ClearanceFault::Expired.as_str(), "expired");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClearanceFault {
    /// It is not signed by one of the keys.
    Forged,
    /// It was valid until a time that has passed.
    Expired,
    /// It was issued at a time that has not come.
    FromTheFuture,
    /// It was issued to another visitor, or by a kit of another method.
    OtherVisitor,
}

impl ClearanceFault {
    /// A word for logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forged => "forged",
            Self::Expired => "expired",
            Self::FromTheFuture => "from_the_future",
            Self::OtherVisitor => "other_visitor",
        }
    }
}

/// What a clearance was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    /// A solution.
    Solved = 1,
    /// The provider was down, and the site lets visitors continue for a while.
    Provisional = 2,
}

/// The seconds for which a visitor continues when the provider is down: a page and its parts.
pub(crate) const PROVISIONAL_SECONDS: u64 = 60;

#[derive(Debug, Clone)]
pub(crate) struct Clearances {
    pub(crate) keys: Keys,
    pub(crate) binding: Binding,
    /// What is solved: a clearance of less work is none of a captcha, also where both kits have the same keys.
    pub(crate) method: &'static str,
    /// In seconds.
    pub(crate) ttl: u64,
}

impl Clearances {
    /// The whole `Set-Cookie` value of a new clearance.
    pub(crate) fn issue(
        &self,
        request: &ChallengeRequest,
        now: u64,
        id: ChallengeId,
        grade: Grade,
    ) -> Option<String> {
        let ttl = match grade {
            Grade::Solved => self.ttl,
            Grade::Provisional => PROVISIONAL_SECONDS.min(self.ttl),
        };
        let visitor = self.visitor(self.keys.signing_id(), request)?;
        let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
        payload.push(grade as u8);
        payload.extend_from_slice(&now.to_be_bytes());
        payload.extend_from_slice(&now.saturating_add(ttl).to_be_bytes());
        payload.extend_from_slice(&visitor);
        payload.extend_from_slice(&id);
        let token = self.keys.sign(Purpose::Clearance, &payload);
        Some(cookie::set(site(request), &token, ttl))
    }

    /// The visitor, of this method.
    fn visitor(
        &self,
        key_id: [u8; KEY_ID_BYTES],
        request: &ChallengeRequest,
    ) -> Option<[u8; BINDING_BYTES]> {
        let visitor = binding(&self.keys, key_id, self.binding, request)?;
        let parts: &[&[u8]] = &[b"clearance", self.method.as_bytes(), &visitor];
        let digest = self.keys.digest(key_id, Purpose::Visitor, parts)?;
        digest.first_chunk().copied()
    }

    /// The best of what the request has.
    pub(crate) fn check(&self, request: &ChallengeRequest, now: u64) -> Clearance {
        let mut found = Clearance::None;
        for token in request.cookies().of(site(request)) {
            match self.check_token(token, request, now) {
                Ok(remaining) => return Clearance::Valid { remaining },
                Err(fault) => found = Clearance::Invalid(fault),
            }
        }
        found
    }

    fn check_token(
        &self,
        token: &str,
        request: &ChallengeRequest,
        now: u64,
    ) -> Result<u64, ClearanceFault> {
        let signed = self
            .keys
            .verify(Purpose::Clearance, token, PAYLOAD_BYTES)
            .ok_or(ClearanceFault::Forged)?;
        let issued = Issued::read(&signed.payload).ok_or(ClearanceFault::Forged)?;
        if issued.at > now.saturating_add(CLOCK_SKEW) {
            return Err(ClearanceFault::FromTheFuture);
        }
        if issued.until <= now {
            return Err(ClearanceFault::Expired);
        }
        // What is compared was signed, so its time says nothing that a client could use.
        let visitor = self.visitor(signed.key_id, request);
        if visitor != Some(issued.visitor) {
            return Err(ClearanceFault::OtherVisitor);
        }
        Ok(issued.until - now)
    }
}

struct Issued {
    at: u64,
    until: u64,
    visitor: [u8; BINDING_BYTES],
}

impl Issued {
    fn read(payload: &[u8]) -> Option<Self> {
        let (_grade, rest) = payload.split_first()?;
        let (at, rest) = rest.split_first_chunk()?;
        let (until, rest) = rest.split_first_chunk()?;
        let (visitor, id) = rest.split_first_chunk()?;
        (id.len() == ID_BYTES).then_some(Self {
            at: u64::from_be_bytes(*at),
            until: u64::from_be_bytes(*until),
            visitor: *visitor,
        })
    }
}

fn site(request: &ChallengeRequest) -> Site {
    if request.is_http_on_loopback() {
        Site::Loopback
    } else {
        Site::Public
    }
}

#[cfg(test)]
mod tests;
