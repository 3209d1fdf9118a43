//! The first step: whether a request is checked, by which policy, and what is copied of it.

use super::Engine;
use super::inspection::InspectionResult;
use crate::config::Settings;
use crate::decision::{Enforcing, Outcome, RequestFacts, SkipReason};
use crate::known_headers::KnownHeader;
use crate::path::{self, Target};
use crate::payload;
use crate::policy::{Bucket, Judge, Selected};
use crate::request::RtiRequest;
use crate::words::{CheckPreflights, Mode};

/// The first step, for one request.
pub(super) struct Inspector<'a> {
    pub(super) engine: &'a Engine,
    pub(super) settings: &'a Settings,
    pub(super) mode: Mode,
    pub(super) enforcing: Enforcing,
    pub(super) middleware: &'static str,
}

impl Inspector<'_> {
    pub(super) fn inspect(
        &self,
        request: &dyn RtiRequest,
        selected: &mut Selected,
    ) -> (InspectionResult, RequestFacts) {
        let target = request.target();
        let target = path::split(&target);
        match self.skipped(request, target, selected) {
            Some(reason) => {
                let outcome = Outcome::Skipped(reason);
                let facts = self.facts_of_skipped(request, target);
                (InspectionResult::Decided(outcome), facts)
            }
            None => self.capture(request, target, selected),
        }
    }

    /// Why the request is not checked, if so; else its policy.
    fn skipped(
        &self,
        request: &dyn RtiRequest,
        target: Target<'_>,
        selected: &mut Selected,
    ) -> Option<SkipReason> {
        let Self { settings, mode, .. } = *self;
        if mode == Mode::Off {
            return Some(SkipReason::Off);
        }
        if let Some(reason) = settings.exclusions.find(request.method(), target) {
            return Some(reason);
        }
        if settings.check_preflights == CheckPreflights::Off && request.is_preflight() {
            return Some(SkipReason::Preflight);
        }
        *selected = settings.policies.select(request.method(), target.path);
        let judge = Judge {
            policies: &settings.policies,
            selected,
            mode,
            enforcing: self.enforcing,
        };
        judge.off().map(SkipReason::PolicyOff)
    }

    fn facts_of_skipped(&self, request: &dyn RtiRequest, target: Target<'_>) -> RequestFacts {
        let mut facts = RequestFacts {
            method: payload::method(request.method()),
            path: payload::bounded_path(target.path).into(),
            ..RequestFacts::unknown(self.middleware)
        };
        if self.engine.observers.want_visitor() {
            let rules = &self.settings.capture;
            let visitor = payload::visitor(rules, request);
            facts.client_ip = visitor.client_ip();
            facts.user_agent = visitor.into_user_agent();
        }
        facts
    }

    fn capture(
        &self,
        request: &dyn RtiRequest,
        target: Target<'_>,
        selected: &mut Selected,
    ) -> (InspectionResult, RequestFacts) {
        let Self {
            engine, settings, ..
        } = *self;
        let of_policy = settings.policies.first(selected).event_type.as_ref();
        let event = of_policy.or_else(|| settings.routes.find(request.method(), target.path));
        let event = event.cloned().unwrap_or_default();
        let payload = payload::capture(&settings.capture, request, target, event, self.middleware);
        let deployment = &engine.deployment;
        deployment.observe(&settings.capture.client_ip, &payload);
        let user_agent = payload.header(KnownHeader::UserAgent);
        if settings.need_buckets {
            selected.bucket = Bucket::of(&settings.tag_hash, payload.client_ip(), user_agent);
        }
        let facts = RequestFacts {
            method: payload.method.clone(),
            path: payload::bounded_path(target.path).into(),
            client_ip: payload.client_ip(),
            event_type: Some(payload.event_type().clone()),
            user_agent: user_agent
                .filter(|_| engine.observers.want_visitor())
                .map(Box::from),
            middleware: self.middleware,
        };
        (InspectionResult::Check(Box::new(payload)), facts)
    }
}
