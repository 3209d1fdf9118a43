//! From a verdict to what is done: pure, no clock, no network.

mod judge;
mod rules;
mod selection;
mod share;
mod v1;
mod v4;

pub(crate) use self::judge::{Judge, Judged};
pub(crate) use self::rules::{PolicyRules, Shadow};
pub(crate) use self::selection::{Policies, Selected};
pub(crate) use self::share::{Bucket, Share};
pub(crate) use self::v1::{CodeLists, InvalidVisitors};
pub(crate) use self::v4::{Strategies, Triggers, VerdictLists};
use std::net::IpAddr;

use crate::decision::{Action, Rule};
use crate::event_type::EventType;
use crate::requester::Requester;
use crate::verdict::Verdict;

/// Turns a verdict into what is done, in place of the configured lists.
///
/// Give one to [`Rti::builder`](crate::Rti::builder). It is called for each verdict, in monitoring mode
/// too, where it shows what blocking would do and every request continues. It must be pure and
/// return at once. Where it panics, the request continues with the reason `internal`.
///
/// A closure is a policy too:
///
/// ```
/// use rti_core::{Action, Config, Enforcement, Mode, PolicyInput, Rti, ThreatType};
///
/// // VPN users are challenged on the way to checkout, whatever the lists say.
/// let policy = |input: &PolicyInput<'_>| match input.verdict.threat_type() {
///     ThreatType::Vpn if input.path == "/checkout" => Enforcement::challenge(),
///     _ => input.configured,
/// };
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9").mode(Mode::Blocking);
/// let rti = Rti::builder(config.build()?).policy(policy).build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
pub trait Policy: Send + Sync + 'static {
    /// What this verdict leads to.
    fn enforcement(&self, input: &PolicyInput<'_>) -> Enforcement;
}

impl<F> Policy for F
where
    F: Fn(&PolicyInput<'_>) -> Enforcement + Send + Sync + 'static,
{
    fn enforcement(&self, input: &PolicyInput<'_>) -> Enforcement {
        self(input)
    }
}

/// What a [`Policy`] decides by.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct PolicyInput<'a> {
    /// The verdict of the service.
    pub verdict: &'a Verdict,
    /// What the configuration makes of it.
    pub configured: Enforcement,
    /// The method of the request.
    pub method: &'a str,
    /// The path of the request as received, without the query.
    pub path: &'a str,
    /// The client address; `None` when the framework knows no peer.
    pub client_ip: Option<IpAddr>,
    /// The event that the route stands for.
    pub event_type: &'a EventType,
    /// Who sent the request, as far as its headers tell.
    pub requester: Requester,
    /// The name of the policy that is configured for the path.
    pub policy: &'a str,
}

/// The built-in policy: the lists that are configured. Each protocol family has its own.
#[derive(Debug, Clone)]
pub(crate) enum ConfiguredPolicy {
    V1(CodeLists),
    V4(VerdictLists, Strategies),
}

/// What is done with a request, and what the visitor gets. See [`Policy`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Enforcement {
    pub(crate) action: Action,
    pub(crate) response: ResponseKind,
}

/// What the visitor gets.
///
/// ```
/// # use rti_core::{Enforcement, ResponseKind};
/// assert_eq!(Enforcement::not_found().response(), ResponseKind::NotFound);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseKind {
    /// Nothing: the request continues.
    PassThrough,
    /// A 403 that says so.
    AccessDenied,
    /// A plain 404.
    NotFound,
    /// A 302 to `redirect_url`; a 403 where none is configured.
    Redirect,
    /// That of the challenge callback.
    Captcha,
}

impl ConfiguredPolicy {
    /// What follows from a verdict, and the rule that matched.
    pub(crate) fn enforcement(&self, verdict: &Verdict) -> (Enforcement, Option<Rule>) {
        match self {
            Self::V1(lists) => lists.enforcement(verdict),
            Self::V4(lists, strategies) => {
                let (action, rule) = lists.action(verdict);
                (strategies.enforcement(action), rule)
            }
        }
    }

    /// Whether a verdict can lead to the challenge callback.
    pub(crate) fn can_challenge(&self) -> bool {
        match self {
            Self::V1(lists) => !lists.captcha.is_empty(),
            Self::V4(_, strategies) => strategies.can_challenge(),
        }
    }
}

impl Enforcement {
    /// The request continues.
    pub fn allow() -> Self {
        Self::new(Action::Allow, ResponseKind::PassThrough)
    }

    /// The visitor gets a 403 that says so.
    pub fn block() -> Self {
        Self::new(Action::Block, ResponseKind::AccessDenied)
    }

    /// The visitor gets a plain 404.
    pub fn not_found() -> Self {
        Self::new(Action::Block, ResponseKind::NotFound)
    }

    /// The visitor is sent to `redirect_url`.
    pub fn redirect() -> Self {
        Self::new(Action::Redirect, ResponseKind::Redirect)
    }

    /// The challenge callback is called; without one the request continues.
    pub fn challenge() -> Self {
        Self::new(Action::Challenge, ResponseKind::Captcha)
    }

    /// The same action with another response, as the strategies of protocols v4 have it: a blocked visitor
    /// may be challenged, and a challenged one may get a 404. To [`allow`](Self::allow) nothing changes.
    ///
    /// ```
    /// # use rti_core::{Action, Enforcement, ResponseKind};
    /// let hidden = Enforcement::challenge().with_response(ResponseKind::NotFound);
    /// assert_eq!(hidden.action(), Action::Challenge);
    /// assert_eq!(Enforcement::allow().with_response(ResponseKind::NotFound), Enforcement::allow());
    /// ```
    #[must_use]
    pub fn with_response(self, response: ResponseKind) -> Self {
        match (self.action, response) {
            // A request that continues gets no response, and any other gets one.
            (Action::Allow, _) | (_, ResponseKind::PassThrough) => self,
            (action, response) => Self::new(action, response),
        }
    }

    /// The greater, the less a visitor gets. A challenge may let the visitor continue.
    pub(crate) fn strictness(self) -> u8 {
        match (self.response, self.action) {
            (ResponseKind::PassThrough, _) => 0,
            (ResponseKind::Captcha, Action::Challenge) => 1,
            (ResponseKind::Captcha, _) => 2,
            (ResponseKind::Redirect, _) => 3,
            (ResponseKind::AccessDenied | ResponseKind::NotFound, _) => 4,
        }
    }

    /// What this requester gets: a script would follow a redirect, and take the page for its response.
    pub(crate) fn response_for(self, requester: Requester) -> ResponseKind {
        match self.response {
            ResponseKind::Redirect if requester != Requester::Navigation => {
                ResponseKind::AccessDenied
            }
            response => response,
        }
    }

    fn new(action: Action, response: ResponseKind) -> Self {
        Self { action, response }
    }

    /// What is done with the request.
    pub fn action(self) -> Action {
        self.action
    }

    /// What the visitor gets.
    pub fn response(self) -> ResponseKind {
        self.response
    }
}
