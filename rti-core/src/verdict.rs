//! What the service said, parsed.

mod detail;

pub use self::detail::{DetectedDevice, DetectedNetwork, VerdictDetail, VerdictIds};
use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use crate::redact::Redactor;
use crate::threat_type::ThreatType;

/// The verdict of the service on one request.
///
/// ```
/// use rti_core::{ApiVersion, ThreatType, Verdict};
///
/// let answer = br#"{"version":1,"isInvalid":true,"threatTypeCode":14,"requestId":"r-1"}"#;
/// let verdict = Verdict::decode(ApiVersion::V1, answer)?;
/// assert!(verdict.is_invalid());
/// assert_eq!(verdict.threat_type(), ThreatType::Vpn);
/// assert_eq!(verdict.request_id(), Some("r-1"));
/// # Ok::<(), rti_core::CallError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub(crate) is_invalid: bool,
    pub(crate) threat_type: ThreatType,
    pub(crate) request_id: Option<String>,
    pub(crate) set_cookie: Option<String>,
    pub(crate) extended: Option<Extended>,
}

/// What only a 4.x answer has.
#[derive(Clone, PartialEq)]
pub(crate) struct Extended {
    pub(crate) word: VerdictLevel,
    pub(crate) reasons: Vec<i64>,
    /// The answer itself: the detail is read from it when someone asks for it.
    pub(crate) answer: Bytes,
}

/// The answer is not shown: a service may echo what it was sent.
impl fmt::Debug for Extended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extended")
            .field("word", &self.word)
            .field("reasons", &self.reasons)
            .finish_non_exhaustive()
    }
}

impl Verdict {
    /// Whether the service holds the visitor to be not real. What follows is for the mode and the
    /// configured lists to say.
    pub fn is_invalid(&self) -> bool {
        self.is_invalid
    }

    /// Why; [`ThreatType::Valid`] for a real visitor.
    pub fn threat_type(&self) -> ThreatType {
        self.threat_type
    }

    /// The service's id of this request, for its support; not empty.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The verdict in a word; of 4.x answers alone.
    pub fn word(&self) -> Option<&VerdictLevel> {
        self.extended.as_ref().map(|extended| &extended.word)
    }

    /// Why, as reason codes, which may be negative; empty but for 4.x answers.
    pub fn reasons(&self) -> &[i64] {
        self.extended
            .as_ref()
            .map_or(&[], |extended| &extended.reasons)
    }

    /// All else a 4.x answer says. It is read from the answer by this call.
    pub fn detail(&self) -> Option<VerdictDetail> {
        self.extended
            .as_ref()
            .map(|extended| VerdictDetail::read(&extended.answer))
    }

    /// A whole `Set-Cookie` value. One that is not a valid header value was dropped.
    pub fn set_cookie(&self) -> Option<&str> {
        self.set_cookie.as_deref()
    }

    /// Takes the key out of all that is text. Numbers and the structure are left as they are, or a
    /// key that is a word of the protocol would cost the verdict.
    pub(crate) fn redact(&mut self, redactor: &Redactor) {
        self.request_id = self.request_id.take().map(|id| redactor.redact(id));
        // A cookie with another value is of no use to the service.
        self.set_cookie = self
            .set_cookie
            .take()
            .filter(|cookie| !redactor.finds_key(cookie.as_bytes()));
        if let Some(extended) = &mut self.extended {
            extended.redact(redactor);
        }
    }
}

impl Extended {
    fn redact(&mut self, redactor: &Redactor) {
        if let VerdictLevel::Other(word) = &mut self.word {
            *word = redactor.redact(std::mem::take(word).into()).into();
        }
        // Nearly every answer: where nothing is escaped, no text holds what the bytes do not.
        if memchr::memchr(b'\\', &self.answer).is_none() && !redactor.finds_key(&self.answer) {
            return;
        }
        // What is too deep for a `Value` has no detail either.
        let mut answer: Value = serde_json::from_slice(&self.answer).unwrap_or_default();
        if redact_texts(&mut answer, redactor) {
            self.answer = answer.to_string().into();
        }
    }
}

/// Redacts the texts and the names of members, and says whether there was anything to redact.
fn redact_texts(value: &mut Value, redactor: &Redactor) -> bool {
    let mut found = false;
    match value {
        Value::String(text) if redactor.finds_key(text.as_bytes()) => {
            *text = redactor.redact(std::mem::take(text));
            found = true;
        }
        Value::Array(items) => {
            for item in items {
                found |= redact_texts(item, redactor);
            }
        }
        Value::Object(members) => {
            for member in members.values_mut() {
                found |= redact_texts(member, redactor);
            }
            if members
                .keys()
                .any(|name| redactor.finds_key(name.as_bytes()))
            {
                let renamed = std::mem::take(members).into_iter();
                members.extend(renamed.map(|(name, member)| (redactor.redact(name), member)));
                found = true;
            }
        }
        _ => {}
    }
    found
}

/// The verdict of a 4.x answer in a word. Words this version does not know are kept, and allowed.
///
/// ```
/// # use rti_core::VerdictLevel;
/// assert_eq!(VerdictLevel::from("malicious"), VerdictLevel::Malicious);
/// assert_eq!(VerdictLevel::from("odd").as_str(), "odd");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerdictLevel {
    /// A real visitor.
    Benign,
    /// Worth a challenge.
    Suspicious,
    /// Not a visitor.
    Malicious,
    /// A word this version has no name for.
    Other(Box<str>),
}

impl VerdictLevel {
    /// The word itself.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Benign => "benign",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
            Self::Other(word) => word,
        }
    }
}

impl From<&str> for VerdictLevel {
    fn from(word: &str) -> Self {
        match word {
            "benign" => Self::Benign,
            "suspicious" => Self::Suspicious,
            "malicious" => Self::Malicious,
            other => Self::Other(other.into()),
        }
    }
}

/// The longest cookie that is passed on: browsers keep no longer ones, and servers and proxies
/// refuse heads of some kilobytes.
const LONGEST_COOKIE: usize = 4096;

/// The longest request id that is taken for one.
const LONGEST_ID: usize = 255;

/// A request id, unless it is empty or no id at all.
pub(crate) fn request_id(text: String) -> Option<String> {
    (!text.is_empty() && text.len() <= LONGEST_ID).then_some(text)
}

/// A text of the service's that may stand in a header: visible ASCII and blanks, not blank alone.
pub(crate) fn header_value(text: String) -> Option<String> {
    let valid = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    (valid && !text.trim().is_empty() && text.len() <= LONGEST_COOKIE).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_header_value_is_dropped() {
        for bad in ["", "  ", "a=1\r\nX: y", "a=\u{e9}", "a=\0", "a\n"] {
            assert_eq!(header_value(bad.to_owned()), None, "{bad:?}");
        }
        assert!(header_value("_cheq_rti=x; Path=/; Secure".to_owned()).is_some());
    }
}
