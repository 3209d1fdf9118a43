//! The callbacks of an application: what challenged visitors get, and the page of blocked ones.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use rti_core::{ChallengeResult, Decision, Rti};

use crate::reply;

type OnChallenge = dyn Fn(&HttpRequest, Decision) -> LocalBoxFuture<'static, Option<HttpResponse>>;
type OnBlock = dyn Fn(&HttpRequest, &Decision) -> Option<HttpResponse>;

#[derive(Clone, Default)]
pub(crate) struct Callbacks {
    challenge: Option<Rc<OnChallenge>>,
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

    pub(crate) fn have_challenge(&self) -> bool {
        self.challenge.is_some()
    }

    /// What answers in the application's place, if anything does, and the decision that is final by then.
    pub(crate) async fn apply(
        &self,
        rti: &Rti,
        request: &HttpRequest,
        mut decision: Decision,
    ) -> (Decision, Option<HttpResponse>) {
        if decision.wants_challenge() {
            let (result, response) = self.challenge(request, &decision).await;
            decision = rti.conclude_challenge(&decision, result);
            if response.is_some() {
                return (decision, response);
            }
        }
        let response = decision.reply().map(|reply| {
            self.block_page(request, &decision)
                .unwrap_or_else(|| reply::render(reply))
        });
        (decision, response)
    }

    async fn challenge(
        &self,
        request: &HttpRequest,
        decision: &Decision,
    ) -> (ChallengeResult, Option<HttpResponse>) {
        let Some(challenge) = &self.challenge else {
            return (ChallengeResult::NoCallback, None);
        };
        let response = async { challenge(request, decision.clone()).await };
        match AssertUnwindSafe(response).catch_unwind().await {
            Ok(Some(response)) => (ChallengeResult::Answered, Some(response)),
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
            .field("challenge", &self.challenge.is_some())
            .field("block", &self.block.is_some())
            .finish()
    }
}
