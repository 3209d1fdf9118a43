//! How far a request has come, kept in its cache: the one place where fairings, gate and guard
//! meet.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket::{Request, response};
#[cfg(feature = "challenge")]
use rti_challenge::Pending;
use rti_core::{Decision, Rti};

/// An answer in the application's place, or the status of the catcher that shall give it.
pub(crate) type Answer = response::Result<'static>;

/// What gives the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answerer {
    Gate,
    /// Of the application, or Rocket's own.
    Catcher,
}

#[derive(Default)]
pub(crate) struct RequestState(Mutex<Steps>);

#[derive(Default)]
struct Steps {
    /// In the order in which they were made; the last is the one in force.
    decisions: Vec<Decision>,
    answer: Option<Answer>,
    #[cfg(feature = "challenge")]
    pending: Option<Pending>,
    stage: Stage,
    body_unread: bool,
    head_hidden: bool,
}

#[derive(Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Asking,
    Answered,
    Finished,
}

impl RequestState {
    pub(crate) fn of<'a>(request: &'a Request<'_>) -> &'a Self {
        request.local_cache(Self::default)
    }

    /// Whether this engine is still to be asked: not twice, and not about what is answered already.
    pub(crate) fn awaits(&self, rti: &Rti) -> bool {
        let mut steps = self.steps();
        // Clones of a `LocalRequest` share their cache: each dispatch is a request of its own.
        if steps.stage == Stage::Finished {
            *steps = Steps::default();
        }
        steps.stage == Stage::Asking && !steps.decisions.iter().any(|made| rti.is_own(made))
    }

    /// The decision of this engine; a later one replaces it.
    pub(crate) fn record(&self, rti: &Rti, decision: Decision) {
        let mut steps = self.steps();
        steps.decisions.retain(|made| !rti.is_own(made));
        steps.decisions.push(decision);
    }

    pub(crate) fn answer(&self, answer: Answer) {
        let mut steps = self.steps();
        steps.answer = Some(answer);
        steps.stage = Stage::Answered;
    }

    /// What is to give the answer that waits; nothing where the request continues.
    pub(crate) fn answerer(&self) -> Option<Answerer> {
        self.steps().answer.as_ref().map(|answer| match answer {
            Ok(_) => Answerer::Gate,
            Err(_) => Answerer::Catcher,
        })
    }

    /// Leaves the answer to the challenge kit, once it has the body. Until then another stands for it.
    #[cfg(feature = "challenge")]
    pub(crate) fn leave_to_kit(&self, pending: Pending) {
        self.steps().pending = Some(pending);
    }

    #[cfg(feature = "challenge")]
    pub(crate) fn take_pending(&self) -> Option<Pending> {
        self.steps().pending.take()
    }

    pub(crate) fn take_answer(&self) -> Option<Answer> {
        self.steps().answer.take()
    }

    /// Part of the request's body was neither read by the application nor discarded.
    pub(crate) fn leave_body_unread(&self) {
        self.steps().body_unread = true;
    }

    pub(crate) fn is_body_unread(&self) -> bool {
        self.steps().body_unread
    }

    /// The request was HEAD, and is sent to a catcher with another method.
    pub(crate) fn hide_head(&self) {
        self.steps().head_hidden = true;
    }

    pub(crate) fn is_head_hidden(&self) -> bool {
        self.steps().head_hidden
    }

    pub(crate) fn decision(&self) -> Option<Decision> {
        self.steps().decisions.last().cloned()
    }

    /// All decisions for the first fairing that calls, none for the others: each verdict's cookie
    /// is appended once.
    pub(crate) fn finish(&self) -> Vec<Decision> {
        let mut steps = self.steps();
        match std::mem::replace(&mut steps.stage, Stage::Finished) {
            Stage::Finished => Vec::new(),
            Stage::Asking | Stage::Answered => steps.decisions.clone(),
        }
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
