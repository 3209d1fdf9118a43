//! One request as it arrived, and its outcome.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::answer::Answer;
use crate::http::{Request, values};
use crate::payload::Payload;
use crate::protocol::{Endpoint, Protocol};
use crate::refusal::Refusal;
use crate::remark::Remark;
use crate::telemetry::TelemetryMessage;

/// One request as it arrived, and its outcome. Cheap to clone.
///
/// ```no_run
/// # async fn sent(simulator: rti_simulator::Simulator) {
/// simulator.wait_for(1).await;
/// for received in simulator.journal() {
///     assert_eq!(received.field("EventType").as_deref(), Some("page_load"));
///     assert_eq!(received.header("Content-Type"), Some("application/x-www-form-urlencoded"));
///     assert!(received.refusal().is_none(), "{received:?}");
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Received(Arc<Details>);

struct Details {
    index: u64,
    arrival: Arrival,
}

/// A request before the journal gives it its number.
pub(crate) struct Arrival {
    pub(crate) connection: u64,
    pub(crate) request: Request,
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) payload: Option<Payload>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) telemetry: Option<TelemetryMessage>,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    Refused(Refusal),
    Answered(Box<Answered>),
}

/// What the rules decided; no rule where none matched.
pub(crate) struct Answered {
    pub(crate) rule: Option<String>,
    pub(crate) answer: Answer,
    pub(crate) delay: Duration,
}

impl Received {
    pub(crate) fn new(index: u64, arrival: Arrival) -> Self {
        Self(Arc::new(Details { index, arrival }))
    }

    /// The position among all requests since the start, from 0. Clearing the journal does not reset it.
    pub fn index(&self) -> u64 {
        self.0.index
    }

    /// The number of the connection it came on, from 0: the same number, the same connection.
    pub fn connection(&self) -> u64 {
        self.0.arrival.connection
    }

    /// The version that the path belongs to; none for telemetry and for an unknown path.
    pub fn protocol(&self) -> Option<Protocol> {
        match self.endpoint()? {
            Endpoint::Verdict(protocol) => Some(protocol),
            Endpoint::Telemetry => None,
        }
    }

    /// The request method; empty if the bytes were not HTTP.
    pub fn method(&self) -> &str {
        &self.0.arrival.request.method
    }

    /// The request target; empty if the bytes were not HTTP.
    pub fn path(&self) -> &str {
        &self.0.arrival.request.path
    }

    /// The headers, unchanged and in their order.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.0.arrival.request.headers
    }

    /// The first header of this name, in any case, if its value is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = values(self.headers(), name).next()?;
        std::str::from_utf8(value).ok()
    }

    /// The body's bytes, without their framing. If the bytes were not HTTP, all of them.
    pub fn body(&self) -> &[u8] {
        &self.0.arrival.request.body
    }

    /// A field by its v1 name, also in v4, or a JSON member by its path. See [`field`](crate::field).
    pub fn field(&self, name: &str) -> Option<String> {
        self.payload()?.field(name)
    }

    /// The fields of a v1 or v3 form, decoded, in their order. Empty for JSON.
    pub fn fields(&self) -> &[(String, String)] {
        match self.payload() {
            Some(Payload::Form(fields)) => fields,
            _ => &[],
        }
    }

    /// The JSON of a v4 or telemetry request.
    pub fn json(&self) -> Option<&Value> {
        match self.payload()? {
            Payload::Json(document) => Some(document),
            Payload::Form(_) => None,
        }
    }

    /// Why it was refused, if it was.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.0.arrival.outcome {
            Outcome::Refused(refusal) => Some(refusal),
            Outcome::Answered(_) => None,
        }
    }

    /// In what the request departs from the specification, in the order it was found. Empty if it
    /// was refused before its body was read.
    pub fn remarks(&self) -> &[Remark] {
        &self.0.arrival.remarks
    }

    /// The message that was sent to the telemetry endpoint.
    pub fn telemetry(&self) -> Option<&TelemetryMessage> {
        self.0.arrival.telemetry.as_ref()
    }

    /// The name of the rule that matched, or its number as in `rule 3`.
    pub fn rule(&self) -> Option<&str> {
        self.answered()?.rule.as_deref()
    }

    /// The answer of that rule, or of no rule; none if the request was refused.
    pub fn answer(&self) -> Option<&Answer> {
        Some(&self.answered()?.answer)
    }

    pub(crate) fn delay(&self) -> Duration {
        self.answered()
            .map_or(Duration::ZERO, |answered| answered.delay)
    }

    fn answered(&self) -> Option<&Answered> {
        match &self.0.arrival.outcome {
            Outcome::Refused(_) => None,
            Outcome::Answered(answered) => Some(answered),
        }
    }

    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        self.0.arrival.endpoint
    }

    pub(crate) fn payload(&self) -> Option<&Payload> {
        self.0.arrival.payload.as_ref()
    }
}

/// Without the API key, since a failed assertion prints this into logs.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("index", &self.index())
            .field("connection", &self.connection())
            .field("method", &self.method())
            .field("path", &self.path())
            .field("event_type", &self.field("EventType"))
            .field("client_ip", &self.field("ClientIP"))
            .field("request_url", &self.field("RequestURL"))
            .field("user_agent", &self.field("UserAgent"))
            .field("remarks", &self.remarks())
            .field("refusal", &self.refusal())
            .field("rule", &self.rule())
            .field("answer", &self.answer())
            .finish_non_exhaustive()
    }
}
