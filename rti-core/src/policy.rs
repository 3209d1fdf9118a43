//! From a verdict to an action: pure, no clock, no network.

use std::collections::BTreeSet;

use crate::config::Mode;
use crate::decision::Action;
use crate::verdict::Verdict;

/// The threat type codes that lead to an action in blocking mode (protocols v1 and v3).
///
/// The two lists share no code; `Config` sees to that.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) mode: Mode,
    pub(crate) block_redirect: BTreeSet<i64>,
    pub(crate) captcha: BTreeSet<i64>,
    /// Whether there is somewhere to redirect to.
    pub(crate) invalid_visitors: InvalidVisitors,
}

/// What happens to visitors whose code is in the block or redirect list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidVisitors {
    Block,
    Redirect,
}

impl Policy {
    /// What to do. A code in neither list is allowed whatever `isInvalid` says, and so is a visitor
    /// the service holds valid, whatever the code.
    pub(crate) fn action(&self, verdict: &Verdict) -> Action {
        let code = verdict.threat_type.code();
        if self.mode == Mode::Monitoring || !verdict.is_invalid {
            Action::Allow
        } else if self.block_redirect.contains(&code) {
            match self.invalid_visitors {
                InvalidVisitors::Block => Action::Block,
                InvalidVisitors::Redirect => Action::Redirect,
            }
        } else if self.captcha.contains(&code) {
            Action::Challenge
        } else {
            Action::Allow
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::codes::{DEFAULT_BLOCK_REDIRECT, DEFAULT_CAPTCHA};
    use crate::threat_type::ThreatType;

    fn verdict(is_invalid: bool, code: i64) -> Verdict {
        Verdict {
            is_invalid,
            threat_type: ThreatType::from_code(code),
            request_id: None,
            set_cookie: None,
        }
    }

    fn policy(mode: Mode, invalid_visitors: InvalidVisitors) -> Policy {
        Policy {
            mode,
            block_redirect: DEFAULT_BLOCK_REDIRECT.into(),
            captcha: DEFAULT_CAPTCHA.into(),
            invalid_visitors,
        }
    }

    #[test]
    fn the_default_action_of_every_threat_type() {
        let policy = policy(Mode::Blocking, InvalidVisitors::Block);
        for threat in ThreatType::NAMED {
            let expected = match threat.code() {
                2 | 3 | 6 | 7 | 10 | 11 | 16 | 18 => Action::Block,
                4 | 5 | 13 | 14 | 15 | 17 => Action::Challenge,
                _ => Action::Allow,
            };
            assert_eq!(
                policy.action(&verdict(true, threat.code())),
                expected,
                "{threat}"
            );
            assert_eq!(
                policy.action(&verdict(false, threat.code())),
                Action::Allow,
                "{threat}"
            );
        }
        assert_eq!(policy.action(&verdict(true, 99)), Action::Allow);
    }

    #[test]
    fn somewhere_to_go_turns_blocking_into_redirecting() {
        let policy = policy(Mode::Blocking, InvalidVisitors::Redirect);
        assert_eq!(policy.action(&verdict(true, 3)), Action::Redirect);
        assert_eq!(policy.action(&verdict(true, 14)), Action::Challenge);
    }

    #[test]
    fn monitoring_allows_everyone() {
        let policy = policy(Mode::Monitoring, InvalidVisitors::Block);
        for code in -1..40 {
            assert_eq!(policy.action(&verdict(true, code)), Action::Allow);
        }
    }
}
