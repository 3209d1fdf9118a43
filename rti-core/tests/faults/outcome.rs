//! What a decision without a verdict must be.

use std::time::Duration;

use rti_core::{Decision, FailOpenReason, Outcome};

/// What a loaded machine may add to a deadline. What hangs here, hangs far longer.
const SCHEDULING: Duration = Duration::from_secs(3);

/// The visitor continues, for this reason, without a trace of an answer.
#[track_caller]
pub(crate) fn assert_failed_open(decision: &Decision, reason: FailOpenReason) {
    assert_eq!(decision.outcome(), &Outcome::FailedOpen(reason));
    assert_continues(decision);
}

#[track_caller]
pub(crate) fn assert_continues(decision: &Decision) {
    assert_eq!(decision.outcome().as_str(), "failed_open");
    assert_eq!(decision.action().as_str(), "allow");
    assert!(decision.reply().is_none());
    assert!(!decision.wants_challenge());
    assert_eq!(decision.set_cookie(), None);
    assert_eq!(decision.result_header(), None);
    assert!(decision.verdict().is_none());
}

#[track_caller]
pub(crate) fn assert_within(decision: &Decision, deadline: Duration) {
    let took = decision.elapsed();
    assert!(took < deadline + SCHEDULING, "decided after {took:?}");
}
