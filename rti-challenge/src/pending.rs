//! What an adapter does with a request, in two steps: the first looks at the request, the second has its body.

use rti_core::{Decision, Reply, Rti, RtiRequest};

use crate::challenged::Challenged;
use crate::kit::Challenge;
use crate::request::{ChallengeRequest, RequestBody};

/// For adapters: a request that the kit answers, once its body is read.
///
/// ```
/// use rti_challenge::{Challenge, ChallengeRequest, Pending, RequestBody};
/// use rti_core::{ChallengeResult, Decision, Reply, Rti, RtiRequest};
///
/// /// Before the engine looks at a request: those for the kit are not sent to the service.
/// fn own(kit: &Challenge, rti: &Rti, view: &dyn RtiRequest) -> Option<Pending> {
///     kit.own(rti, view)
/// }
///
/// /// Where the decision wants a challenge. Without a `Pending` the request continues.
/// fn challenged(kit: &Challenge, rti: &Rti, view: &dyn RtiRequest, decision: &Decision) -> (Decision, Option<Pending>) {
///     let pending = kit.challenged(rti, view, decision);
///     let result = match pending {
///         Some(_) => ChallengeResult::Answered,
///         None => ChallengeResult::Passed,
///     };
///     (rti.conclude_challenge(decision, result), pending)
/// }
///
/// /// In both cases: the body, up to the limit, then the reply.
/// async fn answer(pending: Pending, body: &[u8]) -> Reply {
///     let body = match pending.body_limit() {
///         None => RequestBody::NotRead,
///         Some(limit) if body.len() > limit => RequestBody::TooLarge,
///         Some(_) => RequestBody::Whole(body.to_vec().into()),
///     };
///     pending.answer(body).await
/// }
/// ```
#[derive(Debug)]
#[must_use = "a request that the kit answers does not reach the application"]
pub struct Pending(Box<Work>);

#[derive(Debug)]
struct Work {
    kit: Challenge,
    request: ChallengeRequest,
    /// None for a path of the kit.
    challenged: Option<Challenged>,
}

impl Challenge {
    /// For adapters: the request, if its path is one of the kit. It is looked at before the engine does.
    pub fn own(&self, rti: &Rti, request: &dyn RtiRequest) -> Option<Pending> {
        self.owns(&request.path()).then(|| {
            Pending(Box::new(Work {
                kit: self.clone(),
                request: ChallengeRequest::seen_by(rti, request),
                challenged: None,
            }))
        })
    }

    /// For adapters: the request, if its decision [wants a challenge](Decision::wants_challenge) and it has no
    /// valid clearance. `None` lets it continue.
    pub fn challenged(
        &self,
        rti: &Rti,
        request: &dyn RtiRequest,
        decision: &Decision,
    ) -> Option<Pending> {
        let request = ChallengeRequest::seen_by(rti, request);
        if self.clearance(&request).is_valid() {
            return None;
        }
        Some(Pending(Box::new(Work {
            kit: self.clone(),
            request,
            challenged: Some(decision.into()),
        })))
    }
}

impl Pending {
    /// How much of the body is read, in bytes, and for [`MAX_BODY_TIME`](crate::MAX_BODY_TIME) at most.
    /// `None`: it is not needed.
    pub fn body_limit(&self) -> Option<usize> {
        self.0.kit.body_limit(&self.0.request)
    }

    /// The reply. It has no errors: what goes wrong refuses the visitor.
    pub async fn answer(self, body: RequestBody) -> Reply {
        let Work {
            kit,
            request,
            challenged,
        } = *self.0;
        let request = request.with_body(body);
        match &challenged {
            Some(challenged) => kit.interstitial(&request, challenged),
            None => kit.handle(&request).await,
        }
    }
}
