//! What the kit needs of a decision.

use rti_core::{Decision, Reply, Requester, ThreatType};

/// A challenged request: who sent it, why it is challenged, and the engine's own refusal for those that
/// can show no page. An adapter makes one from the decision.
///
/// ```
/// use rti_challenge::Challenged;
/// use rti_core::Decision;
///
/// fn challenged(decision: &Decision) -> Challenged {
///     Challenged::from(decision)
/// }
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Challenged {
    /// Who sent the request, as far as its headers tell.
    pub requester: Requester,
    /// Why the service suspects the visitor.
    pub threat_type: Option<ThreatType>,
    /// The service's id of the request, for its support.
    pub reference: Option<String>,
    /// What a client gets that can show no page.
    pub denial: Option<Reply>,
}

impl Challenged {
    /// A request of which only the requester is known.
    pub fn by(requester: Requester) -> Self {
        Self {
            requester,
            ..Self::default()
        }
    }
}

impl From<&Decision> for Challenged {
    fn from(decision: &Decision) -> Self {
        let verdict = decision.verdict();
        Self {
            requester: decision.requester(),
            threat_type: verdict.map(rti_core::Verdict::threat_type),
            reference: verdict
                .and_then(rti_core::Verdict::request_id)
                .map(str::to_owned),
            denial: decision.denial(),
        }
    }
}
