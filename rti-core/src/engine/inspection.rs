//! What passes from the first step to the second: the request's snapshot, and the configuration that
//! it is decided by.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use crate::config::Config;
use crate::decision::{Enforcing, Outcome, RequestFacts};
use crate::payload::Payload;
use crate::policy::{Policy, Selected};
use crate::protocol::Encoder;
use crate::words::Mode;

/// What [`Rti::inspect`](crate::Rti::inspect) found: an owned snapshot, or that there is nothing to check.
///
/// It holds the configuration that was in force when it was taken, and is decided by that one.
///
/// ```
/// # fn is_checked(inspection: &rti_core::Inspection) -> bool {
/// inspection.payload().is_some()
/// # }
/// ```
#[must_use = "nothing is decided before `Rti::decide`"]
#[derive(Debug)]
pub struct Inspection {
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) result: InspectionResult,
    pub(super) request: RequestFacts,
    /// The mode in force for requests without a policy that sets one.
    pub(super) mode: Mode,
    pub(super) selected: Selected,
    pub(super) enforcing: Enforcing,
    pub(super) began: Instant,
}

#[derive(Debug)]
pub(super) enum InspectionResult {
    Check(Box<Payload>),
    Decided(Outcome),
}

impl Inspection {
    /// What will be sent, when something is.
    pub fn payload(&self) -> Option<&Payload> {
        match &self.result {
            InspectionResult::Check(payload) => Some(payload),
            InspectionResult::Decided(_) => None,
        }
    }
}

/// A configuration, and what is the same in every request with it.
pub(super) struct Snapshot {
    pub(super) config: Config,
    pub(super) encoder: Encoder,
    /// In place of the configured lists.
    pub(super) policy: Option<Arc<dyn Policy>>,
}

impl Snapshot {
    pub(super) fn new(config: Config, policy: Option<Arc<dyn Policy>>) -> Self {
        let settings = config.settings();
        let key = settings.api_key.expose_secret();
        let (version, sync) = (settings.api_version, settings.session_sync);
        let encoder = Encoder::new(version, key, &settings.tag_hash, sync);
        Self {
            config,
            encoder,
            policy,
        }
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.config.fmt(f)
    }
}
