//! Clients that give their name in `User-Agent`: the table of which the default rules are made. The
//! crate's README prints it, and a test compares the two.

mod bots;
mod libraries;

use regex::escape;

use bots::{CRAWLERS, GOOD_BOTS, HEADLESS_BROWSERS, SCRAPERS};
use libraries::HTTP_LIBRARIES;

/// Clients of one kind, and the rule that recognizes them.
pub(super) struct ClientGroup {
    pub(super) rule: &'static str,
    pub(super) threat: u32,
    position: Position,
    /// Names, and for each a whole `User-Agent`.
    clients: &'static [(&'static str, &'static str)],
}

/// Where in `User-Agent` a client's name is.
#[derive(Clone, Copy)]
enum Position {
    /// At its beginning. Browsers begin with `Mozilla/`, so that no browser is recognized by mistake.
    Start,
    /// Anywhere: these clients put their name into a browser's `User-Agent`.
    Anywhere,
}

impl ClientGroup {
    /// A regular expression for `User-Agent`. It finds whole words: `Java` is not in `JavaFX`.
    pub(super) fn pattern(&self) -> String {
        let names = self.clients.iter().map(|(name, _)| escape(name));
        let names = names.collect::<Vec<_>>().join("|");
        let before = match self.position {
            Position::Start => "^",
            Position::Anywhere => "(?:^|[^A-Za-z0-9-])",
        };
        format!("(?i){before}(?:{names})(?:$|[^A-Za-z0-9-])")
    }
}

/// In the order of the rules.
pub(super) const GROUPS: [ClientGroup; 5] = [
    ClientGroup {
        rule: "good bot",
        threat: 19,
        position: Position::Anywhere,
        clients: GOOD_BOTS,
    },
    ClientGroup {
        rule: "crawler",
        threat: 20,
        position: Position::Anywhere,
        clients: CRAWLERS,
    },
    ClientGroup {
        rule: "scraper",
        threat: 2,
        position: Position::Start,
        clients: SCRAPERS,
    },
    ClientGroup {
        rule: "headless browser",
        threat: 10,
        position: Position::Anywhere,
        clients: HEADLESS_BROWSERS,
    },
    ClientGroup {
        rule: "HTTP library",
        threat: 3,
        position: Position::Start,
        clients: HTTP_LIBRARIES,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn the_first_group_that_matches_a_user_agent_is_its_own() {
        let pattern = |group: &ClientGroup| Regex::new(&group.pattern()).unwrap();
        let patterns = GROUPS.each_ref().map(pattern);
        for (own, group) in GROUPS.iter().enumerate() {
            for (name, user_agent) in group.clients {
                let first = patterns
                    .iter()
                    .position(|pattern| pattern.is_match(user_agent));
                assert_eq!(first, Some(own), "{user_agent}");
                assert!(user_agent.contains(name), "{name}");
            }
        }
    }

    #[test]
    fn a_name_is_a_whole_word() {
        let libraries = Regex::new(&GROUPS[4].pattern()).unwrap();
        for other in ["JavaFX/21", "nodes", "Gothic/1.0", "my-curl/1.0", "Xcurl"] {
            assert!(!libraries.is_match(other), "{other}");
        }
    }

    #[test]
    fn the_readme_lists_them_all() {
        let rows = GROUPS.iter().flat_map(|group| {
            let row = |(_, user_agent): &(_, &str)| {
                format!("| `{user_agent}` | {} | {} |\n", group.rule, group.threat)
            };
            group.clients.iter().map(row)
        });
        let table: String = rows.collect();
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&table), "it must have these rows:\n{table}");
    }
}
