//! One request as it arrived, for assertions.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::answer::Answer;
use crate::endpoint::Protocol;
use crate::http::{Request, values};
use crate::payload::Payload;

/// One request as it arrived, and what became of it. Cheap to clone.
///
/// ```no_run
/// # async fn asked(simulator: rti_simulator::Simulator) {
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

/// A request before the journal numbered it.
pub(crate) struct Arrival {
    pub(crate) connection: u64,
    pub(crate) request: Request,
    pub(crate) protocol: Option<Protocol>,
    pub(crate) payload: Option<Payload>,
    pub(crate) outcome: Outcome,
}

pub(crate) enum Outcome {
    Refused(Refusal),
    Answered(Box<Answered>),
}

/// What the rules said; no rule where none matched.
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

    /// The version that the path belongs to; none for an unknown path.
    pub fn protocol(&self) -> Option<Protocol> {
        self.0.arrival.protocol
    }

    /// The request method; empty if what came was not HTTP.
    pub fn method(&self) -> &str {
        &self.0.arrival.request.method
    }

    /// The request target; empty if what came was not HTTP.
    pub fn path(&self) -> &str {
        &self.0.arrival.request.path
    }

    /// The headers as they came.
    pub fn headers(&self) -> &[(String, Vec<u8>)] {
        &self.0.arrival.request.headers
    }

    /// The first header of this name, in any case, if its value is UTF-8.
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = values(self.headers(), name).next()?;
        std::str::from_utf8(value).ok()
    }

    /// The body's bytes, without their framing. If what came was not HTTP, all that came.
    pub fn body(&self) -> &[u8] {
        &self.0.arrival.request.body
    }

    /// A field by its v1 name, in v4 as well; or a v4 member by its path. See [`field`](crate::field).
    pub fn field(&self, name: &str) -> Option<String> {
        self.payload()?.field(name)
    }

    /// The fields of a v1 or v3 form, decoded, in the order they came. Empty for v4.
    pub fn fields(&self) -> &[(String, String)] {
        match self.payload() {
            Some(Payload::Form(fields)) => fields,
            _ => &[],
        }
    }

    /// The JSON of a v4 request.
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

    /// The name of the rule that matched, or its number as in `rule 3`.
    pub fn rule(&self) -> Option<&str> {
        self.answered()?.rule.as_deref()
    }

    /// What it was answered, if it was not refused.
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

    pub(crate) fn payload(&self) -> Option<&Payload> {
        self.0.arrival.payload.as_ref()
    }
}

/// Without the API key: a failed assertion prints this into logs.
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
            .field("refusal", &self.refusal())
            .field("rule", &self.rule())
            .field("answer", &self.answer())
            .finish_non_exhaustive()
    }
}

/// Why a request was refused, and with which status.
///
/// ```
/// use rti_simulator::Simulator;
/// use tokio::io::AsyncWriteExt as _;
/// use tokio::net::TcpStream;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::start().await?;
/// let mut client = TcpStream::connect(simulator.address()).await?;
/// client.write_all(b"POST /v2 HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
/// simulator.wait_for(1).await;
///
/// for received in simulator.refusals() {
///     assert_eq!(received.refusal().map(|refusal| refusal.status()), Some(404));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    reason: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { status, reason }
    }

    /// The status it was answered with.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason, which was the body of the answer.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.reason)
    }
}
