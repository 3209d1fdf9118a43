//! One request against the protocol and the rules: no sockets here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::endpoint::Protocol;
use crate::http::{Request, values};
use crate::journal::Journal;
use crate::payload::Payload;
use crate::received::{Answered, Arrival, Outcome, Received, Refusal};
use crate::rules::Rules;
use crate::strict;
use crate::verdict::Verdict;

pub(crate) type Observer = Box<dyn Fn(&Received) + Send + Sync>;

pub(crate) struct Service {
    pub(crate) rules: RwLock<Arc<Rules>>,
    pub(crate) journal: Journal,
    pub(crate) body_limit: usize,
    pub(crate) credentials: Credentials,
    pub(crate) observer: Option<Observer>,
    pub(crate) request_ids: RequestIds,
}

/// What a request must carry; anything goes where there is none.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    pub(crate) api_key: Option<String>,
    pub(crate) tag_hash: Option<String>,
}

impl Service {
    /// Judges the request and writes it down.
    pub(crate) fn receive(&self, connection: u64, request: Request) -> Received {
        let protocol = Protocol::at_path(&request.path);
        let (payload, judged) = self.judge(protocol, &request);
        let outcome = match judged {
            Ok(answered) => Outcome::Answered(Box::new(answered)),
            Err(refusal) => Outcome::Refused(refusal),
        };
        self.record(Arrival {
            connection,
            request,
            protocol,
            payload,
            outcome,
        })
    }

    /// Writes down what was no request at all.
    pub(crate) fn receive_broken(&self, connection: u64, bytes: Vec<u8>, refusal: Refusal) {
        self.record(Arrival {
            connection,
            request: Request::unreadable(bytes),
            protocol: None,
            payload: None,
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

    /// The payload as far as it could be read, also where it is refused.
    fn judge(
        &self,
        protocol: Option<Protocol>,
        request: &Request,
    ) -> (Option<Payload>, Result<Answered, Refusal>) {
        let protocol = match check_head(protocol, request) {
            Ok(protocol) => protocol,
            Err(refusal) => return (None, Err(refusal)),
        };
        let payload = match strict::decode(protocol, &request.body) {
            Ok(payload) => payload,
            Err(reason) => return (None, Err(Refusal::new(400, reason))),
        };
        let judged = strict::check(protocol, &payload)
            .map_err(|reason| Refusal::new(400, reason))
            .and_then(|()| self.credentials.check(&payload))
            .map(|()| self.answer(&payload));
        (Some(payload), judged)
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

fn check_head(protocol: Option<Protocol>, request: &Request) -> Result<Protocol, Refusal> {
    let Some(protocol) = protocol else {
        return Err(Refusal::new(404, "no such path"));
    };
    if request.method != "POST" {
        return Err(Refusal::new(405, "the method is not POST"));
    }
    let media_type = values(&request.headers, "content-type")
        .next()
        .and_then(|value| value.split(|&byte| byte == b';').next())
        .unwrap_or_default();
    let expected = protocol.media_type();
    if !media_type
        .trim_ascii()
        .eq_ignore_ascii_case(expected.as_bytes())
    {
        return Err(Refusal::new(
            415,
            format!("the content type is not {expected}"),
        ));
    }
    Ok(protocol)
}

impl Credentials {
    fn check(&self, payload: &Payload) -> Result<(), Refusal> {
        for (name, expected) in [("ApiKey", &self.api_key), ("TagHash", &self.tag_hash)] {
            if expected.is_some() && payload.field(name) != *expected {
                return Err(Refusal::new(401, format!("not the expected {name}")));
            }
        }
        Ok(())
    }
}

/// Never gives the same id twice, nor one that a simulator before it gave.
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
