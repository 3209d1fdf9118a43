//! The first step: what there is to ask about a request.

use super::Engine;
use crate::decision::Outcome;
use crate::path;
use crate::payload::{self, Payload};
use crate::request::RtiRequest;

/// What [`Rti::inspect`](crate::Rti::inspect) found: an owned snapshot, or that there is nothing to ask.
///
/// ```
/// # fn is_asked_about(inspection: &rti_core::Inspection) -> bool {
/// inspection.payload().is_some()
/// # }
/// ```
#[must_use = "nothing is decided before `Rti::decide`"]
#[derive(Debug)]
pub struct Inspection {
    pub(super) finding: Finding,
}

#[derive(Debug)]
pub(super) enum Finding {
    Ask(Box<Payload>),
    Settled(Outcome),
}

impl Inspection {
    /// What will be sent, when something is.
    pub fn payload(&self) -> Option<&Payload> {
        match &self.finding {
            Finding::Ask(payload) => Some(payload),
            Finding::Settled(_) => None,
        }
    }
}

impl Engine {
    pub(super) fn find(&self, request: &dyn RtiRequest) -> Finding {
        let settings = self.config.settings();
        let target = request.target();
        let target = path::split(&target);
        if let Some(rule) = settings.exclusions.find(request.method(), target) {
            return Finding::Settled(Outcome::Skipped(rule));
        }
        let event = settings
            .routes
            .find(request.method(), target.path)
            .cloned()
            .unwrap_or_default();
        Finding::Ask(Box::new(payload::capture(settings, request, target, event)))
    }
}
