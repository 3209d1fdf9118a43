//! The callbacks of an application: what challenged visitors get, and the page of blocked ones.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rocket::Request;
use rocket::futures::FutureExt as _;
use rocket::futures::future::BoxFuture;
use rocket::response::Responder;
#[cfg(feature = "challenge")]
use rti_challenge::{Challenge, Pending};
use rti_core::{ChallengeResult, Decision, Rti};

#[cfg(feature = "challenge")]
use crate::challenge;
use crate::reply;
use crate::request_state::Answer;
#[cfg(feature = "challenge")]
use crate::request_state::RequestState;
#[cfg(feature = "challenge")]
use crate::view::View;

type OnChallenge =
    dyn for<'r> Fn(&'r Request<'_>, Decision) -> BoxFuture<'r, Option<Answer>> + Send + Sync;
type OnBlock = dyn Fn(&Request<'_>, &Decision) -> Option<Answer> + Send + Sync;

#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    challenge: Option<Arc<OnChallenge>>,
    #[cfg(feature = "challenge")]
    kit: Option<Challenge>,
    block: Option<Arc<OnBlock>>,
}

impl Callbacks {
    pub(crate) fn set_challenge<F, R>(&mut self, callback: F)
    where
        F: for<'r> Fn(&'r Request<'_>, Decision) -> BoxFuture<'r, Option<R>>
            + Send
            + Sync
            + 'static,
        R: for<'r> Responder<'r, 'static> + 'static,
    {
        self.challenge = Some(Arc::new(move |request, decision| {
            callback(request, decision)
                .map(|responder| responder.map(|responder| responder.respond_to(request)))
                .boxed()
        }));
    }

    pub(crate) fn set_block<F, R>(&mut self, callback: F)
    where
        F: Fn(&Request<'_>, &Decision) -> Option<R> + Send + Sync + 'static,
        R: for<'r> Responder<'r, 'static>,
    {
        self.block = Some(Arc::new(move |request, decision| {
            callback(request, decision).map(|responder| responder.respond_to(request))
        }));
    }

    #[cfg(feature = "challenge")]
    pub(crate) fn set_kit(&mut self, kit: Challenge) {
        self.kit = Some(kit);
    }

    /// A request for a path of the kit.
    #[cfg(feature = "challenge")]
    pub(crate) fn own(&self, rti: &Rti, request: &Request<'_>) -> Option<Pending> {
        let kit = self.kit.as_ref()?;
        // The view makes a text of the whole target.
        let is_own = kit.owns(request.uri().path().as_str());
        is_own.then(|| kit.own(rti, &View::new(request)))?
    }

    pub(crate) fn have_challenge(&self) -> bool {
        #[cfg(feature = "challenge")]
        if self.kit.is_some() {
            return true;
        }
        self.challenge.is_some()
    }

    /// What answers in the application's place, if anything does, and the decision that is final by then.
    /// Rocket would drop the connection on a fairing's panic, so that of a callback is caught.
    pub(crate) async fn apply(
        &self,
        rti: &Rti,
        request: &Request<'_>,
        mut decision: Decision,
    ) -> (Decision, Option<Answer>) {
        if decision.wants_challenge() {
            let (result, answer) = self.challenge(rti, request, &decision).await;
            decision = rti.conclude_challenge(&decision, result);
            if answer.is_some() {
                return (decision, answer);
            }
        }
        let answer = decision.reply().map(|reply| {
            self.block_page(request, &decision)
                .unwrap_or_else(|| reply::render(reply))
        });
        (decision, answer)
    }

    async fn challenge(
        &self,
        rti: &Rti,
        request: &Request<'_>,
        decision: &Decision,
    ) -> (ChallengeResult, Option<Answer>) {
        #[cfg(feature = "challenge")]
        if let Some(kit) = &self.kit {
            return match kit.challenged(rti, &View::new(request), decision) {
                Some(pending) => {
                    RequestState::of(request).leave_to_kit(pending);
                    let unread = challenge::unread();
                    (ChallengeResult::Answered, Some(Ok(unread)))
                }
                None => (ChallengeResult::Passed, None),
            };
        }
        #[cfg(not(feature = "challenge"))]
        let _ = rti;
        let Some(challenge) = &self.challenge else {
            return (ChallengeResult::NoCallback, None);
        };
        let answer = async { challenge(request, decision.clone()).await };
        match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Some(answer)) => (ChallengeResult::Answered, Some(answer)),
            Ok(None) => (ChallengeResult::Passed, None),
            Err(_panic) => (ChallengeResult::Panicked, None),
        }
    }

    /// The application's own page. Where it panics the built-in one is shown.
    fn block_page(&self, request: &Request<'_>, decision: &Decision) -> Option<Answer> {
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
