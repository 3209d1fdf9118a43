//! Why a solution is refused, in the words of the protocol.

use rti_core::ChallengeEventKind;

use crate::page::Refusals;

/// Why a solution is refused.
///
/// ```
/// use rti_challenge::Refusal;
///
/// assert_eq!(Refusal::Replayed.as_str(), "replayed");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no solution, or what there is cannot be read.
    Malformed,
    /// The challenge was not issued here, or was changed.
    Forged,
    /// The challenge was issued to another visitor.
    OtherVisitor,
    /// The time to solve the challenge has passed.
    Expired,
    /// It does not solve the challenge, or the provider does not accept it.
    WrongSolution,
    /// It was used before.
    Replayed,
    /// Waiting takes longer.
    TooEarly,
    /// The solution was posted from another site.
    CrossSite,
    /// Too many challenges or refused solutions of this network.
    RateLimited,
    /// The body is too long.
    TooLarge,
    /// The provider cannot be reached.
    ProviderUnavailable,
    /// It cannot be told whether the solution was used before, or something else failed here.
    Unavailable,
}

impl Refusal {
    /// The word of the protocol and in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Forged => "forged",
            Self::OtherVisitor => "other_visitor",
            Self::Expired => "expired",
            Self::WrongSolution => "wrong_solution",
            Self::Replayed => "replayed",
            Self::TooEarly => "too_early",
            Self::CrossSite => "cross_site",
            Self::RateLimited => "rate_limited",
            Self::TooLarge => "too_large",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::Unavailable => "unavailable",
        }
    }

    /// What observers receive. The word itself is in the log.
    pub(crate) fn event(self) -> ChallengeEventKind {
        match self {
            Self::Replayed => ChallengeEventKind::Replayed,
            Self::Expired => ChallengeEventKind::Expired,
            Self::ProviderUnavailable => ChallengeEventKind::ProviderError,
            _ => ChallengeEventKind::Failed,
        }
    }

    /// The status of the response: 403, but for what another request or another time changes.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::RateLimited => 429,
            Self::TooLarge => 413,
            _ => 403,
        }
    }

    /// What a visitor is told.
    pub(crate) fn sentence(self, sentences: &Refusals) -> &'static str {
        match self {
            Self::Expired => sentences.expired,
            Self::Replayed => sentences.replayed,
            Self::OtherVisitor => sentences.other_visitor,
            Self::TooEarly => sentences.too_early,
            Self::RateLimited => sentences.rate_limited,
            Self::ProviderUnavailable | Self::Unavailable => sentences.unavailable,
            _ => sentences.failed,
        }
    }
}
