//! What the service said, parsed.

mod detail;
mod reasons;

pub use self::detail::{DetectedDevice, DetectedNetwork, VerdictDetail, VerdictIds};
pub(crate) use self::reasons::Lenient;
use std::fmt;
use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

use crate::redact::Redactor;
use crate::threat_type::ThreatType;

/// The verdict of the service on one request.
///
/// ```
/// use rti_core::{ApiVersion, ThreatType, Verdict};
///
/// let response = br#"{"version":1,"isInvalid":true,"threatTypeCode":14,"requestId":"r-1"}"#;
/// let verdict = Verdict::decode(ApiVersion::V1, response)?;
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

/// What only a 4.x response has.
#[derive(Clone)]
pub(crate) struct Extended {
    pub(crate) level: VerdictLevel,
    /// Read from the response when someone asks for them: most configurations list none.
    pub(crate) reasons: OnceLock<Box<[i64]>>,
    /// The response itself: the detail is read from it when someone asks for it.
    pub(crate) response: Bytes,
}

impl PartialEq for Extended {
    fn eq(&self, other: &Self) -> bool {
        self.level == other.level
            && self.response == other.response
            && self.reasons() == other.reasons()
    }
}

/// The response is not shown: a service may echo what it was sent.
impl fmt::Debug for Extended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extended")
            .field("level", &self.level)
            .field("reasons", &self.reasons())
            .finish_non_exhaustive()
    }
}

impl Verdict {
    /// Whether the service considers the visitor not real. What follows is for the mode and the
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

    /// The level of the verdict; of 4.x responses alone.
    pub fn level(&self) -> Option<&VerdictLevel> {
        self.extended.as_ref().map(|extended| &extended.level)
    }

    /// Why, as reason codes, which may be negative; empty but for 4.x responses. They are read from the
    /// response by the first call.
    pub fn reasons(&self) -> &[i64] {
        self.extended.as_ref().map_or(&[], Extended::reasons)
    }

    /// All else a 4.x response says. It is read from the response by this call.
    pub fn detail(&self) -> Option<VerdictDetail> {
        self.extended
            .as_ref()
            .map(|extended| VerdictDetail::read(&extended.response))
    }

    /// A whole `Set-Cookie` value of a cookie whose name begins with `_cheq_` or `_cq_`. Any other was
    /// dropped.
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
    pub(crate) fn new(level: VerdictLevel, response: Bytes) -> Self {
        Self {
            level,
            reasons: OnceLock::new(),
            response,
        }
    }

    fn reasons(&self) -> &[i64] {
        self.reasons.get_or_init(|| reasons::read(&self.response))
    }

    fn redact(&mut self, redactor: &Redactor) {
        if let VerdictLevel::Other(word) = &mut self.level {
            *word = redactor.redact(std::mem::take(word).into()).into();
        }
        // Nearly every response: where nothing is escaped, no text holds what the bytes do not.
        if memchr::memchr(b'\\', &self.response).is_none() && !redactor.finds_key(&self.response) {
            return;
        }
        // What is too deep for a `Value` has no detail either.
        let mut response: Value = serde_json::from_slice(&self.response).unwrap_or_default();
        // From the response as it came: a key may be the name of a member.
        self.reasons();
        if redact_texts(&mut response, redactor) {
            self.response = response.to_string().into();
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

/// The verdict of a 4.x response in a word. Words this version does not know are kept, and allowed.
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

/// How the names of the service's cookies begin. Under any other name a `setCookie` could replace
/// a cookie of the application's, such as its session.
const COOKIE_PREFIXES: [&str; 2] = ["_cheq_", "_cq_"];

/// A `Set-Cookie` value of visible ASCII and blanks that sets a cookie of the service's.
pub(crate) fn service_cookie(text: String) -> Option<String> {
    let is_valid =
        text.len() <= LONGEST_COOKIE && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_own = text.split_once('=').is_some_and(|(name, _)| {
        COOKIE_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    });
    if is_valid && is_own {
        return Some(text);
    }
    // Without the text: it may hold what was sent.
    tracing::debug!(target: "rti", "setCookie dropped: not a cookie named `_cheq_*` or `_cq_*`, or not a valid header value");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cookies_of_the_service_are_passed_on() {
        for bad in [
            "",
            "  ",
            "_cheq_rti",
            "session=x; Path=/",
            "=_cheq_rti=x",
            "_cheq",
            "_cq=x",
            "x_cheq_rti=x",
            "_CHEQ_rti=x",
            "a; _cheq_rti=x",
            "a,_cheq_rti=x",
            " _cheq_rti=x",
            "_cheq_rti =x",
            "_cheq_rti;a=x",
            "_cheq_\"x=y",
            "__Host-_cheq_rti=x",
            "_cheq_rti=1\r\nX: y",
            "_cheq_rti=\u{e9}",
            "_cheq_rti=\0",
            "_cheq_rti=a\tb",
            "_cheq_rti\n",
        ] {
            assert_eq!(service_cookie(bad.to_owned()), None, "{bad:?}");
        }
        for good in [
            "_cheq_rti=x; Path=/; Secure",
            "_cq_duid=a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
            "_cq_s=",
        ] {
            assert!(service_cookie(good.to_owned()).is_some(), "{good:?}");
        }
        let long = format!("_cheq_rti={}", "x".repeat(LONGEST_COOKIE));
        assert_eq!(service_cookie(long), None);
    }
}
