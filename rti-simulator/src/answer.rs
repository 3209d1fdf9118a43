//! What a rule answers with.

use std::fmt;

use crate::fault::Fault;
use crate::verdict::Verdict;

/// What a rule answers with.
///
/// ```
/// use rti_simulator::{Answer, Fault, Verdict};
///
/// let threat = Answer::from(Verdict::threat(3));
/// let outage = Answer::from(Fault::status(503));
/// assert_eq!(threat.to_string(), "threat 3");
/// assert_eq!(outage.to_string(), "fault: status 503");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The service works.
    Verdict(Verdict),
    /// The service fails.
    Fault(Fault),
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        Self::Verdict(verdict)
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict(verdict) if verdict.code() == 0 => f.write_str("valid"),
            Self::Verdict(verdict) => write!(f, "threat {}", verdict.code()),
            Self::Fault(fault) => write!(f, "fault: {fault}"),
        }
    }
}
