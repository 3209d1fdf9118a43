//! The most frequent texts, in bounded memory: the Space-Saving algorithm. With no more than
//! `MAX_NAMES` different texts the numbers are exact; else they are what is certain at least.

use serde::{Deserialize, Serialize};

/// So many texts are counted in each slot.
const MAX_NAMES: usize = 32;
/// So many bytes of a text are kept: visitors write paths and user agents of any length.
const MAX_NAME_BYTES: usize = 160;

/// The lists of the would-be-blocked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TopLists {
    pub(crate) paths: Top,
    pub(crate) event_types: Top,
    pub(crate) user_agents: Top,
    pub(crate) networks: Top,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Top(Vec<Entry>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    name: Box<str>,
    count: u64,
    /// How much of the count may belong to names that were dropped.
    uncertain: u64,
}

impl Top {
    pub(crate) fn add(&mut self, name: &str) {
        self.add_entry(shortened(name), 1, 0);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for entry in &other.0 {
            self.add_entry(&entry.name, entry.count, entry.uncertain);
        }
    }

    fn add_entry(&mut self, name: &str, count: u64, uncertain: u64) {
        if let Some(entry) = self.0.iter_mut().find(|entry| *entry.name == *name) {
            entry.count += count;
            entry.uncertain += uncertain;
        } else if self.0.len() < MAX_NAMES {
            let name = name.into();
            self.0.push(Entry {
                name,
                count,
                uncertain,
            });
        } else if let Some(rarest) = self.0.iter_mut().min_by_key(|entry| entry.count) {
            *rarest = Entry {
                name: name.into(),
                count: rarest.count + count,
                uncertain: rarest.count + uncertain,
            };
        }
    }

    /// The most frequent first.
    pub(crate) fn first(&self, limit: usize) -> Vec<(&str, u64)> {
        let certain = |entry: &Entry| entry.count.saturating_sub(entry.uncertain);
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by(|a, b| {
            certain(b)
                .cmp(&certain(a))
                .then_with(|| a.name.cmp(&b.name))
        });
        let named = all.into_iter().take(limit);
        named.map(|entry| (&*entry.name, certain(entry))).collect()
    }
}

fn shortened(name: &str) -> &str {
    let mut end = name.len().min(MAX_NAME_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_frequent_survives_a_flood_of_others() {
        let mut top = Top::default();
        for number in 0..10_000 {
            top.add(&format!("/probe/{number}"));
            if number % 10 == 0 {
                top.add("/login");
            }
        }
        assert!(top.0.len() <= MAX_NAMES);
        let (name, count) = top.first(1)[0];
        assert_eq!(name, "/login");
        assert!((500..=1000).contains(&count), "{count}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let mut top = Top::default();
        top.add(&"ä".repeat(1000));
        assert_eq!(top.first(1)[0].0.len(), MAX_NAME_BYTES);
        top.add(&format!("a{}", "ä".repeat(1000)));
        assert_eq!(top.0[1].name.len(), MAX_NAME_BYTES - 1);
    }
}
