//! Policies: what each sets, over what it inherits, as rules in force.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::lists;
use crate::config::lint::{self, ConfigWarning};
use crate::config::options::{self, MILLIS_RULE, PERCENT_RULE};
use crate::config::policy_options::{NamedPolicy, PolicyOptions};
use crate::config::{ConfigBuilder, ConfigFault, PoliciesAsSet, RedirectUrl};
use crate::event_type::EventType;
use crate::exclusions::RedirectPage;
use crate::policy::{Policies, PolicyRules, Shadow, Share};
use crate::route::{Methods, PathPattern, Pattern};
use crate::words::{ApiVersion, Mode};

/// The deadline of one call where no other is set.
const TIMEOUT: Duration = Duration::from_millis(100);
const MAX_TIMEOUT: Duration = Duration::from_secs(60);

/// The policies in force, and the pages of this site that they redirect to.
pub(super) struct Resolved {
    pub(super) policies: Policies,
    pub(super) redirect_pages: Vec<RedirectPage>,
    pub(super) as_set: PoliciesAsSet,
}

impl ConfigBuilder {
    pub(super) fn take_policies(&mut self, warnings: &mut Vec<ConfigWarning>) -> Option<Resolved> {
        let mut resolver = Resolver {
            version: self.api_version,
            warnings,
            faults: Vec::new(),
            redirect_pages: Vec::new(),
        };
        let base = std::mem::take(&mut self.policy);
        let as_set = PoliciesAsSet {
            enforce_percent: base.enforce_percent,
            named: self.policies.clone(),
        };
        let default = resolver.rules("default", base.clone());
        // Faults of the configuration itself have the names of its options.
        let mut faults = std::mem::take(&mut resolver.faults);
        let mut taken = HashSet::new();
        let mut named = Vec::new();
        for policy in std::mem::take(&mut self.policies) {
            let scope = format!("policy.{}", policy.name);
            let is_new = taken.insert(policy.name.clone());
            if policy.name == "default" || policy.name.trim().is_empty() || !is_new {
                let rule = "expected a name that no other policy has; `default` is taken";
                let name = Some(policy.name.clone());
                faults.push(ConfigFault::member(&format!("{scope}.name"), name, rule));
            }
            let paths = resolver.paths(&policy);
            let rules = resolver.rules(&policy.name, policy.options.or(&base));
            let found = std::mem::take(&mut resolver.faults);
            faults.extend(found.into_iter().map(|fault| fault.within(&scope)));
            named.extend(rules.map(|rules| (rules, paths)));
        }
        let redirect_pages = resolver.redirect_pages;
        let has_faults = !faults.is_empty();
        self.faults.extend(faults);
        if has_faults {
            return None;
        }
        match Policies::new(named, default?) {
            Ok(policies) => Some(Resolved {
                policies,
                redirect_pages,
                as_set,
            }),
            Err(rule) => {
                let fault = ConfigFault::member("policy", Some("all paths".to_owned()), rule);
                self.faults.push(fault);
                None
            }
        }
    }
}

struct Resolver<'a> {
    version: ApiVersion,
    warnings: &'a mut Vec<ConfigWarning>,
    faults: Vec<ConfigFault>,
    redirect_pages: Vec<RedirectPage>,
}

