//! What the service said, parsed.

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

    /// A whole `Set-Cookie` value. One that is not a valid header value was dropped.
    pub fn set_cookie(&self) -> Option<&str> {
        self.set_cookie.as_deref()
    }
}

/// A text of the service's that may stand in a header: visible ASCII and blanks, not blank alone.
pub(crate) fn header_value(text: String) -> Option<String> {
    let valid = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    (valid && !text.trim().is_empty()).then_some(text)
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
