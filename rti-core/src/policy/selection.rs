//! Which policy a request gets: the first whose path matches, and never a more lenient one because of how
//! the path is spelled.
//!
//! - A path that is not normalized may be any path to the application. All policies that hold for the
//!   method are candidates, and the strictest of what they say counts.
//! - Some applications ignore the case of a path and a slash at its end. So policies are looked for
//!   without regard to them too; where the first is another one, all that match are candidates.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use regex::{RegexSet, RegexSetBuilder};

use super::{Bucket, PolicyRules};
use crate::path;
use crate::route::{Methods, PathPattern, REGEX_SET_SIZE};

/// All policies in force.
#[derive(Debug)]
pub(crate) struct Policies {
    /// In their order.
    named: Vec<PolicyRules>,
    default: PolicyRules,
    paths: Option<PolicyPaths>,
}

/// The candidates for one request, and where its visitor stands.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    candidates: Candidates,
    pub(crate) bucket: Bucket,
}

/// Numbers of policies; that of the default is past the others.
#[derive(Debug, Clone)]
enum Candidates {
    One(usize),
    /// The policy of the path as it is spelled is the first.
    Several(Vec<usize>),
}

/// Past all others, so that it is the last of those that match.
const DEFAULT: usize = usize::MAX;

impl Selected {
    /// The default policy: for a request that could not be read.
    pub(crate) const DEFAULT: Self = Self {
        candidates: Candidates::One(DEFAULT),
        bucket: Bucket::UNKNOWN,
    };
}

impl Policies {
    /// Policies with their paths, in order, and the default; or why their regexes cannot be compiled.
    pub(crate) fn new(
        named: Vec<(PolicyRules, Vec<(PathPattern, Methods)>)>,
        default: PolicyRules,
    ) -> Result<Self, String> {
        let mut paths = Vec::new();
        let mut rules = Vec::with_capacity(named.len());
        for (index, (policy, patterns)) in named.into_iter().enumerate() {
            rules.push(policy);
            let patterns = patterns.into_iter();
            paths.extend(patterns.map(|(path, methods)| (path, methods, index)));
        }
        Ok(Self {
            named: rules,
            default,
            paths: if paths.is_empty() {
                None
            } else {
                Some(PolicyPaths::new(paths)?)
            },
        })
    }

    pub(crate) fn select(&self, method: &str, path: &str) -> Selected {
        let Some(paths) = &self.paths else {
            return Selected::DEFAULT;
        };
        let (literal, folded) = paths.first(method, path);
        let candidates = if path::is_plain(path) {
            if folded == literal {
                Candidates::One(literal)
            } else {
                // Which of them the application takes it for is not known.
                let others = paths.all_folded(method, path);
                Candidates::Several([literal].into_iter().chain(others).collect())
            }
        } else {
            let others = paths.of_method(method);
            let all = [literal].into_iter().chain(others).chain([DEFAULT]);
            Candidates::Several(all.collect())
        };
        Selected {
            candidates,
            bucket: Bucket::UNKNOWN,
        }
    }

    /// The candidates of a request: at least one.
    pub(crate) fn of<'a, 's>(
        &'a self,
        selected: &'s Selected,
    ) -> impl Iterator<Item = &'a PolicyRules> + use<'a, 's> {
        let indices = match &selected.candidates {
            Candidates::One(one) => std::slice::from_ref(one),
            Candidates::Several(several) => several,
        };
        indices.iter().map(|index| self.at(*index))
    }

    /// The policy of the path as it is spelled.
    pub(crate) fn first(&self, selected: &Selected) -> &PolicyRules {
        match &selected.candidates {
            Candidates::One(one) => self.at(*one),
            Candidates::Several(several) => {
                let first = several.first();
                first.map_or(&self.default, |index| self.at(*index))
            }
        }
    }

    fn at(&self, index: usize) -> &PolicyRules {
        self.named.get(index).unwrap_or(&self.default)
    }

    pub(crate) fn default(&self) -> &PolicyRules {
        &self.default
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &PolicyRules> {
        self.named.iter().chain([&self.default])
    }

    /// Whether a policy acts on a share of the visitors alone.
    pub(crate) fn need_buckets(&self) -> bool {
        let shadows = self.iter().filter_map(|rules| rules.shadow.as_ref());
        let of_shadows = shadows.map(|shadow| shadow.share);
        let mut shares = self.iter().map(|rules| rules.share).chain(of_shadows);
        shares.any(|share| !share.is_all())
    }

    pub(crate) fn longest_timeout(&self) -> Duration {
        let timeouts = self.iter().map(|rules| rules.timeout);
        timeouts.max().unwrap_or_default()
    }
}

