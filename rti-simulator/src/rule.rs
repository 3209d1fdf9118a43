//! A rule: conditions, and the answer if all of them hold.

use std::time::Duration;

use crate::answer::Answer;
use crate::condition::Condition;
use crate::fault::Fault;
use crate::payload::Payload;

/// Conditions, and the answer for a request that meets all of them.
///
/// ```
/// use std::time::Duration;
/// use rti_simulator::{Fault, Rule, Verdict, field};
///
/// let rules = [
///     Rule::when(field("UserAgent").contains("curl"))
///         .and(field("Method").equals("POST"))
///         .named("scripted post")
///         .then(Verdict::threat(3).set_cookie("_cheq_rti=eA==; Path=/").request_id("r-1")),
///     Rule::when(field("EventType").equals("search")).then(Fault::Hang),
///     Rule::always().then(Verdict::valid()).after(Duration::from_millis(20)),
/// ];
/// # let _ = rules;
/// ```
#[derive(Debug, Clone)]
pub struct Rule {
    name: Option<String>,
    conditions: Vec<Condition>,
    answer: Answer,
    delay: Duration,
}

impl Rule {
    /// Begins a rule for the requests that meet this condition.
    pub fn when(condition: Condition) -> When {
        Self::always().and(condition)
    }

    /// Begins a rule for every request.
    pub fn always() -> When {
        When {
            name: None,
            conditions: Vec::new(),
        }
    }

    /// Waits this long before answering. Default: no wait.
    ///
    /// A client that closes its connection, or its half of it, in the meantime gets no answer.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The name given with [`When::named`].
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn answer(&self) -> &Answer {
        &self.answer
    }

    pub(crate) fn delay(&self) -> Duration {
        self.delay
    }

    pub(crate) fn matches(&self, payload: &Payload) -> bool {
        self.conditions
            .iter()
            .all(|condition| condition.holds(payload))
    }

    pub(crate) fn hangs_unread(&self) -> bool {
        self.conditions.is_empty() && matches!(self.answer, Answer::Fault(Fault::HangUnread))
    }
}

/// A rule without its answer. Made by [`Rule::when`] and [`Rule::always`].
///
/// ```
/// use rti_simulator::{Rule, Verdict, When, field};
///
/// fn posted() -> When {
///     Rule::when(field("Method").equals("POST"))
/// }
///
/// let rules = [
///     posted().and(field("EventType").equals("search")).then(Verdict::valid()),
///     posted().named("any other post").then(Verdict::threat(2)),
/// ];
/// assert_eq!(rules[1].name(), Some("any other post"));
/// ```
#[derive(Debug, Clone)]
#[must_use = "without `then` there is no rule"]
pub struct When {
    name: Option<String>,
    conditions: Vec<Condition>,
}

impl When {
    /// Adds a condition: all of them must hold.
    pub fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Names the rule for the journal. Default: its number, as in `rule 3`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Completes the rule with a [`Verdict`](crate::Verdict) or a [`Fault`].
    #[must_use]
    pub fn then(self, answer: impl Into<Answer>) -> Rule {
        Rule {
            name: self.name,
            conditions: self.conditions,
            answer: answer.into(),
            delay: Duration::ZERO,
        }
    }
}
