//! The decision on one request, by the specification and the rules. No sockets here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::http::{Request, values};
use crate::journal::Journal;
use crate::payload::Payload;
use crate::protocol::Endpoint;
use crate::received::{Answered, Arrival, Outcome, Received};
use crate::refusal::Refusal;
use crate::rules::Rules;
use crate::specification::{self, Decoded};
use crate::telemetry::TelemetryMessage;
use crate::verdict::Verdict;

pub(crate) type Observer = Box<dyn Fn(&Received) + Send + Sync>;

pub(crate) struct Service {
    pub(crate) rules: RwLock<Arc<Rules>>,
    pub(crate) journal: Journal,
    pub(crate) body_limit: usize,
    pub(crate) departures: Departures,
    pub(crate) credentials: Credentials,
    pub(crate) observer: Option<Observer>,
    pub(crate) request_ids: RequestIds,
}

/// What departures from the specification lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Departures {
    Remarked,
    Refused,
}

/// What a request must carry; where there is none, any value is accepted.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) api_key: Option<String>,
    pub(crate) tag_hash: Option<String>,
}

impl Service {
    /// Decides on the request and records it.
    pub(crate) fn receive(&self, connection: u64, request: Request) -> Received {
        let endpoint = Endpoint::at_path(&request.path);
        let mut arrival = Arrival {
            connection,
            request,
            endpoint,
            payload: None,
            remarks: Vec::new(),
            telemetry: None,
            outcome: Outcome::Refused(Refusal::new(404, "no such path")),
        };
        if let Some(endpoint) = endpoint {
            arrival.outcome = match self.decide(endpoint, &mut arrival) {
                Ok(answered) => Outcome::Answered(Box::new(answered)),
                Err(refusal) => Outcome::Refused(refusal),
            };
        }
        self.record(arrival)
    }

    /// Records bytes that are not a request.
    pub(crate) fn receive_unreadable(&self, connection: u64, bytes: Vec<u8>, refusal: Refusal) {
        self.record(Arrival {
            connection,
            request: Request::unreadable(bytes),
            endpoint: None,
            payload: None,
            remarks: Vec::new(),
            telemetry: None,
            outcome: Outcome::Refused(refusal),
        });
    }

    pub(crate) fn set_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }

    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn record(&self, arrival: Arrival) -> Received {
        let received = self.journal.record(arrival);
        if let Some(observer) = &self.observer {
            observer(&received);
        }
        received
    }

    /// Whatever could be read stays in the record, also of a request that is refused.
    fn decide(&self, endpoint: Endpoint, arrival: &mut Arrival) -> Result<Answered, Refusal> {
        check_head(endpoint, &arrival.request)?;
        let bad_request = |reason| Refusal::new(400, reason);
        let Decoded { payload, remarks } =
            specification::decode(endpoint, &arrival.request.body).map_err(bad_request)?;
        let payload = arrival.payload.insert(payload);
        arrival.remarks = remarks;
        if self.departures == Departures::Refused
            && let Some(remark) = arrival.remarks.first()
        {
            return Err(bad_request(remark.to_string()));
        }
        self.credentials.check(payload)?;
        if let (Endpoint::Telemetry, Payload::Json(document)) = (endpoint, &*payload) {
            let message = TelemetryMessage::from_json(document).map_err(bad_request)?;
            arrival.telemetry = Some(message);
        }
        Ok(self.answer(payload))
    }

    fn answer(&self, payload: &Payload) -> Answered {
        match self.rules().first_match(payload) {
            Some((label, rule)) => Answered {
                rule: Some(label),
                answer: rule.answer().clone(),
                delay: rule.delay(),
            },
            None => Answered {
                rule: None,
                answer: Verdict::valid().into(),
                delay: Duration::ZERO,
            },
        }
    }
}

fn check_head(endpoint: Endpoint, request: &Request) -> Result<(), Refusal> {
    if request.method != "POST" {
        return Err(Refusal::new(405, "the method is not POST"));
    }
    let media_type = values(&request.headers, "content-type")
        .next()
        .and_then(|value| value.split(|&byte| byte == b';').next())
        .unwrap_or_default();
    let expected = endpoint.media_type();
    if !media_type
        .trim_ascii()
        .eq_ignore_ascii_case(expected.as_bytes())
    {
        return Err(Refusal::new(
            415,
            format!("the content type is not {expected}"),
        ));
    }
    Ok(())
}

impl Credentials {
    /// Without a key and a hash there is no customer to give a verdict to, whatever is expected.
    fn check(&self, payload: &Payload) -> Result<(), Refusal> {
        for (name, expected) in [("ApiKey", &self.api_key), ("TagHash", &self.tag_hash)] {
            let sent = payload.field(name).filter(|value| !value.is_empty());
            if sent.is_none() {
                return Err(Refusal::new(400, format!("{name}: missing")));
            }
            if expected.is_some() && sent != *expected {
                return Err(Refusal::new(401, format!("not the expected {name}")));
            }
        }
        Ok(())
    }
}

/// Ids that no request had before, also not in an earlier run.
#[derive(Debug)]
pub(crate) struct RequestIds {
    prefix: u128,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn starting_now() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            prefix: since_epoch.as_nanos(),
            next: AtomicU64::new(1),
        }
    }

    pub(crate) fn fresh(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{:x}-{number:x}", self.prefix)
    }
}
