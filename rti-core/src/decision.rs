//! What to do with a request, and why.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::error::FailOpenReason;
use crate::reply::{Denial, Reply, ReplyShape};
use crate::requester::Requester;
use crate::verdict::Verdict;
use crate::words::words;

/// What to do with a request, and why. Cheap to clone.
///
/// An adapter acts on [`reply`](Self::reply), [`wants_challenge`](Self::wants_challenge) and
/// [`set_cookie`](Self::set_cookie), and hands the decision to the application's handlers.
///
/// Serializes to `{"outcome", "action", "is_invalid", "threat_type_code", "request_id", "reason"}`,
/// what there is not as `null`.
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

struct Inner {
    action: Action,
    outcome: Outcome,
    elapsed: Duration,
    reply: Option<Reply>,
    challenge: Challenge,
    result_header: Option<String>,
    shape: ReplyShape,
    engine_id: u64,
}

/// What follows from an outcome.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) action: Action,
    pub(crate) reply: Option<Reply>,
    pub(crate) challenge: Challenge,
    pub(crate) result_header: Option<String>,
    pub(crate) shape: ReplyShape,
}

impl Response {
    pub(crate) const PASS_THROUGH: Self = Self {
        action: Action::Allow,
        reply: None,
        challenge: Challenge::NotWanted,
        result_header: None,
        shape: ReplyShape::DEFAULT,
    };
}

/// Whether the challenge callback has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Challenge {
    Wanted,
    NotWanted,
}

impl Decision {
    pub(crate) fn new(
        engine_id: u64,
        outcome: Outcome,
        elapsed: Duration,
        response: Response,
    ) -> Self {
        let Response {
            action,
            reply,
            challenge,
            result_header,
            shape,
        } = response;
        Self(Arc::new(Inner {
            action,
            outcome,
            elapsed,
            reply,
            challenge,
            result_header,
            shape,
            engine_id,
        }))
    }

    /// What is done with the request.
    pub fn action(&self) -> Action {
        self.0.action
    }

    /// Why.
    pub fn outcome(&self) -> &Outcome {
        &self.0.outcome
    }

    /// The verdict, when there is one.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.0.outcome {
            Outcome::Evaluated(verdict) => Some(verdict),
            _ => None,
        }
    }

    /// How long the request waited for this decision.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// The response to give in the application's place; `None` lets the request continue.
    pub fn reply(&self) -> Option<&Reply> {
        self.0.reply.as_ref()
    }

    /// Whether the challenge callback is to be called, if there is one. Without one the adapter
    /// acts on [`reply`](Self::reply).
    pub fn wants_challenge(&self) -> bool {
        self.0.challenge == Challenge::Wanted
    }

    /// Whether the visitor is shown a page that blocks, which an application may replace by its own: the
    /// 403, or the 404 of the strategy `not_found`. Not a redirect, and not for a challenge.
    pub fn wants_block_page(&self) -> bool {
        self.action() == Action::Block && self.reply().is_some_and(|reply| reply.status() >= 400)
    }

    /// Who sent the request, as far as its headers tell; [`Requester::Navigation`] where there is no
    /// verdict.
    pub fn requester(&self) -> Requester {
        self.0.shape.requester
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
        let denial = match self.0.challenge {
            Challenge::Wanted => Denial::Challenged,
            Challenge::NotWanted => Denial::Blocked,
        };
        let verdict = self.verdict()?;
        Some(self.0.shape.denied(verdict, denial))
    }

    /// The cookie to append to the response, whoever gives it: a whole `Set-Cookie` value.
    pub fn set_cookie(&self) -> Option<&str> {
        self.verdict()?.set_cookie()
    }

    /// The result for the application under [`RESULT_HEADER`](crate::RESULT_HEADER): the value
    /// to set on a request that continues, once what the client sent under the name is removed.
    pub fn result_header(&self) -> Option<&str> {
        self.0.result_header.as_deref()
    }

    pub(crate) fn log(&self) {
        if !tracing::enabled!(target: "rti", tracing::Level::DEBUG) {
            return;
        }
        let verdict = self.verdict();
        tracing::debug!(
            target: "rti",
            action = self.action().as_str(),
            outcome = self.outcome().as_str(),
            reason = self.outcome().reason().as_deref().unwrap_or_default(),
            threat_type = verdict.map(|verdict| verdict.threat_type().code()),
            request_id = verdict.and_then(Verdict::request_id).map(tracing::field::debug),
            elapsed_us = u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX),
            "decision"
        );
    }

    /// The engine that made the decision: a request is checked once by each.
    pub(crate) fn engine_id(&self) -> u64 {
        self.0.engine_id
    }
}

impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("action", &self.0.action)
            .field("outcome", &self.0.outcome)
            .field("elapsed", &self.0.elapsed)
            .field("reply", &self.0.reply)
            .finish()
    }
}

impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verdict = self.verdict();
        let mut fields = serializer.serialize_struct("Decision", 6)?;
        fields.serialize_field("outcome", self.outcome().as_str())?;
        fields.serialize_field("action", self.action().as_str())?;
        fields.serialize_field("is_invalid", &verdict.map(Verdict::is_invalid))?;
        fields.serialize_field(
            "threat_type_code",
            &verdict.map(|verdict| verdict.threat_type().code()),
        )?;
        fields.serialize_field("request_id", &verdict.and_then(Verdict::request_id))?;
        fields.serialize_field("reason", &self.outcome().reason())?;
        fields.end()
    }
}

/// What is done with a request.
///
/// ```
/// # use rti_core::Action;
/// assert_eq!(Action::Challenge.as_str(), "challenge");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// It continues to the application.
    Allow,
    /// It is refused.
    Block,
    /// The visitor is sent elsewhere.
    Redirect,
    /// It is handed to the challenge callback; without one it continues.
    Challenge,
}

words!(Action {
    "allow" => Allow,
    "block" => Block,
    "redirect" => Redirect,
    "challenge" => Challenge,
});

/// Where a decision comes from. A verdict is not an error, and an error is not a verdict.
///
/// ```
/// use rti_core::{FailOpenReason, Outcome};
///
/// let outcome = Outcome::FailedOpen(FailOpenReason::Status(503));
/// assert_eq!(outcome.as_str(), "failed_open");
/// assert_eq!(outcome.reason().as_deref(), Some("status_503"));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The service said so.
    Evaluated(Verdict),
    /// There was no verdict in time; the request continues.
    FailedOpen(FailOpenReason),
    /// The service was not called.
    Skipped(SkipReason),
}

impl Outcome {
    /// The name in logs and JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Evaluated(_) => "evaluated",
            Self::FailedOpen(_) => "failed_open",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Why there is no verdict; `None` when there is one.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Evaluated(_) => None,
            Self::FailedOpen(reason) => Some(reason.to_string()),
            Self::Skipped(rule) => Some(rule.to_string()),
        }
    }
}

/// Why a request was not checked.
///
/// ```
/// # use rti_core::SkipReason;
/// assert_eq!(SkipReason::Excluded("/health".into()).to_string(), "excluded by /health");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// An entry of `uri_exclusion`, as it was written.
    Excluded(Arc<str>),
    /// The page that blocked visitors are redirected to: a check there would be a redirect loop.
    RedirectTarget,
    /// A browser's CORS preflight, which carries no cookies. The request that follows is checked.
    Preflight,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Excluded(rule) => write!(f, "excluded by {rule}"),
            Self::Preflight => f.write_str("CORS preflight"),
            Self::RedirectTarget => f.write_str("redirect target"),
        }
    }
}
