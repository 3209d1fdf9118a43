//! What to do with a request, and why.

mod challenge;
mod exchange;
mod explanation;
mod log;
mod outcome;
mod request;
mod rule;
mod times;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

pub use self::challenge::ChallengeResult;
pub(crate) use self::challenge::ChallengeState;
pub use self::exchange::Exchange;
pub(crate) use self::log::span;
pub use self::outcome::{Action, Outcome, SkipReason};
pub(crate) use self::request::RequestFacts;
pub use self::rule::Rule;
pub use self::times::Times;
use crate::error::FailOpenReason;
use crate::event_type::EventType;
use crate::reply::{Denial, Reply, ReplyShape};
use crate::requester::Requester;
use crate::threat_type::ThreatType;
use crate::verdict::Verdict;

/// What to do with a request, and why. Cheap to clone.
///
/// An adapter acts on [`reply`](Self::reply), [`wants_challenge`](Self::wants_challenge) and
/// [`set_cookie`](Self::set_cookie), and hands the decision to the application's handlers.
///
/// Serializes to `{"outcome", "action", "policy_action", "challenge_passed", "is_invalid", "threat_type",
/// "threat_type_code", "policy", "rule", "shadow_action", "request_id", "reason"}`, what there is not as `null`.
///
/// ```
/// use rti_core::{Decision, Outcome};
///
/// fn describe(decision: &Decision) -> String {
///     match decision.outcome() {
///         Outcome::Evaluated(verdict) => format!("{}: {}", decision.action().as_str(), verdict.threat_type()),
///         Outcome::FailedOpen(reason) => format!("no verdict: {reason}"),
///         other => other.as_str().to_owned(),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Decision(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    engine_id: u64,
    request: RequestFacts,
    outcome: Outcome,
    times: Times,
    response: Response,
    exchange: Option<Exchange>,
    enforcing: Enforcing,
    /// The verdict's, which stays when the outcome changes.
    set_cookie: Option<String>,
}

/// On whom a policy acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enforcing {
    /// As it says.
    ByPolicy,
    /// It is a test request.
    Always,
}

/// What follows from an outcome.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) action: Action,
    pub(crate) policy_action: Action,
    pub(crate) rule: Option<Rule>,
    pub(crate) policy: Option<Arc<str>>,
    pub(crate) shadow_action: Option<Action>,
    pub(crate) reply: Option<Reply>,
    pub(crate) challenge: ChallengeState,
    pub(crate) result_header: Option<String>,
    /// None where there is no verdict.
    pub(crate) shape: Option<ReplyShape>,
}

impl Response {
    pub(crate) const PASS_THROUGH: Self = Self {
        action: Action::Allow,
        policy_action: Action::Allow,
        rule: None,
        policy: None,
        shadow_action: None,
        reply: None,
        challenge: ChallengeState::NotWanted,
        result_header: None,
        shape: None,
    };
}

impl Decision {
    pub(crate) fn new(
        engine_id: u64,
        request: RequestFacts,
        outcome: Outcome,
        times: Times,
        response: Response,
        exchange: Option<Exchange>,
        enforcing: Enforcing,
    ) -> Self {
        Self(Arc::new(Inner {
            engine_id,
            request,
            outcome,
            times,
            response,
            exchange,
            enforcing,
            set_cookie: None,
        }))
    }

    /// What is done with the request. It is final once the challenge callback has run: where that
    /// lets the visitor continue, the action is [`Action::Allow`].
    pub fn action(&self) -> Action {
        self.0.response.action
    }

    /// What blocking mode does with such a request: the same in monitoring mode, where every request
    /// continues. [`Action::Allow`] where there is no verdict.
    pub fn policy_action(&self) -> Action {
        self.0.response.policy_action
    }

    /// Whether what was done is what the policy says: not so in monitoring mode, and where a challenge
    /// let the visitor continue.
    pub fn enforced(&self) -> bool {
        self.action() == self.policy_action()
    }

    /// The rule that led to [`policy_action`](Self::policy_action), or that skipped the check; `None` where
    /// no rule matched.
    pub fn rule(&self) -> Option<Rule> {
        match &self.0.outcome {
            Outcome::Skipped(reason) => Some(Rule::Skip(reason.clone())),
            _ => self.0.response.rule.clone(),
        }
    }

