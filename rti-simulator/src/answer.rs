//! What a rule answers with.

mod v1;
mod v4;

use std::fmt;

use crate::endpoint::Protocol;
use crate::fault::Fault;
use crate::payload::Payload;
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
    /// The service does its work.
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

/// The question that a verdict answers.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) payload: &'a Payload,
    /// For a verdict that has no request id of its own.
    pub(crate) fresh_id: String,
}

/// The JSON object that gives the verdict to this question.
pub(crate) fn encode(verdict: &Verdict, question: &Question<'_>) -> Vec<u8> {
    let answer = match question.protocol {
        Protocol::V1 | Protocol::V3 => v1::answer(verdict, question),
        Protocol::V4_0 | Protocol::V4_1 => v4::answer(verdict, question),
    };
    answer.to_string().into_bytes()
}

/// An object with the right members and none of the right types.
pub(crate) fn encode_wrong_types(protocol: Protocol) -> &'static [u8] {
    match protocol {
        Protocol::V1 | Protocol::V3 => {
            br#"{"version":"1","isInvalid":"true","threatTypeCode":"3","requestId":7,"setCookie":[]}"#
        }
        Protocol::V4_0 | Protocol::V4_1 => {
            br#"{"decision":{"verdict":1},"classification":{"code":"3"},"ids":{"rayId":7}}"#
        }
    }
}
