//! What happens to challenges, for metrics.

use rti_core::ThreatType;

use crate::refusal::Refusal;

/// Receives what happens to challenges, for metrics: which of them are passed, by threat type, is how
/// often the service takes a person for something else. It is called on the way of a request, so it must
/// not block.
///
/// ```
/// use rti_challenge::{ChallengeObserver, ChallengeRecord};
///
/// #[derive(Debug)]
/// struct Log;
///
/// impl ChallengeObserver for Log {
///     fn challenge(&self, record: &ChallengeRecord) {
///         println!("rti_challenges_total{{result={:?}}}", record.result.as_str());
///     }
/// }
/// ```
pub trait ChallengeObserver: std::fmt::Debug + Send + Sync {
    /// Something happened to a challenge.
    fn challenge(&self, record: &ChallengeRecord);
}

/// One thing that happened to a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeRecord {
    /// What happened.
    pub result: ChallengeResult,
    /// Why a solution was refused.
    pub refusal: Option<Refusal>,
    /// Why the visitor was challenged. A solution names it where it came from the page.
    pub threat_type: Option<ThreatType>,
}

/// What happened to a challenge: the label `result` of a metric.
///
/// ```
/// use rti_challenge::ChallengeResult;
///
/// assert_eq!(ChallengeResult::ProviderError.as_str(), "provider_error");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChallengeResult {
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
    /// A provider could not be reached.
    ProviderError,
}

impl ChallengeResult {
    /// The word in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Replayed => "replayed",
            Self::Expired => "expired",
            Self::ProviderError => "provider_error",
        }
    }
}

impl From<Refusal> for ChallengeResult {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Replayed => Self::Replayed,
            Refusal::Expired => Self::Expired,
            Refusal::ProviderUnavailable => Self::ProviderError,
            _ => Self::Failed,
        }
    }
}
