//! Which rule decided.

use std::fmt;

use super::SkipReason;
use crate::verdict::VerdictLevel;

/// The rule that decided, for people: `Display` names the option and the entry that matched.
///
/// ```
/// use rti_core::Rule;
///
/// let rule = Rule::Code { option: "invalid_captcha_codes", code: 14 };
/// assert_eq!(rule.to_string(), "invalid_captcha_codes: 14");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// The threat type is in the list of this option.
    Code {
        /// The name of the option.
        option: &'static str,
        /// The code that matched.
        code: i64,
    },
    /// A reason of the verdict is in the list of this option (protocols v4).
    Reason {
        /// The name of the option.
        option: &'static str,
        /// The reason that matched.
        reason: i64,
    },
    /// The level of the verdict (protocols v4).
    Level(VerdictLevel),
    /// A [`Policy`](crate::Policy) of the application.
    Custom,
    /// `on_failure` is `closed`, and there is no verdict.
    OnFailure,
    /// A rule by which the request was not checked.
    Skip(SkipReason),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code { option, code } => write!(f, "{option}: {code}"),
            Self::Reason { option, reason } => write!(f, "{option}: {reason}"),
            Self::Level(level) => write!(f, "verdict: {}", level.as_str()),
            Self::Custom => f.write_str("policy of the application"),
            Self::OnFailure => f.write_str("on_failure: closed"),
            Self::Skip(reason) => reason.fmt(f),
        }
    }
}
