//! A policy of a part of the site, as it is in force.

use std::sync::Arc;
use std::time::Duration;

use super::{ConfiguredPolicy, Share};
use crate::event_type::EventType;
use crate::words::{Mode, OnFailure};

/// What is done with the requests of a part of the site, or of all others: then its name is `default`.
#[derive(Debug, Clone)]
pub(crate) struct PolicyRules {
    pub(crate) name: Arc<str>,
    /// `None` for that of the whole configuration, which may change at run time.
    pub(crate) mode: Option<Mode>,
    pub(crate) share: Share,
    pub(crate) on_failure: OnFailure,
    pub(crate) timeout: Duration,
    /// In place of that of the route.
    pub(crate) event_type: Option<EventType>,
    pub(crate) lists: ConfiguredPolicy,
    pub(crate) redirect_to: Option<Box<str>>,
    pub(crate) shadow: Option<Shadow>,
}

/// What is evaluated beside a policy, and never applied.
#[derive(Debug, Clone)]
pub(crate) struct Shadow {
    pub(crate) mode: Mode,
    pub(crate) share: Share,
    pub(crate) lists: ConfiguredPolicy,
}
