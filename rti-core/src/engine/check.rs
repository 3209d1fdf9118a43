//! The call to the service, when one is made: circuit breaker, cap, deadline.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::Engine;
use super::inspection::Snapshot;
use crate::client_ip;
use crate::decision::Exchange;
use crate::error::{CallError, FailOpenReason};
use crate::payload::Payload;
use crate::reliability::{self, Admission, CallResult, CircuitChange, Probe};
use crate::transport::{ApiRequest, ApiResponse};
use crate::verdict::Verdict;

/// What is known of a call beside the verdict.
#[derive(Default)]
pub(super) struct Called {
    /// What it says about the service, if anything: for the circuit breaker.
    counts: Option<CallResult>,
    retry_after: Option<Duration>,
    pub(super) connection_time: Option<Duration>,
    pub(super) service_time: Option<Duration>,
    pub(super) exchange: Option<Exchange>,
}

impl Called {
    fn responded(&mut self, elapsed: Duration, response: &ApiResponse) {
        self.retry_after = reliability::retry_after(response);
        self.connection_time = response.connection_time;
        let waited = response.connection_time.unwrap_or_default();
        self.service_time = Some(elapsed.saturating_sub(waited));
        if let Some(exchange) = &mut self.exchange {
            exchange.received_body(response.body.clone());
        }
    }
}

impl Engine {
    /// Calls the service, if the circuit breaker and the cap on calls in flight allow it.
    pub(super) async fn check(
        self: &Arc<Self>,
        snapshot: &Arc<Snapshot>,
        payload: Box<Payload>,
        deadline: Instant,
        called: &mut Called,
    ) -> Result<Verdict, CallError> {
        let permit = match self.circuit.as_ref().map(|circuit| circuit.admit()) {
            Some(Admission::Open) => return Err(FailOpenReason::CircuitOpen.into()),
            Some(Admission::Probe(probe)) => {
                self.start_probe(snapshot, probe, &payload);
                return Err(FailOpenReason::CircuitOpen.into());
            }
            Some(Admission::Call(permit)) => Some(permit),
            None => None,
        };
        let client = payload.client_ip().map(client_ip::network);
        let Some(_in_flight) = self.in_flight.enter(client) else {
            return Err(FailOpenReason::Saturated.into());
        };
        let body = snapshot.encoder.encode(&payload);
        drop(payload);
        if self.observers.want_exchange() {
            let redactor = snapshot.config.settings().redactor.clone();
            called.exchange = Some(Exchange::new(body.clone(), redactor));
        }
        let verdict = self.call(snapshot, body, deadline, called).await;
        if let (Some(permit), Some(result)) = (permit, called.counts) {
            self.circuit_changed(permit.report(result));
        }
        verdict
    }

    /// Calls in the background, with the request of a visitor who continues at once. It has a place
    /// of its own beside the cap on calls in flight: in an outage the cap may be reached.
    fn start_probe(self: &Arc<Self>, snapshot: &Arc<Snapshot>, probe: Probe, payload: &Payload) {
        // Without a runtime no call can be made, and the probe's place is free again.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let body = snapshot.encoder.encode(payload);
        let (engine, snapshot) = (Arc::clone(self), Arc::clone(snapshot));
        runtime.spawn(async move {
            let mut called = Called::default();
            let policies = &snapshot.config.settings().policies;
            let deadline = Instant::now() + policies.longest_timeout();
            // Whether there is a verdict is of no interest: nobody waits for it.
            let _ = engine.call(&snapshot, body, deadline, &mut called).await;
            if let Some(result) = called.counts {
                engine.circuit_changed(probe.report(result));
            }
        });
    }

    /// One deadline over the whole call; a panic of the transport is one more way to fail.
    async fn call(
        &self,
        snapshot: &Snapshot,
        body: Bytes,
        deadline: Instant,
        called: &mut Called,
    ) -> Result<Verdict, CallError> {
        let settings = snapshot.config.settings();
        let version = settings.api_version;
        let began = Instant::now();
        // What the transport does before its first await is inside as well, and so is decoding.
        let call = AssertUnwindSafe(async {
            let request = ApiRequest::new(version.path(), version.content_type(), body);
            let response = self.transport.send(request).await?;
            called.responded(began.elapsed(), &response);
            if !(200..300).contains(&response.status) {
                return Err(FailOpenReason::Status(response.status).into());
            }
            Verdict::from_response(version, &response.body, &settings.redactor)
        });
        let verdict = match tokio::time::timeout_at(deadline, call.catch_unwind()).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_panic)) => Err(FailOpenReason::Internal.into()),
            Err(_elapsed) => Err(FailOpenReason::Timeout.into()),
        };
        called.counts = match (&verdict, called.retry_after) {
            (_, Some(wait)) => Some(CallResult::RetryAfter(wait)),
            (Ok(_), None) => Some(CallResult::Answered),
            (Err(error), None) => CallResult::of_failure(error.kind()),
        };
        verdict
    }

    fn circuit_changed(&self, change: Option<CircuitChange>) {
        if let (Some(_), Some(circuit)) = (change, &self.circuit) {
            self.observers.circuit_changed(circuit);
        }
    }
}
