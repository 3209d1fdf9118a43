//! What the service says of a visitor.

use crate::threat::ThreatType;

/// What the service says of a visitor, in the words of all protocol versions at once: each version's
/// answer takes what it has room for.
///
/// Everything but the threat code has a default, so that a test states only what it is about.
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a verdict is given by a rule"]
pub struct Verdict {
    pub(crate) code: u32,
    pub(crate) is_invalid: Option<bool>,
    pub(crate) request_id: Option<String>,
    pub(crate) set_cookie: Option<String>,
    pub(crate) decision: Option<String>,
    pub(crate) rule_name: Option<String>,
    pub(crate) risk_score: Option<String>,
    pub(crate) reasons: Vec<i64>,
    pub(crate) name: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) page_view_id: Option<String>,
    pub(crate) duid: Option<String>,
    pub(crate) unique_visit_id: Option<String>,
}

impl Verdict {
    /// Nothing against this visitor: threat code 0.
    pub fn valid() -> Self {
        Self::default()
    }

    /// A threat of this code, also of one that nobody has published.
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

    /// Sets `isInvalid`. Default: set for every code but 0.
    pub fn marked_invalid(mut self) -> Self {
        self.is_invalid = Some(true);
        self
    }

    /// Clears `isInvalid`. Default: clear for code 0 alone.
    pub fn marked_valid(mut self) -> Self {
        self.is_invalid = Some(false);
        self
    }

    /// `requestId`, in v4 `ids.rayId`. Default: one made for each answer, never twice the same.
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
    /// `benign` for a code that nobody has published.
    pub fn decision(mut self, word: impl Into<String>) -> Self {
        self.decision = Some(word.into());
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

    pub(crate) fn says_invalid(&self) -> bool {
        self.is_invalid.unwrap_or(self.code != 0)
    }

    pub(crate) fn word(&self) -> &str {
        let by_group = || ThreatType::of(self.code).map_or("benign", ThreatType::word);
        self.decision.as_deref().unwrap_or_else(by_group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_decides_what_was_not_set() {
        let words = [
            (0, false, "benign"),
            (3, true, "malicious"),
            (11, true, "malicious"),
            (13, true, "suspicious"),
            (19, true, "benign"),
            (20, true, "benign"),
            (999, true, "benign"),
        ];
        for (code, is_invalid, word) in words {
            let verdict = Verdict::threat(code);
            assert_eq!(
                (verdict.says_invalid(), verdict.word()),
                (is_invalid, word),
                "{code}"
            );
        }
    }

    #[test]
    fn what_was_set_wins() {
        let verdict = Verdict::threat(3).marked_valid().decision("unheard of");
        assert_eq!(
            (verdict.says_invalid(), verdict.word()),
            (false, "unheard of")
        );
        assert!(Verdict::valid().marked_invalid().says_invalid());
    }
}
