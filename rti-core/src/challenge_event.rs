//! What happens to the challenges of a challenge kit, as observers receive it.

use crate::threat_type::ThreatType;
use crate::words::words;

/// Something happened to a challenge of a challenge kit: visitors were shown one, or a solution came.
///
/// An [`Observer`](crate::Observer) receives it. How many challenges are passed, by threat type, is how often
/// the service takes a person for something else, where the challenge keeps programs out.
///
/// ```
/// use rti_core::{ChallengeEvent, ChallengeEventKind, ThreatType};
///
/// let event = ChallengeEvent::new(ChallengeEventKind::Passed, Some(ThreatType::Vpn));
/// assert_eq!(event.kind.as_str(), "passed");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeEvent {
    /// What happened.
    pub kind: ChallengeEventKind,
    /// Why the visitor was challenged; `None` where that is not known: of a solution that cannot be read, or
    /// whose challenge was fetched without a page or a problem before.
    pub threat_type: Option<ThreatType>,
}

impl ChallengeEvent {
    /// For challenge kits.
    pub fn new(kind: ChallengeEventKind, threat_type: Option<ThreatType>) -> Self {
        Self { kind, threat_type }
    }
}

/// What happened to a challenge.
///
/// ```
/// use rti_core::ChallengeEventKind;
///
/// assert_eq!(ChallengeEventKind::ProviderError.as_str(), "provider_error");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChallengeEventKind {
    /// A visitor was shown one.
    Issued,
    /// A solution was accepted.
    Passed,
    /// A solution was refused for another reason than those below.
    Failed,
    /// A solution was used again.
    Replayed,
    /// A solution came too late.
    Expired,
    /// The captcha provider could not be reached, whatever became of the visitor.
    ProviderError,
}

words!(ChallengeEventKind {
    "issued" => Issued,
    "passed" => Passed,
    "failed" => Failed,
    "replayed" => Replayed,
    "expired" => Expired,
    "provider_error" => ProviderError,
});
