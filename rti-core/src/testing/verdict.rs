//! Verdicts without a service.

use std::sync::OnceLock;

use bytes::Bytes;

use crate::threat_type::ThreatType;
use crate::verdict::{Extended, Verdict, VerdictLevel, request_id, service_cookie};

/// Makes a [`Verdict`], as a response of the service would.
///
/// ```
/// use rti_core::testing::VerdictBuilder;
/// use rti_core::{ThreatType, VerdictLevel};
///
/// let verdict = VerdictBuilder::invalid(ThreatType::Vpn)
///     .request_id("r-1")
///     .level(VerdictLevel::Suspicious)
///     .build();
/// assert!(verdict.is_invalid());
/// assert_eq!(verdict.request_id(), Some("r-1"));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct VerdictBuilder(Verdict);

impl VerdictBuilder {
    /// A real visitor. There is no request id, no cookie and no level.
    pub fn valid() -> Self {
        Self::new(false, ThreatType::Valid)
    }

    /// A visitor who is not real, of this threat type. There is no request id, no cookie and no level.
    pub fn invalid(threat_type: ThreatType) -> Self {
        Self::new(true, threat_type)
    }

    fn new(is_invalid: bool, threat_type: ThreatType) -> Self {
        Self(Verdict {
            is_invalid,
            threat_type,
            request_id: None,
            set_cookie: None,
            extended: None,
        })
    }

    /// The id of the request. One that is empty or longer than 255 bytes is dropped, as from a response.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = request_id(id.into());
        self
    }

    /// The cookie that the verdict sets: a whole `Set-Cookie` value of a cookie whose name begins with
    /// `_cheq_` or `_cq_`. Any other is dropped, as from a response.
    pub fn set_cookie(mut self, cookie: impl Into<String>) -> Self {
        self.0.set_cookie = service_cookie(cookie.into());
        self
    }

    /// The level of a 4.x response. The verdict then has a detail, which is empty.
    pub fn level(mut self, level: VerdictLevel) -> Self {
        self.extended().level = level;
        self
    }

    /// The reason codes of a 4.x response; its level is benign unless [`level`](Self::level) sets it.
    pub fn reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.extended().reasons = OnceLock::from(reasons.into_iter().collect::<Box<[i64]>>());
        self
    }

    fn extended(&mut self) -> &mut Extended {
        let extended = &mut self.0.extended;
        extended
            .get_or_insert_with(|| Extended::new(VerdictLevel::Benign, Bytes::from_static(b"{}")))
    }

    /// The verdict.
    pub fn build(self) -> Verdict {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_has_what_was_set() {
        let builder = VerdictBuilder::invalid(ThreatType::Scrapers);
        let builder = builder.set_cookie("_cheq_rti=a").reasons([7, -1]);
        let verdict = builder.level(VerdictLevel::Malicious).build();
        assert_eq!(verdict.threat_type(), ThreatType::Scrapers);
        assert_eq!(verdict.set_cookie(), Some("_cheq_rti=a"));
        assert_eq!(verdict.reasons(), [7, -1]);
        assert_eq!(verdict.level(), Some(&VerdictLevel::Malicious));
        assert_eq!(verdict.detail().map(|detail| detail.rule_name), Some(None));
    }

    #[test]
    fn what_a_response_cannot_set_is_dropped() {
        let verdict = VerdictBuilder::valid()
            .request_id("")
            .set_cookie("session=a");
        assert_eq!(verdict.build(), VerdictBuilder::valid().build());
    }
}
