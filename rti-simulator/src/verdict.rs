//! The verdict on a visitor.

use serde::Deserialize;

use crate::threat::ThreatType;

/// The verdict on a visitor, for all protocol versions: each version's response contains the members
/// that it has.
///
/// Everything but the threat code has a default, so that a test states only what matters to it.
///
/// ```
/// use rti_simulator::Verdict;
///
/// let automation = Verdict::threat(3)
///     .request_id("r-1")
///     .set_cookie("_cheq_rti=c2Vzc2lvbg==; Path=/; HttpOnly");
/// let doubtful = Verdict::threat(13).decision("malicious").reasons([12, -4]).risk_score("0.87");
/// # let _ = (automation, doubtful);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "a verdict is given by a rule"]
pub struct Verdict {
    #[serde(rename = "threat")]
    pub(crate) code: u32,
    pub(crate) is_invalid: Option<bool>,
    pub(crate) request_id: Option<String>,
    pub(crate) set_cookie: Option<String>,
    pub(crate) decision: Option<String>,
    pub(crate) rule_name: Option<String>,
    pub(crate) risk_score: Option<String>,
    #[serde(default)]
    pub(crate) reasons: Vec<i64>,
    #[serde(rename = "classification_name")]
    pub(crate) name: Option<String>,
    #[serde(rename = "classification_group")]
    pub(crate) group: Option<String>,
    pub(crate) page_view_id: Option<String>,
    pub(crate) duid: Option<String>,
    pub(crate) unique_visit_id: Option<String>,
}

impl Verdict {
    /// No threat: code 0.
    pub fn valid() -> Self {
        Self::default()
    }

    /// A threat of this code, which need not be a published one.
    pub fn threat(code: u32) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }

    /// The threat code.
    pub fn code(&self) -> u32 {
        self.code
    }

    /// Sets `isInvalid`. Default: true for every code but 0.
    pub fn marked_invalid(mut self) -> Self {
        self.is_invalid = Some(true);
        self
    }

    /// Clears `isInvalid`. Default: false for code 0 only.
    pub fn marked_valid(mut self) -> Self {
        self.is_invalid = Some(false);
        self
    }

    /// `requestId`, in v4 `ids.rayId`. Default: a new one for each response.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// `setCookie`, a whole `Set-Cookie` value; v4 has none. Default: left out.
    pub fn set_cookie(mut self, header_value: impl Into<String>) -> Self {
        self.set_cookie = Some(header_value.into());
        self
    }

    /// v4 `decision.verdict`. Default: `benign`, `suspicious` or `malicious`, by the code's group;
    /// `benign` for an unpublished code.
    pub fn decision(mut self, level: impl Into<String>) -> Self {
        self.decision = Some(level.into());
        self
    }

    /// v4 `decision.ruleName`. Default: null.
    pub fn rule_name(mut self, name: impl Into<String>) -> Self {
        self.rule_name = Some(name.into());
        self
    }

    /// v4 `decision.riskScore`. Default: `0.00`, `0.50` or `0.99`, by the decision.
    pub fn risk_score(mut self, score: impl Into<String>) -> Self {
        self.risk_score = Some(score.into());
        self
    }

    /// v4 `cheqDetection.reasons`. Default: none.
    pub fn reasons(mut self, reasons: impl IntoIterator<Item = i64>) -> Self {
        self.reasons = reasons.into_iter().collect();
        self
    }

    /// v4 `classification.name`. Default: the published name of the code, else null.
    pub fn classification_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// v4 `classification.group`. Default: the published group of the code, else null.
    pub fn classification_group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// v4 `ids.pageViewId`. Default: the one that was sent, else null.
    pub fn page_view_id(mut self, id: impl Into<String>) -> Self {
        self.page_view_id = Some(id.into());
        self
    }

    /// v4 `ids.duid`. Default: the `duidCookie` that was sent, else null.
    pub fn duid(mut self, id: impl Into<String>) -> Self {
        self.duid = Some(id.into());
        self
    }

    /// v4 `ids.uniqueVisitId`. Default: null.
    pub fn unique_visit_id(mut self, id: impl Into<String>) -> Self {
        self.unique_visit_id = Some(id.into());
        self
    }

    pub(crate) fn is_invalid(&self) -> bool {
        self.is_invalid.unwrap_or(self.code != 0)
    }

    pub(crate) fn decision_level(&self) -> &str {
        let by_group = || ThreatType::of(self.code).map_or("benign", ThreatType::decision);
        self.decision.as_deref().unwrap_or_else(by_group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_follow_from_the_code() {
        let levels = [
            (0, false, "benign"),
            (3, true, "malicious"),
            (11, true, "malicious"),
            (13, true, "suspicious"),
            (19, true, "benign"),
            (20, true, "benign"),
            (999, true, "benign"),
        ];
        for (code, is_invalid, level) in levels {
            let verdict = Verdict::threat(code);
            assert_eq!(
                (verdict.is_invalid(), verdict.decision_level()),
                (is_invalid, level),
                "{code}"
            );
        }
    }

    #[test]
    fn explicit_values_win() {
        let verdict = Verdict::threat(3).marked_valid().decision("uncertain");
        assert_eq!(
            (verdict.is_invalid(), verdict.decision_level()),
            (false, "uncertain")
        );
        assert!(Verdict::valid().marked_invalid().is_invalid());
    }
}
