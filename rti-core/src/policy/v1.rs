//! Protocols v1 and v3: two lists of threat type codes.

use std::collections::BTreeSet;

use super::Enforcement;
use crate::decision::Rule;
use crate::verdict::Verdict;

/// The codes that lead to an action. The two lists share none; `Config` sees to that.
#[derive(Debug, Clone)]
pub(crate) struct CodeLists {
    pub(crate) block_redirect: BTreeSet<i64>,
    pub(crate) captcha: BTreeSet<i64>,
    pub(crate) invalid_visitors: InvalidVisitors,
}

/// What happens to visitors whose code is in the block or redirect list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidVisitors {
    Block,
    /// There is somewhere to redirect to.
    Redirect,
}

impl CodeLists {
    /// A code in neither list is allowed whatever `isInvalid` says, and so is a visitor the service
    /// holds valid, whatever the code.
    pub(super) fn enforcement(&self, verdict: &Verdict) -> (Enforcement, Option<Rule>) {
        let code = verdict.threat_type().code();
        let rule = |option| Some(Rule::Code { option, code });
        if !verdict.is_invalid() {
            (Enforcement::allow(), None)
        } else if self.block_redirect.contains(&code) {
            let enforcement = match self.invalid_visitors {
                InvalidVisitors::Block => Enforcement::block(),
                InvalidVisitors::Redirect => Enforcement::redirect(),
            };
            (enforcement, rule("invalid_block_redirect_codes"))
        } else if self.captcha.contains(&code) {
            (Enforcement::challenge(), rule("invalid_captcha_codes"))
        } else {
            (Enforcement::allow(), None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::codes::{DEFAULT_BLOCK_REDIRECT, DEFAULT_CAPTCHA};
    use crate::decision::Action;
    use crate::policy::ConfiguredPolicy;
    use crate::threat_type::ThreatType;

    fn verdict(is_invalid: bool, code: i64) -> Verdict {
        Verdict {
            is_invalid,
            threat_type: ThreatType::from_code(code),
            request_id: None,
            set_cookie: None,
            extended: None,
        }
    }

    fn policy(invalid_visitors: InvalidVisitors) -> impl Fn(bool, i64) -> Action {
        let policy = ConfiguredPolicy::V1(CodeLists {
            block_redirect: DEFAULT_BLOCK_REDIRECT.into(),
            captcha: DEFAULT_CAPTCHA.into(),
            invalid_visitors,
        });
        move |is_invalid, code| policy.enforcement(&verdict(is_invalid, code)).0.action
    }

    #[test]
    fn the_default_action_of_every_threat_type() {
        let action = policy(InvalidVisitors::Block);
        for threat in ThreatType::NAMED {
            let expected = match threat.code() {
                2 | 3 | 6 | 7 | 10 | 11 | 16 | 18 => Action::Block,
                4 | 5 | 13 | 14 | 15 | 17 => Action::Challenge,
                _ => Action::Allow,
            };
            assert_eq!(action(true, threat.code()), expected, "{threat}");
            assert_eq!(action(false, threat.code()), Action::Allow, "{threat}");
        }
        assert_eq!(action(true, 99), Action::Allow);
    }

    #[test]
    fn somewhere_to_go_turns_blocking_into_redirecting() {
        let action = policy(InvalidVisitors::Redirect);
        assert_eq!(action(true, 3), Action::Redirect);
        assert_eq!(action(true, 14), Action::Challenge);
    }
}