/// From paths to the number of their policy.
#[derive(Debug)]
struct PolicyPaths {
    /// By the folded path.
    exact: HashMap<String, Vec<ExactPath>>,
    regexes: RegexSet,
    folded_regexes: RegexSet,
    by_regex: Vec<(Methods, usize)>,
}

#[derive(Debug)]
struct ExactPath {
    path: Box<str>,
    methods: Methods,
    policy: usize,
}

impl PolicyPaths {
    fn new(paths: Vec<(PathPattern, Methods, usize)>) -> Result<Self, String> {
        let mut exact: HashMap<String, Vec<ExactPath>> = HashMap::new();
        let (mut sources, mut by_regex) = (Vec::new(), Vec::new());
        for (pattern, methods, policy) in paths {
            match pattern {
                PathPattern::Exact(path) => {
                    let folded = fold(path.trim_end_matches('/')).into_owned();
                    let entry = exact.entry(folded).or_default();
                    entry.push(ExactPath {
                        path,
                        methods,
                        policy,
                    });
                }
                PathPattern::Regex(regex) => {
                    sources.push(regex.as_str().to_owned());
                    by_regex.push((methods, policy));
                }
            }
        }
        let compile = |ignore_case| {
            let mut builder = RegexSetBuilder::new(&sources);
            let builder = builder.size_limit(REGEX_SET_SIZE);
            builder.case_insensitive(ignore_case).build().map_err(|_| {
                format!("expected regexes that compile to at most {REGEX_SET_SIZE} bytes in all")
            })
        };
        Ok(Self {
            exact,
            regexes: compile(false)?,
            folded_regexes: compile(true)?,
            by_regex,
        })
    }

    /// The first policy of this path as it is spelled, and the first without regard to case and to a slash at
    /// its end.
    fn first(&self, method: &str, path: &str) -> (usize, usize) {
        let trimmed = path.trim_end_matches('/');
        let entries = self.exact.get(&*fold(trimmed)).into_iter().flatten();
        let (mut literal, mut folded) = self.first_by_regex(method, path, trimmed);
        for entry in entries.filter(|entry| holds(&entry.methods, method)) {
            folded = folded.min(entry.policy);
            if *entry.path == *path {
                literal = literal.min(entry.policy);
            }
        }
        (literal, folded)
    }

    fn first_by_regex(&self, method: &str, path: &str, trimmed: &str) -> (usize, usize) {
        if self.by_regex.is_empty() {
            return (DEFAULT, DEFAULT);
        }
        let first = |regexes: &RegexSet, path: &str| {
            // `matches` allocates even where nothing matches, `is_match` does not.
            if !regexes.is_match(path) {
                return DEFAULT;
            }
            let matched = regexes.matches(path);
            let policies = matched.iter().filter_map(|index| self.by_regex.get(index));
            let mut policies = policies.filter(|(methods, _)| holds(methods, method));
            policies.next().map_or(DEFAULT, |(_, policy)| *policy)
        };
        // One of the two is the path as it is spelled, unless that ends in several slashes.
        let readings = [trimmed, &format!("{trimmed}/")];
        let readings = readings.into_iter().filter(|path| !path.is_empty());
        let folded = readings.map(|path| first(&self.folded_regexes, path));
        let folded = folded.min().unwrap_or(DEFAULT);
        // A negated class may match as it is spelled and not in any case.
        (first(&self.regexes, path), folded)
    }

    /// Every policy that matches without regard to case and to a slash at the end.
    fn all_folded(&self, method: &str, path: &str) -> Vec<usize> {
        let trimmed = path.trim_end_matches('/');
        let entries = self.exact.get(&*fold(trimmed)).into_iter().flatten();
        let readings = [trimmed, &format!("{trimmed}/")];
        let matched = readings.map(|path| self.folded_regexes.matches(path));
        let matched = matched.iter().flat_map(|matched| matched.iter());
        let regexes = matched.filter_map(|index| self.by_regex.get(index));
        that_hold(method, entries, regexes).collect()
    }

    fn of_method(&self, method: &str) -> impl Iterator<Item = usize> {
        that_hold(method, self.exact.values().flatten(), &self.by_regex)
    }
}

/// The policies of these paths that hold for the method.
fn that_hold<'a>(
    method: &str,
    exact: impl Iterator<Item = &'a ExactPath>,
    regexes: impl IntoIterator<Item = &'a (Methods, usize)>,
) -> impl Iterator<Item = usize> {
    let exact = exact.map(|entry| (&entry.methods, entry.policy));
    let regexes = regexes.into_iter();
    let regexes = regexes.map(|(methods, policy)| (methods, *policy));
    let all = exact.chain(regexes);
    all.filter(move |(methods, _)| holds(methods, method))
        .map(|(_, policy)| policy)
}

/// Frameworks answer HEAD with the route of GET.
fn holds(methods: &Methods, method: &str) -> bool {
    methods.contain(method) || (method == "HEAD" && methods.contain("GET"))
}

