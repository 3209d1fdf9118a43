//! The callbacks of an application: what challenged visitors get, and the page of blocked ones.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum_core::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::request::Parts;
#[cfg(feature = "challenge")]
use rti_challenge::{Challenge, Pending};
use rti_core::{ChallengeResult, Decision, Rti};

use crate::reply;
#[cfg(feature = "challenge")]
use crate::view::view;

type OnChallenge = dyn Fn(&Parts, Decision) -> BoxFuture<'static, Option<Response>> + Send + Sync;
type OnBlock = dyn Fn(&Parts, &Decision) -> Option<Response> + Send + Sync;

/// What answers in the application's place.
pub(crate) enum Answer {
    Response(Response),
    /// The challenge kit, once it has the body.
    #[cfg(feature = "challenge")]
    Kit(Pending),
}

#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    challenge: Option<Arc<OnChallenge>>,
    #[cfg(feature = "challenge")]
    kit: Option<Challenge>,
    block: Option<Arc<OnBlock>>,
}

impl Callbacks {
    pub(crate) fn set_challenge<F, Fut, R>(&mut self, callback: F)
    where
        F: Fn(&Parts, Decision) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Option<R>> + Send + 'static,
        R: IntoResponse,
    {
        self.challenge = Some(Arc::new(move |request, decision| {
            callback(request, decision)
                .map(|response| response.map(IntoResponse::into_response))
                .boxed()
        }));
    }

    pub(crate) fn set_block<F, R>(&mut self, callback: F)
    where
        F: Fn(&Parts, &Decision) -> Option<R> + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.block = Some(Arc::new(move |request, decision| {
            callback(request, decision).map(IntoResponse::into_response)
        }));
    }

    #[cfg(feature = "challenge")]
    pub(crate) fn set_kit(&mut self, kit: Challenge) {
        self.kit = Some(kit);
    }

    #[cfg(feature = "challenge")]
    pub(crate) fn kit(&self) -> Option<&Challenge> {
        self.kit.as_ref()
    }

    pub(crate) fn have_challenge(&self) -> bool {
        #[cfg(feature = "challenge")]
        if self.kit.is_some() {
            return true;
        }
        self.challenge.is_some()
    }

    /// What answers in the application's place, if anything does, and the decision that is final by then.
    pub(crate) async fn apply(
        &self,
        rti: &Rti,
        request: &Parts,
        peer_ip: Option<IpAddr>,
        mut decision: Decision,
    ) -> (Decision, Option<Answer>) {
        if decision.wants_challenge() {
            let (result, answer) = self.challenge(rti, request, peer_ip, &decision).await;
            decision = rti.conclude_challenge(&decision, result);
            if answer.is_some() {
                return (decision, answer);
            }
        }
        let response = decision.reply().map(|reply| {
            self.block_page(request, &decision)
                .unwrap_or_else(|| reply::render(reply))
        });
        (decision, response.map(Answer::Response))
    }

    async fn challenge(
        &self,
        rti: &Rti,
        request: &Parts,
        peer_ip: Option<IpAddr>,
        decision: &Decision,
    ) -> (ChallengeResult, Option<Answer>) {
        #[cfg(feature = "challenge")]
        if let Some(kit) = &self.kit {
            return match kit.challenged(rti, &view(request, peer_ip), decision) {
                Some(pending) => (ChallengeResult::Answered, Some(Answer::Kit(pending))),
                None => (ChallengeResult::Passed, None),
            };
        }
        #[cfg(not(feature = "challenge"))]
        let _ = (rti, peer_ip);
        let Some(challenge) = &self.challenge else {
            return (ChallengeResult::NoCallback, None);
        };
        let response = async { challenge(request, decision.clone()).await };
        match AssertUnwindSafe(response).catch_unwind().await {
            Ok(Some(response)) => (ChallengeResult::Answered, Some(Answer::Response(response))),
            Ok(None) => (ChallengeResult::Passed, None),
            Err(_panic) => (ChallengeResult::Panicked, None),
        }
    }

    /// The application's own page. Where it panics the built-in one is shown.
    fn block_page(&self, request: &Parts, decision: &Decision) -> Option<Response> {
        let page = self
            .block
            .as_ref()
            .filter(|_| decision.wants_block_page())?;
        catch_unwind(AssertUnwindSafe(|| page(request, decision))).unwrap_or_default()
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks")
            .field("challenge", &self.have_challenge())
            .field("block", &self.block.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "challenge"))]
mod tests {
    use super::*;
    use rti_challenge::Keys;

    /// Else the engine warns that visitors to be challenged continue.
    #[test]
    fn a_kit_is_enough_to_challenge() {
        let mut callbacks = Callbacks::default();
        assert!(!callbacks.have_challenge());
        callbacks.set_kit(Challenge::proof_of_work(Keys::new([1; 32])));
        assert!(callbacks.have_challenge());
    }
}
