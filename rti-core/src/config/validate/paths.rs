//! Options that are paths: event types and exclusions.

use super::options;
use crate::config::ConfigBuilder;
use crate::config::lint::{self, ConfigWarning};
use crate::decision::SkipReason;
use crate::event_type::EventType;
use crate::route::{Methods, PathPattern, PathRules, Pattern};

impl ConfigBuilder {
    pub(super) fn take_routes(
        &mut self,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<PathRules<EventType>> {
        let option = &options::ROUTE_TO_EVENT_TYPE;
        let mut rules = Vec::new();
        for (text, event) in std::mem::take(&mut self.routes) {
            let event = event.trim();
            match Pattern::parse(&text) {
                Ok(_) if event.is_empty() => {
                    self.invalid(option, &text, "expected an event type behind `=`");
                }
                Ok(pattern) => {
                    if let Some(message) = lint::route(&pattern) {
                        warnings.push(ConfigWarning::new(option.name, text.trim(), message));
                    }
                    let methods = pattern.method.map_or(Methods::Any, Methods::One);
                    rules.push((pattern.path, methods, EventType::from(event)));
                }
                Err(rule) => self.invalid(option, &text, rule),
            }
        }
        PathRules::new(rules)
            .map_err(|rule| self.invalid(option, "all", rule))
            .ok()
    }

    pub(super) fn take_exclusions(
        &mut self,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<PathRules<SkipReason>> {
        let option = &options::URI_EXCLUSION;
        let mut rules = Vec::new();
        for text in std::mem::take(&mut self.exclusions) {
            match Pattern::parse(&text) {
                Ok(pattern) => {
                    if let Some(message) = lint::exclusion(&pattern) {
                        warnings.push(ConfigWarning::new(option.name, text.trim(), message));
                    }
                    let default = match pattern.path {
                        PathPattern::Exact(_) => Methods::Any,
                        PathPattern::Regex(_) => Methods::Safe,
                    };
                    let methods = pattern.method.map_or(default, Methods::One);
                    rules.push((
                        pattern.path,
                        methods,
                        SkipReason::Excluded(text.trim().into()),
                    ));
                }
                Err(rule) => self.invalid(option, &text, rule),
            }
        }
        PathRules::new(rules)
            .map_err(|rule| self.invalid(option, "all", rule))
            .ok()
    }
}