/// A path without slashes at its end in lower case, escapes included.
fn fold(trimmed: &str) -> Cow<'_, str> {
    if trimmed.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(trimmed.to_ascii_lowercase())
    } else {
        Cow::Borrowed(trimmed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::Config;
    use crate::config::PolicyOptions;
    use crate::words::Mode;

    /// `/checkout` and `/api/` are blocked, static files are not checked, the rest is monitored.
    fn config() -> Config {
        let mode = |mode| PolicyOptions::new().mode(mode);
        Config::builder("key", "hash", "us")
            .policy("cart", ["POST /cart"], mode(Mode::Blocking))
            .policy("health", ["/api/health"], mode(Mode::Off))
            .policy("strict", ["/checkout", "re:^/api/"], mode(Mode::Blocking))
            .policy("assets", ["re:^/static/"], mode(Mode::Off))
            .policy("page", ["GET /page"], mode(Mode::Blocking))
            .build()
            .unwrap()
    }

    fn names(config: &Config, method: &str, path: &str) -> Vec<String> {
        let policies = &config.settings().policies;
        let selected = policies.select(method, path);
        let names = policies.of(&selected).map(|rules| rules.name.to_string());
        names.collect()
    }

    /// The strictest mode of the candidates: what a visitor gets at worst.
    fn strictest(config: &Config, method: &str, path: &str) -> u8 {
        let policies = &config.settings().policies;
        let selected = policies.select(method, path);
        let modes = policies.of(&selected).map(|rules| match rules.mode {
            Some(Mode::Off) => 0,
            Some(Mode::Blocking) => 2,
            _ => 1,
        });
        modes.max().unwrap()
    }

    #[test]
    fn the_first_that_matches_counts() {
        let config = config();
        for (method, path, expected) in [
            ("GET", "/", &["default"][..]),
            ("GET", "/checkout", &["strict"]),
            ("GET", "/api/health", &["health"]),
            ("GET", "/api/cart", &["strict"]),
            ("GET", "/static/a.css", &["assets"]),
            // A regex without a method is for what changes nothing, where it turns off.
            ("POST", "/static/a.css", &["default"]),
            ("POST", "/cart", &["cart"]),
            ("GET", "/cart", &["default"]),
            ("GET", "/page", &["page"]),
            ("HEAD", "/page", &["page"]),
            ("POST", "/page", &["default"]),
            // Some applications take these for the same.
            ("GET", "/Checkout", &["default", "strict"]),
            ("GET", "/checkout/", &["default", "strict"]),
            ("GET", "/api", &["default", "strict"]),
            ("GET", "/API/cart", &["default", "strict", "strict"]),
            (
                "GET",
                "/API/health",
                &["default", "health", "strict", "strict"],
            ),
            ("GET", "/Static/a.css", &["default", "assets", "assets"]),
        ] {
            assert_eq!(names(&config, method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn without_policies_there_is_the_default() {
        let config = Config::builder("key", "hash", "us").build().unwrap();
        assert_eq!(names(&config, "GET", "/%61"), ["default"]);
    }

    #[test]
    fn a_path_that_is_not_normalized_gets_the_strictest() {
        let config = config();
        for path in [
            "/%63heckout",
            "//checkout",
            "/./checkout",
            "/static/../checkout",
            "/static/%2e%2e/checkout",
            "/checkout;v=1",
            "/static\\..\\checkout",
            "/static/%2f../checkout",
            "/static//a.css",
            "",
            "*",
        ] {
            assert_eq!(strictest(&config, "GET", path), 2, "{path}");
        }
    }

    proptest! {
        /// However a path is spelled that an application could read as another one, the visitor gets no
        /// more than with that one.
        #[test]
        fn no_spelling_leads_to_a_more_lenient_policy(
            path in "(/checkout|/api/cart|/static/a|/page|/cart|/other)",
            method in "(GET|POST|HEAD)",
            trick in 0..9_usize,
            at in 0..20_usize,
        ) {
            let config = config();
            let at = 1 + at % (path.len() - 1);
            let (head, tail) = path.split_at(at);
            let first = tail.as_bytes()[0];
            let spelled = match trick {
                0 => format!("{head}%{first:02x}{}", &tail[1..]),
                1 => format!("{head}%{first:02X}{}", &tail[1..]),
                2 => format!("/{path}"),
                3 => format!("/.{path}"),
                4 => format!("/static/..{path}"),
                5 => format!("{path};a=b"),
                6 => path.to_ascii_uppercase(),
                7 => format!("{path}/"),
                _ => format!("/static/%2e%2e{path}"),
            };
            prop_assert!(
                strictest(&config, &method, &spelled) >= strictest(&config, &method, &path),
                "{} {} as {}", method, path, spelled
            );
        }
    }
}
