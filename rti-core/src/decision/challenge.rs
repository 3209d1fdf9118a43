//! What became of a challenge.

use crate::words::words;

/// What came of the challenge callback, as the adapter reports it.
///
/// ```
/// # use rti_core::ChallengeResult;
/// assert_eq!(ChallengeResult::Passed.as_str(), "passed");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChallengeResult {
    /// The callback gave a response.
    Answered,
    /// The callback let the request continue.
    Passed,
    /// There is no callback: the request continues, or is blocked where the policy says so.
    NoCallback,
    /// The callback panicked: the request continues with the reason `internal`.
    Panicked,
}

words!(ChallengeResult {
    "answered" => Answered,
    "passed" => Passed,
    "no_callback" => NoCallback,
    "panicked" => Panicked,
});

/// Whether the challenge callback has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChallengeState {
    NotWanted,
    Wanted,
    Concluded(ChallengeResult),
}

impl ChallengeState {
    pub(crate) fn result(self) -> Option<ChallengeResult> {
        match self {
            Self::Concluded(result) => Some(result),
            Self::NotWanted | Self::Wanted => None,
        }
    }
}