impl Resolver<'_> {
    fn paths(&mut self, policy: &NamedPolicy) -> Vec<(PathPattern, Methods)> {
        let is_off = policy.options.mode == Some(Mode::Off);
        let mut paths = Vec::new();
        if policy.paths.is_empty() {
            let rule = "expected at least one path";
            self.faults.push(ConfigFault::member("path", None, rule));
        }
        for text in &policy.paths {
            match Pattern::parse(text) {
                Ok(pattern) => {
                    let linted = if is_off {
                        lint::exclusion(&pattern)
                    } else {
                        lint::route(&pattern)
                    };
                    if let Some(message) = linted {
                        let warning = ConfigWarning::new("policy", text.trim(), message);
                        self.warnings.push(warning);
                    }
                    // As with exclusions: a regex is for what changes nothing.
                    let methods = match (&pattern.path, pattern.method) {
                        (_, Some(method)) => Methods::One(method),
                        (PathPattern::Regex(_), None) if is_off => Methods::Safe,
                        _ => Methods::Any,
                    };
                    paths.push((pattern.path, methods));
                }
                Err(rule) => {
                    let fault = ConfigFault::member("path", Some(text.clone()), rule);
                    self.faults.push(fault);
                }
            }
        }
        paths
    }

    /// The rules of options that have inherited. Faults have the names of options.
    fn rules(&mut self, name: &str, mut options: PolicyOptions) -> Option<PolicyRules> {
        let before = self.faults.len();
        let shadow = options.shadow.take();
        let timeout = options.timeout.unwrap_or(TIMEOUT);
        if !(Duration::from_millis(1)..=MAX_TIMEOUT).contains(&timeout) {
            let millis = (timeout.as_secs_f64() * 1000.0).to_string();
            let fault = ConfigFault::invalid(&options::TIMEOUT, millis, MILLIS_RULE);
            self.faults.push(fault);
        }
        let event_type = options.event_type.as_deref().map(str::trim);
        if event_type.is_some_and(str::is_empty) {
            let rule = "expected an event type";
            let fault = ConfigFault::member("event_type", Some(String::new()), rule);
            self.faults.push(fault);
        }
        let event_type = event_type.map(EventType::from);
        let redirect_url = self.redirect_url(&mut options);
        if let Some(page) = redirect_url.as_ref().and_then(|url| url.own_page.as_ref()) {
            self.exclude(page);
        }
        let lists = self.lists(&options, redirect_url.is_some());
        let share = self.share(&options);
        let found = self.faults.split_off(before);
        let shadow = shadow.and_then(|shadow| self.shadow(*shadow, &options));
        let of_shadow = self.faults.split_off(before);
        let is_valid = found.is_empty() && of_shadow.is_empty();
        self.faults.extend(found);
        let of_shadow = of_shadow.into_iter();
        self.faults
            .extend(of_shadow.map(|fault| fault.within("shadow")));
        is_valid.then(|| PolicyRules {
            name: Arc::from(name),
            mode: if name == "default" {
                None
            } else {
                options.mode
            },
            share: share.unwrap_or(Share::ALL),
            on_failure: options.on_failure.unwrap_or_default(),
            timeout,
            event_type,
            lists,
            redirect_to: redirect_url.map(|url| url.location.into()),
            shadow,
        })
    }

    fn shadow(&mut self, shadow: PolicyOptions, policy: &PolicyOptions) -> Option<Shadow> {
        let mode = shadow.mode.unwrap_or(Mode::Blocking);
        let share = self.share(&shadow);
        let mut options = shadow.or(policy);
        let redirect_url = self.redirect_url(&mut options);
        Some(Shadow {
            mode,
            share: share?,
            lists: self.lists(&options, redirect_url.is_some()),
        })
    }

    fn lists(
        &mut self,
        options: &PolicyOptions,
        has_redirect_url: bool,
    ) -> crate::policy::ConfiguredPolicy {
        lists::refuse_others(self.version, options, &mut self.faults);
        lists::resolve(self.version, options, has_redirect_url, &mut self.faults)
    }

    fn share(&mut self, options: &PolicyOptions) -> Option<Share> {
        let Some(percent) = options.enforce_percent else {
            return Some(Share::ALL);
        };
        let share = Share::from_percent(percent);
        if share.is_none() {
            let option = &options::ENFORCE_PERCENT;
            let fault = ConfigFault::invalid(option, percent.to_string(), PERCENT_RULE);
            self.faults.push(fault);
        }
        share
    }

    /// The word `none` is nowhere, for a policy that inherits somewhere.
    fn redirect_url(&mut self, options: &mut PolicyOptions) -> Option<RedirectUrl> {
        let is_url = |text: &String| {
            let text = text.trim();
            !text.is_empty() && !text.eq_ignore_ascii_case("none")
        };
        options.redirect_url = options.redirect_url.take().filter(is_url);
        let text = options.redirect_url.as_ref()?;
        let url = text.parse::<RedirectUrl>();
        url.map_err(|rule| {
            let fault = ConfigFault::invalid(&options::REDIRECT_URL, text, rule);
            self.faults.push(fault);
        })
        .ok()
    }

    /// The page of a policy's redirects is not checked. That of a shadow is, as no shadow is applied.
    fn exclude(&mut self, page: &RedirectPage) {
        if let ("/", Some(query)) = (page.path.as_str(), &page.query) {
            self.warnings.push(ConfigWarning::new(
                options::REDIRECT_URL.name,
                format!("/?{query}"),
                "the home page is not checked with this query: an application that ignores \
                 the query serves it to everyone",
            ));
        }
        if !self.redirect_pages.contains(page) {
            self.redirect_pages.push(page.clone());
        }
    }
}
