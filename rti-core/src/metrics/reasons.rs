//! The series of a metric by the reason why there was no verdict.

use metrics::{Key, Label};

use super::keys::position;
use crate::error::FailOpenReason;

/// All but the statuses.
pub(super) const FIXED_REASONS: &[FailOpenReason] = &[
    FailOpenReason::Timeout,
    FailOpenReason::Connect,
    FailOpenReason::Tls,
    FailOpenReason::Malformed,
    FailOpenReason::Oversize,
    FailOpenReason::CircuitOpen,
    FailOpenReason::Saturated,
    FailOpenReason::Local,
    FailOpenReason::Internal,
];

pub(super) struct Reasons {
    name: &'static str,
    fixed: Vec<Key>,
}

impl Reasons {
    pub(super) fn new(name: &'static str) -> Self {
        let fixed = FIXED_REASONS.iter();
        Self {
            name,
            fixed: fixed
                .map(|reason| of_reason(name, reason.to_string()))
                .collect(),
        }
    }

    /// `None` for a status: see [`of_status`](Self::of_status).
    pub(super) fn get(&self, reason: FailOpenReason) -> Option<&Key> {
        self.fixed.get(position(FIXED_REASONS, &reason)?)
    }

    /// Made when it is counted: there are some hundred statuses, and few occur. One that HTTP does not know
    /// has no series of its own, so that a service gone wrong cannot make any number of them.
    pub(super) fn of_status(&self, reason: FailOpenReason) -> Key {
        match reason {
            FailOpenReason::Status(status) if !(100..600).contains(&status) => {
                of_reason(self.name, "status_other".to_owned())
            }
            reason => of_reason(self.name, reason.to_string()),
        }
    }
}

fn of_reason(name: &'static str, reason: String) -> Key {
    Key::from_parts(name, vec![Label::new("reason", reason)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_that_http_does_not_know_share_a_series() {
        let label = |status| {
            let key = Reasons::new("x").of_status(FailOpenReason::Status(status));
            key.labels().next().map(|label| label.value().to_owned())
        };
        assert_eq!(label(503).as_deref(), Some("status_503"));
        assert_eq!(label(600).as_deref(), Some("status_other"));
        assert_eq!(label(0).as_deref(), Some("status_other"));
    }
}
