//! Asking the service: whether to call at all, and one deadline over the call.

use std::panic::AssertUnwindSafe;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Engine;
use crate::breaker::{Breaker, CallResult};
use crate::error::{CallError, FailOpenReason};
use crate::payload::Payload;
use crate::transport::ApiRequest;
use crate::verdict::Verdict;

impl Engine {
    /// Asks, if the breaker and the cap on calls in flight let it.
    pub(super) async fn ask(
        &self,
        payload: Box<Payload>,
        began: Instant,
    ) -> Result<Verdict, CallError> {
        let pass = match self.breaker.as_ref().map(Breaker::admit) {
            Some(None) => return Err(FailOpenReason::CircuitOpen.into()),
            Some(pass) => pass,
            None => None,
        };
        let Some(_place) = self.in_flight.enter() else {
            return Err(FailOpenReason::Saturated.into());
        };
        let body = self.encoder.encode(&payload);
        drop(payload);
        let result = self.call(body, began).await;
        match (pass, &result) {
            (Some(pass), Ok(_)) => pass.report(CallResult::Answered),
            (Some(pass), Err(error)) if speaks_of_the_service(error.kind()) => {
                pass.report(CallResult::Failed);
            }
            _ => {}
        }
        result
    }

    /// One deadline over the whole call; a panic of the transport is one more way not to answer.
    async fn call(&self, body: Bytes, began: Instant) -> Result<Verdict, CallError> {
        let settings = self.config.settings();
        let call = AssertUnwindSafe(async {
            let answer = self.transport.send(ApiRequest::new(
                settings.api_version.path(),
                settings.api_version.content_type(),
                body,
            ));
            let answer = answer.await?;
            if !(200..300).contains(&answer.status) {
                return Err(FailOpenReason::Status(answer.status).into());
            }
            Verdict::of_answer(settings, &answer.body)
        });
        match tokio::time::timeout_at(began + settings.timeout, call.catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_panic)) => Err(FailOpenReason::Internal.into()),
            Err(_elapsed) => Err(FailOpenReason::Timeout.into()),
        }
    }
}

/// Whether a failure says something about the service, and not about this one question: visitors
/// who could get theirs refused must not open the circuit for everybody.
fn speaks_of_the_service(reason: FailOpenReason) -> bool {
    match reason {
        // No key, too slow, too many: these are about all questions.
        FailOpenReason::Status(401 | 408 | 429) => true,
        FailOpenReason::Status(status) => !(400..500).contains(&status),
        _ => true,
    }
}
