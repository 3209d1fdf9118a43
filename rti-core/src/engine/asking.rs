//! Asking the service: whether to call at all, and one deadline over the call.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::Engine;
use crate::error::{CallError, FailOpenReason};
use crate::payload::Payload;
use crate::reliability::{Admission, CallResult, Probe};
use crate::transport::{ApiRequest, ApiResponse};
use crate::verdict::Verdict;

/// What came of a call: for the visitor, and for the circuit breaker if it says something about
/// the service.
struct Called {
    verdict: Result<Verdict, CallError>,
    counts: Option<CallResult>,
}

impl Engine {
    /// Asks, if the circuit breaker and the cap on calls in flight let it.
    pub(super) async fn ask(
        self: &Arc<Self>,
        payload: Box<Payload>,
        began: Instant,
    ) -> Result<Verdict, CallError> {
        let permit = match self.circuit.as_ref().map(|circuit| circuit.admit()) {
            Some(Admission::Open) => return Err(FailOpenReason::CircuitOpen.into()),
            Some(Admission::Probe(probe)) => {
                self.start(probe, &payload);
                return Err(FailOpenReason::CircuitOpen.into());
            }
            Some(Admission::Call(permit)) => Some(permit),
            None => None,
        };
        let Some(_place) = self.in_flight.enter(payload.client_ip()) else {
            return Err(FailOpenReason::Saturated.into());
        };
        let body = self.encoder.encode(&payload);
        drop(payload);
        let Called { verdict, counts } = self.call(body, began).await;
        if let (Some(permit), Some(result)) = (permit, counts) {
            permit.report(result);
        }
        verdict
    }

    /// Calls in the background, with the request of a visitor who continues at once. It has a place
    /// of its own beside the cap on calls in flight: in an outage the cap may be reached.
    fn start(self: &Arc<Self>, probe: Probe, payload: &Payload) {
        // Without a runtime no call can be made, and the probe's place is free again.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let body = self.encoder.encode(payload);
        let engine = Arc::clone(self);
        runtime.spawn(async move {
            if let Some(result) = engine.call(body, Instant::now()).await.counts {
                probe.report(result);
            }
        });
    }

    /// One deadline over the whole call; a panic of the transport is one more way not to answer.
    async fn call(&self, body: Bytes, began: Instant) -> Called {
        let settings = self.config.settings();
        // What the transport does before its first await is inside as well, and so is decoding.
        let call = AssertUnwindSafe(async {
            let answer = self.transport.send(ApiRequest::new(
                settings.api_version.path(),
                settings.api_version.content_type(),
                body,
            ));
            match answer.await {
                Ok(answer) if (200..300).contains(&answer.status) => {
                    (Verdict::of_answer(settings, &answer.body), None)
                }
                Ok(answer) => {
                    let reason = FailOpenReason::Status(answer.status);
                    (Err(reason.into()), retry_after(&answer))
                }
                Err(error) => (Err(error), None),
            }
        });
        let failed = |reason: FailOpenReason| (Err(reason.into()), None);
        let (verdict, retry_after) =
            match tokio::time::timeout_at(began + settings.timeout, call.catch_unwind()).await {
                Ok(Ok(called)) => called,
                Ok(Err(_panic)) => failed(FailOpenReason::Internal),
                Err(_elapsed) => failed(FailOpenReason::Timeout),
            };
        let counts = match (&verdict, retry_after) {
            (_, Some(wait)) => Some(CallResult::RetryAfter(wait)),
            (Ok(_), None) => Some(CallResult::Answered),
            (Err(error), None) => counts(error.kind()),
        };
        Called { verdict, counts }
    }
}

/// How long the service asked not to be called.
fn retry_after(answer: &ApiResponse) -> Option<Duration> {
    answer
        .retry_after
        .filter(|wait| matches!(answer.status, 429 | 503) && !wait.is_zero())
}

/// What a failure says about the service.
fn counts(reason: FailOpenReason) -> Option<CallResult> {
    match reason {
        // The service refuses this request or this key: it is alive, and its refusal is as fast as
        // a verdict. Visitors who could get theirs refused must not open the circuit for everybody.
        FailOpenReason::Status(400..500) => Some(CallResult::Answered),
        // Of this process, whatever the service does.
        FailOpenReason::Local | FailOpenReason::Internal => None,
        _ => Some(CallResult::Failed),
    }
}
