//! Rules in their order, of which the first that matches wins.

mod defaults;
mod file;

use crate::payload::Payload;
use crate::rule::Rule;

/// Rules in order; the first that matches a request answers it.
///
/// A request that none matches gets a [valid verdict](crate::Verdict::valid). The default is a set to
/// play with: scripts, headless browsers, a missing `User-Agent`, and two networks out of the
/// documentation ranges are threats, everybody else is valid.
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
    /// The first rule that matches, and what the journal calls it.
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

    /// Only the first rule can say so: any other asks for a payload to be looked at before it.
    pub(crate) fn hang_unread(&self) -> bool {
        self.0.first().is_some_and(Rule::is_to_hang_unread)
    }
}

impl Default for Rules {
    fn default() -> Self {
        defaults::rules()
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
