//! Options that are paths: event types, exclusions, and where blocked visitors are redirected.

use super::options;
use crate::config::lint::{self, ConfigWarning};
use crate::config::{ConfigBuilder, RedirectUrl};
use crate::decision::SkipReason;
use crate::event_type::EventType;
use crate::route::{Methods, PathPattern, PathRules, Pattern};

impl ConfigBuilder {
    pub(super) fn take_redirect_url(
        &mut self,
        warnings: &mut Vec<ConfigWarning>,
    ) -> Option<RedirectUrl> {
        let text = self
            .redirect_url
            .clone()
            .filter(|text| !text.trim().is_empty())?;
        let url: Result<RedirectUrl, String> = text.parse();
        let page = url.as_ref().ok().and_then(|url| url.own_page.as_ref());
        if page.is_some_and(|page| page.path == "/") {
            warnings.push(ConfigWarning::new(
                options::REDIRECT_URL.name,
                text.trim(),
                "the home page is not checked with this query: an application that ignores the \
                 query serves it to everyone",
            ));
        }
        url.map_err(|rule| self.invalid(&options::REDIRECT_URL, &text, rule))
            .ok()
    }

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
