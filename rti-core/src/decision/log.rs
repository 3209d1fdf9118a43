//! What is logged of a decision: one event, and the span around the call.

use tracing::field::{Empty, display};
use tracing::{Level, Span};

use super::{Action, Decision, RequestFacts};
use crate::threat_type::ThreatType;
use crate::verdict::Verdict;
use crate::words::LogDecisions;

/// The span around the call, with the attribute names of OpenTelemetry where there are any.
pub(crate) fn span(log: LogDecisions, request: &RequestFacts, server: &str) -> Span {
    // Without a subscriber a span would be written to the `log` crate's logger, where it is noise: Rocket's.
    if log == LogDecisions::Off || !tracing::dispatcher::has_been_set() {
        return Span::none();
    }
    tracing::info_span!(
        target: "rti",
        "rti.decide",
        http.request.method = &*request.method,
        url.path = &*request.path,
        client.address = request.client_ip.map(display),
        server.address = server,
        rti.outcome = Empty,
        rti.action = Empty,
        rti.policy_action = Empty,
        rti.policy = Empty,
        rti.reason = Empty,
        rti.threat_type = Empty,
        rti.request_id = Empty,
    )
}

/// The level of an event must be a constant.
macro_rules! event {
    ($level:ident, $decision:expr) => {{
        let decision: &Decision = $decision;
        tracing::$level!(
            target: "rti",
            method = decision.method(),
            path = decision.path(),
            client = decision.client_ip().map(display),
            action = decision.action().as_str(),
            policy_action = decision.policy_action().as_str(),
            challenge_passed = decision.challenge_passed(),
            outcome = decision.outcome().as_str(),
            reason = decision.reason(),
            policy = decision.policy(),
            rule = decision.rule().map(display),
            threat_type = decision.threat_type().map(ThreatType::code),
            request_id = decision.verdict().and_then(Verdict::request_id),
            elapsed_us = u64::try_from(decision.elapsed().as_micros()).unwrap_or(u64::MAX),
            "decision"
        )
    }};
}

impl Decision {
    /// Ends the span with what was decided.
    pub(crate) fn record_in(&self, span: &Span) {
        if span.is_disabled() {
            return;
        }
        span.record("rti.outcome", self.outcome().as_str());
        span.record("rti.action", self.action().as_str());
        span.record("rti.policy_action", self.policy_action().as_str());
        span.record("rti.policy", self.policy());
        span.record("rti.reason", self.reason());
        span.record("rti.threat_type", self.threat_type().map(display));
        span.record(
            "rti.request_id",
            self.verdict().and_then(Verdict::request_id),
        );
    }

    pub(crate) fn log(&self, log: LogDecisions) {
        let at_info = match log {
            LogDecisions::Off => return,
            LogDecisions::Actions => self.action() != Action::Allow,
            LogDecisions::All => true,
        };
        if at_info {
            event!(info, self);
        } else if tracing::enabled!(target: "rti", Level::DEBUG) {
            event!(debug, self);
        }
    }
}
