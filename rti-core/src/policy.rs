//! From a verdict to a course of action: pure, no clock, no network.

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

/// What is done, and how it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Course {
    pub(crate) action: Action,
    pub(crate) shown: Shown,
}

/// How an action shows to the visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Not at all: the request goes on.
    Onward,
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
    pub(crate) fn course(&self, verdict: &Verdict) -> Course {
        match &self.rules {
            _ if self.mode == Mode::Monitoring => Course::ALLOW,
            Rules::V1(lists) => lists.course(verdict),
            Rules::V4(lists, strategies) => strategies.course(lists.action(verdict)),
        }
    }
}

impl Course {
    pub(crate) const ALLOW: Self = Self {
        action: Action::Allow,
        shown: Shown::Onward,
    };
}
