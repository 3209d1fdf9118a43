//! Decisions without an engine.

use std::sync::Arc;
use std::time::Duration;

use crate::decision::{
    Action, ChallengeState, Decision, Enforcing, Outcome, RequestFacts, Response, SkipReason, Times,
};
use crate::error::FailOpenReason;
use crate::reply::{BlockPage, Denial, PageTexts, Reply, ReplyShape};
use crate::requester::Requester;
use crate::verdict::Verdict;

/// The number of no engine: the numbers of engines are counted from zero up.
const NO_ENGINE: u64 = u64::MAX;

/// Makes a [`Decision`], for tests of what an application does with one.
///
/// The request continues, unless [`blocked`](Self::blocked), [`challenged`](Self::challenged),
/// [`redirected`](Self::redirected) or [`not_found`](Self::not_found) is called. The decision is of no
/// engine: a middleware that finds it on a request checks that request. Its request is `GET /`.
///
/// ```
/// use rti_core::testing::{DecisionBuilder, VerdictBuilder};
/// use rti_core::{Action, Requester, ThreatType};
///
/// let vpn = VerdictBuilder::invalid(ThreatType::Vpn).build();
/// let decision = DecisionBuilder::challenged(vpn).requester(Requester::Script).build();
/// assert_eq!(decision.action(), Action::Challenge);
/// assert!(decision.wants_challenge());
/// assert_eq!(decision.denial().map(|denial| denial.status()), Some(403));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct DecisionBuilder {
    outcome: Outcome,
    response: TestResponse,
    requester: Requester,
    elapsed: Duration,
    result_header: Option<String>,
}

/// What the visitor gets.
#[derive(Debug, Clone)]
enum TestResponse {
    PassThrough,
    Blocked,
    NotFound,
    Redirected(String),
    Challenged,
}

impl DecisionBuilder {
    /// There is this verdict, and the request continues: as for a valid visitor, and for every visitor
    /// in monitoring mode.
    pub fn evaluated(verdict: Verdict) -> Self {
        Self::new(Outcome::Evaluated(verdict), TestResponse::PassThrough)
    }

    /// The visitor with this verdict gets the 403.
    pub fn blocked(verdict: Verdict) -> Self {
        Self::new(Outcome::Evaluated(verdict), TestResponse::Blocked)
    }

    /// The visitor with this verdict gets the plain 404.
    pub fn not_found(verdict: Verdict) -> Self {
        Self::new(Outcome::Evaluated(verdict), TestResponse::NotFound)
    }

    /// The visitor with this verdict is redirected to this location.
    pub fn redirected(verdict: Verdict, location: impl Into<String>) -> Self {
        let response = TestResponse::Redirected(location.into());
        Self::new(Outcome::Evaluated(verdict), response)
    }

    /// The visitor with this verdict is handed to the challenge callback.
    pub fn challenged(verdict: Verdict) -> Self {
        Self::new(Outcome::Evaluated(verdict), TestResponse::Challenged)
    }

    /// There is no verdict, for this reason, and the request continues.
    pub fn failed_open(reason: FailOpenReason) -> Self {
        Self::new(Outcome::FailedOpen(reason), TestResponse::PassThrough)
    }

    /// The request was not checked, for this reason, and continues.
    pub fn skipped(reason: SkipReason) -> Self {
        Self::new(Outcome::Skipped(reason), TestResponse::PassThrough)
    }

    fn new(outcome: Outcome, response: TestResponse) -> Self {
        Self {
            outcome,
            response,
            requester: Requester::Navigation,
            elapsed: Duration::ZERO,
            result_header: None,
        }
    }

    /// Who sent the request; a navigation by default.
    pub fn requester(mut self, requester: Requester) -> Self {
        self.requester = requester;
        self
    }

    /// How long the request waited; zero by default.
    pub fn elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }

    /// The value of the result header; there is none by default.
    pub fn result_header(mut self, value: impl Into<String>) -> Self {
        self.result_header = Some(value.into());
        self
    }

    /// The decision.
    pub fn build(self) -> Decision {
        let page = Arc::new(BlockPage::standard(&PageTexts::default()));
        let shape = ReplyShape::new("GET", self.requester, &page);
        let verdict = match &self.outcome {
            Outcome::Evaluated(verdict) => Some(verdict),
            _ => None,
        };
        let challenge = match self.response {
            TestResponse::Challenged => ChallengeState::Wanted,
            _ => ChallengeState::NotWanted,
        };
        let (action, reply) = match self.response {
            TestResponse::PassThrough => (Action::Allow, None),
            TestResponse::Challenged => (Action::Challenge, None),
            TestResponse::Blocked => {
                let reply = verdict.map(|verdict| shape.denied(verdict, Denial::Blocked));
                (Action::Block, reply)
            }
            TestResponse::NotFound => (Action::Block, Some(shape.not_found())),
            TestResponse::Redirected(location) => {
                let reference = verdict.and_then(Verdict::request_id);
                let reply = Reply::redirect(&location, reference);
                (Action::Redirect, Some(reply))
            }
        };
        let response = Response {
            action,
            policy_action: action,
            reply,
            challenge,
            result_header: self.result_header,
            shape: verdict.is_some().then_some(shape),
            ..Response::PASS_THROUGH
        };
        let times = Times {
            total: self.elapsed,
            decide: self.elapsed,
            ..Times::default()
        };
        let request = RequestFacts {
            method: "GET".into(),
            path: "/".into(),
            ..RequestFacts::unknown("rust_test")
        };
        let (outcome, enforcing) = (self.outcome, Enforcing::ByPolicy);
        Decision::new(
            NO_ENGINE, request, outcome, times, response, None, enforcing,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::VerdictBuilder;
    use crate::threat_type::ThreatType;

    fn scraper() -> Verdict {
        let verdict = VerdictBuilder::invalid(ThreatType::Scrapers);
        verdict.set_cookie("_cheq_rti=a").build()
    }

    fn status(builder: DecisionBuilder) -> (Action, Option<u16>) {
        let decision = builder.build();
        (decision.action(), decision.reply().map(Reply::status))
    }

    #[test]
    fn each_kind_has_its_action_and_reply() {
        let skipped = DecisionBuilder::skipped(SkipReason::Preflight);
        let failed = DecisionBuilder::failed_open(FailOpenReason::Timeout);
        for continues in [DecisionBuilder::evaluated(scraper()), skipped, failed] {
            assert_eq!(status(continues), (Action::Allow, None));
        }
        let blocked = DecisionBuilder::blocked(scraper());
        assert_eq!(status(blocked.clone()), (Action::Block, Some(403)));
        assert!(blocked.build().wants_block_page());
        let not_found = DecisionBuilder::not_found(scraper());
        assert_eq!(status(not_found), (Action::Block, Some(404)));
        let redirected = DecisionBuilder::redirected(scraper(), "/sorry");
        assert_eq!(status(redirected), (Action::Redirect, Some(302)));
        let challenged = DecisionBuilder::challenged(scraper());
        assert_eq!(status(challenged), (Action::Challenge, None));
    }

    #[test]
    fn the_rest_is_as_set() {
        let builder = DecisionBuilder::evaluated(scraper()).result_header("version=1");
        let decision = builder.elapsed(Duration::from_millis(7)).build();
        assert_eq!(decision.elapsed(), Duration::from_millis(7));
        assert_eq!(decision.result_header(), Some("version=1"));
        assert_eq!(decision.set_cookie(), Some("_cheq_rti=a"));
    }
}
