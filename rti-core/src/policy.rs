//! From a verdict to an enforcement: pure, no clock, no network.

mod v1;
mod v4;

pub(crate) use self::v1::{CodeLists, InvalidVisitors};
pub(crate) use self::v4::{Strategies, VerdictLists};
use crate::decision::Action;
use crate::verdict::Verdict;
use crate::words::Mode;

/// What verdicts lead to.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) mode: Mode,
    pub(crate) rules: Rules,
}

/// The lists in force; each protocol family has its own.
#[derive(Debug, Clone)]
pub(crate) enum Rules {
    V1(CodeLists),
    V4(VerdictLists, Strategies),
}

/// What is done, and what the visitor gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enforcement {
    pub(crate) action: Action,
    pub(crate) response: ResponseKind,
}

/// What the visitor gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponseKind {
    /// Nothing: the request continues.
    PassThrough,
    /// A 403 that says so.
    AccessDenied,
    /// A plain 404.
    NotFound,
    /// A 302 to the redirect URL.
    Redirect,
    /// The challenge callback.
    Captcha,
}

impl Policy {
    pub(crate) fn enforcement(&self, verdict: &Verdict) -> Enforcement {
        match &self.rules {
            _ if self.mode == Mode::Monitoring => Enforcement::ALLOW,
            Rules::V1(lists) => lists.enforcement(verdict),
            Rules::V4(lists, strategies) => strategies.enforcement(lists.action(verdict)),
        }
    }

    /// Whether a verdict can lead to the challenge callback.
    pub(crate) fn can_challenge(&self) -> bool {
        self.mode != Mode::Monitoring
            && match &self.rules {
                Rules::V1(lists) => !lists.captcha.is_empty(),
                Rules::V4(_, strategies) => strategies.can_challenge(),
            }
    }
}

impl Enforcement {
    pub(crate) const ALLOW: Self = Self {
        action: Action::Allow,
        response: ResponseKind::PassThrough,
    };
}
