//! What is done with a request, and where the decision comes from.

use std::fmt;
use std::sync::Arc;

use crate::error::FailOpenReason;
use crate::verdict::Verdict;
use crate::words::words;

/// What is done with a request.
///
/// ```
/// # use rti_core::Action;
/// assert_eq!(Action::Challenge.as_str(), "challenge");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// It continues to the application.
    Allow,
    /// It is refused.
    Block,
    /// The visitor is sent elsewhere.
    Redirect,
    /// It is handed to the challenge callback; without one it continues.
    Challenge,
}

words!(Action {
    "allow" => Allow,
    "block" => Block,
    "redirect" => Redirect,
    "challenge" => Challenge,
});

/// Where a decision comes from. A verdict is not an error, and an error is not a verdict.
///
/// ```
/// use rti_core::{FailOpenReason, Outcome};
///
/// let outcome = Outcome::FailedOpen(FailOpenReason::Status(503));
/// assert_eq!(outcome.as_str(), "failed_open");
/// assert_eq!(outcome.reason().as_deref(), Some("status_503"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The service said so.
    Evaluated(Verdict),
    /// There was no verdict in time; the request continues.
    FailedOpen(FailOpenReason),
    /// There was no verdict in time, and the policy is [closed](crate::OnFailure::Closed): the visitor gets
    /// a 503.
    FailedClosed(FailOpenReason),
    /// The service was not called.
    Skipped(SkipReason),
}

impl Outcome {
    /// The name in logs and JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Evaluated(_) => "evaluated",
            Self::FailedOpen(_) => "failed_open",
            Self::FailedClosed(_) => "failed_closed",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Why there is no verdict; `None` when there is one.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Evaluated(_) => None,
            Self::FailedOpen(reason) | Self::FailedClosed(reason) => Some(reason.to_string()),
            Self::Skipped(rule) => Some(rule.to_string()),
        }
    }
}

/// Why a request was not checked.
///
/// ```
/// # use rti_core::SkipReason;
/// assert_eq!(SkipReason::Excluded("/health".into()).to_string(), "excluded by /health");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// An entry of `uri_exclusion`, as it was written.
    Excluded(Arc<str>),
    /// The page that blocked visitors are redirected to: a check there would be a redirect loop.
    RedirectTarget,
    /// The mode of the whole configuration is `off`.
    Off,
    /// The mode of this policy is `off`.
    PolicyOff(Arc<str>),
    /// A browser's CORS preflight, which carries no cookies. The request that follows is checked.
    Preflight,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Excluded(rule) => write!(f, "excluded by {rule}"),
            Self::Off => f.write_str("mode off"),
            Self::PolicyOff(name) => write!(f, "policy {name} off"),
            Self::Preflight => f.write_str("CORS preflight"),
            Self::RedirectTarget => f.write_str("redirect target"),
        }
    }
}
