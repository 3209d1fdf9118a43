//! A decision as a row of the table, and as JSON.

use std::borrow::Cow;
use std::time::Duration;

use rti_core::{Decision, ThreatType, Verdict};
use serde::{Deserialize, Serialize};

use crate::Anonymize;

/// What there is not is `null`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row<'a> {
    pub(crate) id: u64,
    pub(crate) time: String,
    pub(crate) method: Cow<'a, str>,
    pub(crate) path: Cow<'a, str>,
    pub(crate) client: Option<String>,
    pub(crate) user_agent: Option<Cow<'a, str>>,
    pub(crate) event_type: Option<Cow<'a, str>>,
    pub(crate) is_invalid: Option<bool>,
    pub(crate) threat_type: Option<Cow<'a, str>>,
    pub(crate) threat_type_code: Option<i64>,
    pub(crate) action: Cow<'a, str>,
    pub(crate) policy_action: Cow<'a, str>,
    pub(crate) policy: Cow<'a, str>,
    pub(crate) shadow_action: Option<Cow<'a, str>>,
    pub(crate) enforced: bool,
    pub(crate) outcome: Cow<'a, str>,
    pub(crate) reason: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) request_id: Option<Cow<'a, str>>,
    pub(crate) challenge: Option<Cow<'a, str>>,
    pub(crate) middleware: Cow<'a, str>,
    pub(crate) elapsed_ms: f64,
    pub(crate) total_ms: f64,
    pub(crate) connection_ms: Option<f64>,
    pub(crate) service_ms: Option<f64>,
}

impl<'a> Row<'a> {
    pub(crate) fn of_decision(
        id: u64,
        time: String,
        decision: &'a Decision,
        anonymize: Anonymize,
    ) -> Self {
        let verdict = decision.verdict();
        let times = decision.times();
        Self {
            id,
            time,
            method: decision.method().into(),
            path: decision.path().into(),
            client: decision.client_ip().map(|ip| anonymize.client(ip)),
            user_agent: decision.user_agent().map(Cow::from),
            event_type: decision.event_type().map(|event| event.as_str().into()),
            is_invalid: verdict.map(Verdict::is_invalid),
            threat_type: decision.threat_type().map(|threat| threat.as_str().into()),
            threat_type_code: decision.threat_type().map(ThreatType::code),
            action: decision.action().as_str().into(),
            policy_action: decision.policy_action().as_str().into(),
            policy: decision.policy().into(),
            shadow_action: decision
                .shadow_action()
                .map(|action| action.as_str().into()),
            enforced: decision.enforced(),
            outcome: decision.outcome().as_str().into(),
            reason: decision.reason(),
            rule: decision.rule().map(|rule| rule.to_string()),
            request_id: verdict.and_then(Verdict::request_id).map(Cow::from),
            challenge: decision
                .challenge_result()
                .map(|result| result.as_str().into()),
            middleware: decision.middleware().into(),
            elapsed_ms: millis(times.decide),
            total_ms: millis(times.total),
            connection_ms: times.connection.map(millis),
            service_ms: times.service.map(millis),
        }
    }

    /// All texts copied.
    #[cfg(feature = "sqlite")]
    pub(crate) fn into_owned(self) -> Row<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Row {
            id: self.id,
            time: self.time,
            method: owned(self.method),
            path: owned(self.path),
            client: self.client,
            user_agent: self.user_agent.map(owned),
            event_type: self.event_type.map(owned),
            is_invalid: self.is_invalid,
            threat_type: self.threat_type.map(owned),
            threat_type_code: self.threat_type_code,
            action: owned(self.action),
            policy_action: owned(self.policy_action),
            policy: owned(self.policy),
            shadow_action: self.shadow_action.map(owned),
            enforced: self.enforced,
            outcome: owned(self.outcome),
            reason: self.reason,
            rule: self.rule,
            request_id: self.request_id.map(owned),
            challenge: self.challenge.map(owned),
            middleware: owned(self.middleware),
            elapsed_ms: self.elapsed_ms,
            total_ms: self.total_ms,
            connection_ms: self.connection_ms,
            service_ms: self.service_ms,
        }
    }

    /// As it was written, or more anonymous.
    pub(crate) fn borrowed(&'a self, anonymize: Anonymize) -> Self {
        let mut row = self.clone();
        let address = row.client.as_ref().and_then(|client| client.parse().ok());
        if let Some(address) = address {
            row.client = Some(anonymize.client(address));
        }
        row
    }
}

/// Milliseconds with three places.
pub(crate) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
