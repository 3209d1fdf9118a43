//! Reading a configuration with serde: from TOML, JSON or any other format.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use super::options::{self, ConfigOption};
use super::policy_options::{NamedPolicy, PolicyOptions};
use super::source::Source;
use super::{Config, ConfigBuilder, ConfigFault};

/// A builder, so that extractors can be added to what a file says. Faults wait for `build`.
impl<'de> Deserialize<'de> for ConfigBuilder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Members::deserialize(deserializer)?;
        let mut builder = Self::reading_file();
        for (name, value) in values {
            match ConfigOption::by_name(&name) {
                Some(option) => option.read(&mut builder, &value),
                None if name == "policy" => builder.read_policies(value),
                None if name == SHADOW => {
                    let shadow = builder.read_options("shadow", value, &SHADOW_MEMBERS);
                    builder.policy.shadow = shadow.map(Box::new);
                }
                None => builder.faults.push(ConfigFault::unknown(&name)),
            }
        }
        builder.reading = Source::Code;
        Ok(builder)
    }
}

type Members = BTreeMap<String, Value>;

const SHADOW: &str = "shadow";

/// What a policy may set beside its name, its paths and its shadow.
const POLICY_MEMBERS: [&str; 16] = [
    "mode",
    "enforce_percent",
    "on_failure",
    "timeout",
    "redirect_url",
    "invalid_block_redirect_codes",
    "invalid_captcha_codes",
    "block_codes",
    "challenge_codes",
    "redirect_codes",
    "block_reasons",
    "challenge_reasons",
    "redirect_reasons",
    "blocking_strategy",
    "challenging_strategy",
    "event_type",
];

/// What a shadow may set: what only the call or the application would see does nothing there.
const SHADOW_MEMBERS: [&str; 13] = [
    "mode",
    "enforce_percent",
    "redirect_url",
    "invalid_block_redirect_codes",
    "invalid_captcha_codes",
    "block_codes",
    "challenge_codes",
    "redirect_codes",
    "block_reasons",
    "challenge_reasons",
    "redirect_reasons",
    "blocking_strategy",
    "challenging_strategy",
];

impl ConfigBuilder {
    fn read_policies(&mut self, value: Value) {
        let Value::Array(policies) = value else {
            let rule = "expected tables `[[policy]]`";
            let shown = options::shown(&value);
            return self
                .faults
                .push(ConfigFault::member("policy", Some(shown), rule));
        };
        for (index, policy) in policies.into_iter().enumerate() {
            self.read_policy(index, policy);
        }
    }

    fn read_policy(&mut self, index: usize, value: Value) {
        let Value::Object(mut members) = value else {
            let rule = "expected tables `[[policy]]`";
            let shown = options::shown(&value);
            return self
                .faults
                .push(ConfigFault::member("policy", Some(shown), rule));
        };
        let name = match members.remove("name") {
            Some(Value::String(name)) => name,
            other => {
                let option = format!("policy[{index}].name");
                let shown = other.as_ref().map(options::shown);
                let rule = "expected a name, such as `checkout`";
                return self.faults.push(ConfigFault::member(&option, shown, rule));
            }
        };
        let paths = members.remove("path");
        let scope = format!("policy.{name}");
        let paths = match paths.as_ref().map(options::paths) {
            Some(Ok(paths)) => paths,
            other => {
                let shown = other.and_then(Result::err);
                let rule = "expected a list of paths";
                let option = format!("{scope}.path");
                return self.faults.push(ConfigFault::member(&option, shown, rule));
            }
        };
        let shadow = members.remove(SHADOW);
        let options = self.read_options(&scope, Value::Object(members), &POLICY_MEMBERS);
        let Some(mut options) = options else { return };
        if let Some(shadow) = shadow {
            let scope = format!("{scope}.{SHADOW}");
            let shadow = self.read_options(&scope, shadow, &SHADOW_MEMBERS);
            options.shadow = shadow.map(Box::new);
        }
        self.policies.push(NamedPolicy {
            name,
            paths,
            options,
        });
    }

    /// The members of a table, read by the options of the same names.
    fn read_options(
        &mut self,
        scope: &str,
        value: Value,
        accepted: &[&str],
    ) -> Option<PolicyOptions> {
        let Value::Object(members) = value else {
            let shown = options::shown(&value);
            let rule = "expected a table";
            self.faults
                .push(ConfigFault::member(scope, Some(shown), rule));
            return None;
        };
        let mut reader = Self::default();
        for (name, value) in members {
            let is_accepted = accepted.contains(&name.as_str());
            match (ConfigOption::by_name(&name), name.as_str()) {
                (Some(option), _) if is_accepted => option.read(&mut reader, &value),
                (None, "event_type") if is_accepted => match value {
                    Value::String(event) => reader.policy.event_type = Some(event),
                    other => {
                        let rule = "expected an event type";
                        let fault = ConfigFault::member(&name, Some(options::shown(&other)), rule);
                        reader.faults.push(fault);
                    }
                },
                _ => reader
                    .faults
                    .push(ConfigFault::unknown_member(&name, accepted)),
            }
        }
        let faults = reader.faults.into_iter();
        self.faults.extend(faults.map(|fault| fault.within(scope)));
        Some(reader.policy)
    }
}

impl<'de> Deserialize<'de> for Config {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        ConfigBuilder::deserialize(deserializer)?
            .build()
            .map_err(D::Error::custom)
    }
}
