//! From a verdict to what is done: pure, no clock, no network.

mod v1;
mod v4;

pub(crate) use self::v1::{CodeLists, InvalidVisitors};
pub(crate) use self::v4::{Strategies, VerdictLists};
use crate::decision::Action;
use crate::verdict::Verdict;

/// Turns a verdict into what is done, in place of the configured lists.
///
/// Give one to [`Rti::builder`](crate::Rti::builder). It is called in blocking mode alone: in
/// monitoring mode every request continues. It must be pure and return at once. Where it panics, the
/// request continues with the reason `internal`.
///
/// A closure is a policy too:
///
/// ```
/// use rti_core::{Action, Config, Enforcement, Mode, Rti, ThreatType, Verdict};
///
/// // VPN users are challenged, whatever the lists say.
/// let policy = |verdict: &Verdict, configured: Enforcement| match verdict.threat_type() {
///     ThreatType::Vpn if configured.action() == Action::Block => Enforcement::challenge(),
///     _ => configured,
/// };
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9").mode(Mode::Blocking);
/// let rti = Rti::builder(config.build()?).policy(policy).build()?;
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
pub trait Policy: Send + Sync + 'static {
    /// What this verdict leads to. `configured` is what the configuration says.
    fn enforcement(&self, verdict: &Verdict, configured: Enforcement) -> Enforcement;
}

impl<F> Policy for F
where
    F: Fn(&Verdict, Enforcement) -> Enforcement + Send + Sync + 'static,
{
    fn enforcement(&self, verdict: &Verdict, configured: Enforcement) -> Enforcement {
        self(verdict, configured)
    }
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
    pub(crate) fn enforcement(&self, verdict: &Verdict) -> Enforcement {
        match self {
            Self::V1(lists) => lists.enforcement(verdict),
            Self::V4(lists, strategies) => strategies.enforcement(lists.action(verdict)),
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
