//! The callbacks of an application: what challenged visitors get, and the page of blocked ones.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::ServiceRequest;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
#[cfg(feature = "challenge")]
use rti_challenge::{Challenge, Pending};
use rti_core::{ChallengeResult, Decision, Rti};

use crate::reply;
#[cfg(feature = "challenge")]
use crate::view::View;

type OnChallenge = dyn Fn(&HttpRequest, Decision) -> LocalBoxFuture<'static, Option<HttpResponse>>;
type OnBlock = dyn Fn(&HttpRequest, &Decision) -> Option<HttpResponse>;

/// What answers in the application's place.
pub(crate) enum Answer {
    Response(HttpResponse),
    /// The challenge kit, once it has the payload.
    #[cfg(feature = "challenge")]
    Kit(Pending),
}

#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    challenge: Option<Rc<OnChallenge>>,
    #[cfg(feature = "challenge")]
    kit: Option<Challenge>,
    block: Option<Rc<OnBlock>>,
}

impl Callbacks {
    pub(crate) fn set_challenge<F, Fut, B>(&mut self, callback: F)
    where
        F: Fn(&HttpRequest, Decision) -> Fut + 'static,
        Fut: Future<Output = Option<HttpResponse<B>>> + 'static,
        B: MessageBody + 'static,
    {
        self.challenge = Some(Rc::new(move |request, decision| {
            callback(request, decision)
                .map(|response| response.map(HttpResponse::map_into_boxed_body))
                .boxed_local()
        }));
    }

    pub(crate) fn set_block<F, B>(&mut self, callback: F)
    where
        F: Fn(&HttpRequest, &Decision) -> Option<HttpResponse<B>> + 'static,
        B: MessageBody + 'static,
    {
        self.block = Some(Rc::new(move |request, decision| {
            callback(request, decision).map(HttpResponse::map_into_boxed_body)
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
        request: &ServiceRequest,
        mut decision: Decision,
    ) -> (Decision, Option<Answer>) {
        if decision.wants_challenge() {
            let (result, answer) = self.challenge(rti, request, &decision).await;
            decision = rti.conclude_challenge(&decision, result);
            if answer.is_some() {
                return (decision, answer);
            }
        }
        let response = decision.reply().map(|reply| {
            self.block_page(request.request(), &decision)
                .unwrap_or_else(|| reply::render(reply))
        });
        (decision, response.map(Answer::Response))
    }

    async fn challenge(
        &self,
        rti: &Rti,
        request: &ServiceRequest,
        decision: &Decision,
    ) -> (ChallengeResult, Option<Answer>) {
        #[cfg(feature = "challenge")]
        if let Some(kit) = &self.kit {
            return match kit.challenged(rti, &View(request), decision) {
                Some(pending) => (ChallengeResult::Answered, Some(Answer::Kit(pending))),
                None => (ChallengeResult::Passed, None),
            };
        }
        #[cfg(not(feature = "challenge"))]
        let _ = rti;
        let Some(challenge) = &self.challenge else {
            return (ChallengeResult::NoCallback, None);
        };
        let response = async { challenge(request.request(), decision.clone()).await };
        match AssertUnwindSafe(response).catch_unwind().await {
            Ok(Some(response)) => (ChallengeResult::Answered, Some(Answer::Response(response))),
            Ok(None) => (ChallengeResult::Passed, None),
            Err(_panic) => (ChallengeResult::Panicked, None),
        }
    }

    /// The application's own page. Where it panics the built-in one is shown.
    fn block_page(&self, request: &HttpRequest, decision: &Decision) -> Option<HttpResponse> {
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
