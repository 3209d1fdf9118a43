//! Rules in order, of which the first that matches decides.

mod clients;
mod defaults;
mod file;

use std::path::Path;

use crate::error::Error;
use crate::payload::Payload;
use crate::rule::Rule;

pub(crate) use file::{Settings, settings_from_file, settings_from_str};

/// Rules in order; the first that matches a request decides on its answer.
///
/// A request that none matches gets a [valid verdict](crate::Verdict::valid). The default rules are
/// for trying things out: good bots, crawlers, HTTP libraries, headless browsers, requests without a
/// `User-Agent`, false browsers, and two networks of the documentation ranges are recognized;
/// everybody else is valid. The crate's README lists them.
///
/// ```
/// use rti_simulator::Rules;
///
/// let rules = Rules::from_toml_str(
///     r#"
///     [[rule]]
///     name = "data centre"
///     when = [{ field = "ClientIP", in_network = "203.0.113.0/24" }]
///     verdict = { threat = 13 }
///     "#,
/// )?;
/// assert_eq!(rules.into_iter().count(), 1);
/// # Ok::<(), rti_simulator::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Rules(Vec<Rule>);

impl Rules {
    /// Reads rules from TOML; the crate's `rules.example.toml` shows everything that is possible.
    ///
    /// Only the rules count here. Settings such as `strict` need
    /// [`SimulatorBuilder::toml_str`](crate::SimulatorBuilder::toml_str).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRules`](crate::ErrorKind::InvalidRules), with the line of the mistake, or
    /// the line, number and name of the rule that has it.
    pub fn from_toml_str(text: &str) -> Result<Self, Error> {
        settings_from_str(text).map(|settings| Self(settings.rules))
    }

    /// Reads rules from a TOML file; see [`from_toml_str`](Self::from_toml_str).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnreadableRules`](crate::ErrorKind::UnreadableRules) or
    /// [`ErrorKind::InvalidRules`](crate::ErrorKind::InvalidRules).
    pub fn from_toml_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        settings_from_file(path.as_ref()).map(|settings| Self(settings.rules))
    }

    /// The first rule that matches, and its name in the journal.
    pub(crate) fn first_match(&self, payload: &Payload) -> Option<(String, &Rule)> {
        let (position, rule) = self
            .0
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.matches(payload))?;
        let label = rule
            .name()
            .map_or_else(|| format!("rule {}", position + 1), ToOwned::to_owned);
        Some((label, rule))
    }

    /// Only the first rule counts: any other needs a payload to be read before it.
    pub(crate) fn hang_unread(&self) -> bool {
        self.0.first().is_some_and(Rule::hangs_unread)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self(defaults::rules())
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl IntoIterator for Rules {
    type Item = Rule;
    type IntoIter = std::vec::IntoIter<Rule>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
