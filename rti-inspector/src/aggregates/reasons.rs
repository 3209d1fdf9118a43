//! Why there was no verdict, by reason.

use serde::{Deserialize, Serialize};

/// So many are told apart; statuses of the service are among them.
const MAX_REASONS: usize = 16;
const OTHER: &str = "other";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Reasons(Vec<(String, u64)>);

impl Reasons {
    pub(super) fn add(&mut self, reason: &str, count: u64) {
        let has_room = self.0.len() < MAX_REASONS;
        let mut known = self.0.iter_mut();
        if let Some((_, known)) = known.find(|(known, _)| known == reason) {
            *known += count;
        } else if has_room || reason == OTHER {
            self.0.push((reason.to_owned(), count));
        } else {
            self.add(OTHER, count);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (reason, count) in &other.0 {
            self.add(reason, *count);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.0.iter();
        all.map(|(reason, count)| (reason.as_str(), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_bounded() {
        let mut reasons = Reasons::default();
        for status in 400..600 {
            reasons.add(&format!("status_{status}"), 1);
        }
        assert_eq!(reasons.iter().count(), MAX_REASONS + 1);
        assert_eq!(reasons.iter().map(|(_, count)| count).sum::<u64>(), 200);
    }
}