    /// The name of the policy that decided: `default` for requests that no other is for. Of several that
    /// may be meant, it is the strictest.
    pub fn policy(&self) -> &str {
        self.0.response.policy.as_deref().unwrap_or("default")
    }

    /// What the [shadow](crate::PolicyOptions::shadow) of the policy would do; `None` where there is none, or
    /// no verdict.
    pub fn shadow_action(&self) -> Option<Action> {
        self.0.response.shadow_action
    }

    /// Where the decision comes from.
    pub fn outcome(&self) -> &Outcome {
        &self.0.outcome
    }

    /// Why there is no verdict; `None` when there is one.
    pub fn reason(&self) -> Option<String> {
        self.0.outcome.reason()
    }

    /// The verdict, when there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.0.outcome {
            Outcome::Evaluated(verdict) => Some(verdict),
            _ => None,
        }
    }

    /// The threat type of the verdict, when there is one.
    pub fn threat_type(&self) -> Option<ThreatType> {
        self.verdict().map(Verdict::threat_type)
    }

    /// How long the request waited for this decision.
    pub fn elapsed(&self) -> Duration {
        self.0.times.decide
    }

    /// How long the decision took, and its parts.
    pub fn times(&self) -> Times {
        self.0.times
    }

    /// The method of the request; empty where the request could not be read.
    pub fn method(&self) -> &str {
        &self.0.request.method
    }

    /// The path of the request as received, without the query: at most 4,096 bytes. It is what a
    /// visitor wrote. Empty where the request could not be read.
    pub fn path(&self) -> &str {
        &self.0.request.path
    }

    /// The client address. For a request that was not checked it is known only where there is an
    /// [`Observer`](crate::Observer).
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.0.request.client_ip
    }

    /// The user agent that the visitor claims, at most 4,096 bytes; known only where there is an
    /// [`Observer`](crate::Observer).
    pub fn user_agent(&self) -> Option<&str> {
        self.0.request.user_agent.as_deref()
    }

    /// The event that the route stands for; `None` for a request that was not checked.
    pub fn event_type(&self) -> Option<&EventType> {
        self.0.request.event_type.as_ref()
    }

    /// The name and version of the middleware, such as `rust_axum_0.1.0`.
    pub fn middleware(&self) -> &'static str {
        self.0.request.middleware
    }

    /// What was sent and what came back, where an [`Observer`](crate::Observer) wants it.
    pub fn exchange(&self) -> Option<&Exchange> {
        self.0.exchange.as_ref()
    }

    /// The response to give in the application's place; `None` lets the request continue.
    pub fn reply(&self) -> Option<&Reply> {
        self.0.response.reply.as_ref()
    }

    /// Whether the challenge callback is to be called, if there is one. The adapter reports what came of
    /// it, with [`Rti::conclude_challenge`](crate::Rti::conclude_challenge).
    pub fn wants_challenge(&self) -> bool {
        self.0.response.challenge == ChallengeState::Wanted
    }

    /// What came of the challenge; `None` where none was wanted.
    pub fn challenge_result(&self) -> Option<ChallengeResult> {
        self.0.response.challenge.result()
    }

    /// Whether the visitor was to be challenged and continues because a challenge was passed: the challenge kit
    /// found a valid clearance, or the challenge callback let the request continue. A person whom the service
    /// took for something else looks like this.
    ///
    /// ```
    /// use rti_core::Decision;
    ///
    /// /// What a handler shows a visitor who has just proven to be one.
    /// fn greeting(decision: &Decision) -> &'static str {
    ///     if decision.challenge_passed() { "Thank you for your patience" } else { "Welcome" }
    /// }
    /// ```
    pub fn challenge_passed(&self) -> bool {
        self.challenge_result() == Some(ChallengeResult::Passed)
    }

    /// Whether the visitor is shown a page that blocks, which an application may replace by its own: the
    /// 403, or the 404 of the strategy `not_found`. Not a redirect, and not for a challenge.
    pub fn wants_block_page(&self) -> bool {
        let is_evaluated = matches!(self.outcome(), Outcome::Evaluated(_));
        let is_blocked = is_evaluated && self.action() == Action::Block;
        is_blocked && self.reply().is_some_and(|reply| reply.status() >= 400)
    }

    /// Who sent the request, as far as its headers tell; [`Requester::Navigation`] where there is no
    /// verdict.
    pub fn requester(&self) -> Requester {
        let shape = self.0.response.shape.as_ref();
        shape.map_or(Requester::Navigation, |shape| shape.requester)
    }

    /// A refusal in the shape that the requester understands, for a challenge callback that cannot show
    /// a page: JSON for `fetch`, status 7 for gRPC, nothing but the 403 for an image. `None` where
    /// there is no verdict.
    ///
    /// For a challenged script the JSON has a member `challenge`, so that the page can show one. A
    /// redirect would be followed, and a POST answered with 200.
    ///
    /// ```
    /// use rti_core::{Decision, Reply, Requester};
    ///
    /// /// `None` sends a visitor who waits for a page to the captcha.
    /// fn instead_of_the_captcha(decision: &Decision) -> Option<Reply> {
    ///     match decision.requester() {
    ///         Requester::Navigation => None,
    ///         _ => decision.denial(),
    ///     }
    /// }
    /// ```
    pub fn denial(&self) -> Option<Reply> {
        let denial = match self.0.response.challenge {
            ChallengeState::NotWanted => Denial::Blocked,
            ChallengeState::Wanted | ChallengeState::Concluded(_) => Denial::Challenged,
        };
        let (verdict, shape) = (self.verdict()?, self.0.response.shape.as_ref()?);
        Some(shape.denied(verdict, denial))
    }

    /// The cookie to append to the response, whoever gives it: a whole `Set-Cookie` value.
    pub fn set_cookie(&self) -> Option<&str> {
        let cookie = self.0.set_cookie.as_deref();
        cookie.or_else(|| self.verdict()?.set_cookie())
    }

    /// The result for the application under [`RESULT_HEADER`](crate::RESULT_HEADER): the value
    /// to set on a request that continues, once what the client sent under the name is removed.
    pub fn result_header(&self) -> Option<&str> {
        self.0.response.result_header.as_deref()
    }

    /// This decision once it is known what came of the challenge.
    pub(crate) fn concluded(&self, result: ChallengeResult) -> Self {
        let mut inner = Inner::clone(&self.0);
        let response = &mut inner.response;
        response.challenge = ChallengeState::Concluded(result);
        let continues = match result {
            ChallengeResult::Answered => false,
            ChallengeResult::Passed | ChallengeResult::Panicked => true,
            ChallengeResult::NoCallback => response.reply.is_none(),
        };
        if continues {
            response.action = Action::Allow;
        }
        if result != ChallengeResult::NoCallback {
            response.reply = None;
        }
        if result == ChallengeResult::Panicked {
            inner.set_cookie = self.set_cookie().map(str::to_owned);
            inner.outcome = Outcome::FailedOpen(FailOpenReason::Internal);
            inner.response = Response {
                policy: inner.response.policy.take(),
                challenge: ChallengeState::Concluded(result),
                ..Response::PASS_THROUGH
            };
        }
        Self(Arc::new(inner))
    }

    fn is_test(&self) -> bool {
        self.enforcing() == Enforcing::Always
    }

    /// On whom policies acted.
    pub(crate) fn enforcing(&self) -> Enforcing {
        self.0.enforcing
    }

    /// The engine that made the decision: a request is checked once by each.
    pub(crate) fn engine_id(&self) -> u64 {
        self.0.engine_id
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("action", &self.action())
            .field("policy_action", &self.policy_action())
            .field("outcome", &self.0.outcome)
            .field("times", &self.0.times)
            .field("reply", &self.reply())
            .finish_non_exhaustive()
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verdict = self.verdict();
        let threat_type = self.threat_type();
        let mut fields = serializer.serialize_struct("Decision", 12)?;
        fields.serialize_field("outcome", self.outcome().as_str())?;
        fields.serialize_field("action", self.action().as_str())?;
        fields.serialize_field("policy_action", self.policy_action().as_str())?;
        fields.serialize_field("challenge_passed", &self.challenge_passed())?;
        fields.serialize_field("is_invalid", &verdict.map(Verdict::is_invalid))?;
        fields.serialize_field("threat_type", &threat_type.map(ThreatType::as_str))?;
        fields.serialize_field("threat_type_code", &threat_type.map(ThreatType::code))?;
        fields.serialize_field("policy", self.policy())?;
        fields.serialize_field("shadow_action", &self.shadow_action())?;
        fields.serialize_field("rule", &self.rule().map(|rule| rule.to_string()))?;
        fields.serialize_field("request_id", &verdict.and_then(Verdict::request_id))?;
        fields.serialize_field("reason", &self.reason())?;
        fields.end()
    }
}
