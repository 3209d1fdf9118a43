//! Rules on the path: which paths are excluded, and which event a route stands for.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// What one compiled regex may take, in bytes. Matching is linear in any case; this bounds what a
/// pattern with large counted repetitions costs at start.
const REGEX_SIZE: usize = 1 << 20;

/// What all regexes of one option may take together: a thousand ordinary ones fit.
pub(crate) const REGEX_SET_SIZE: usize = 32 << 20;

/// What a rule matches: an exact path, or a regex on the path, and the methods it holds for.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(crate) method: Option<Box<str>>,
    pub(crate) path: PathPattern,
}

#[derive(Debug, Clone)]
pub(crate) enum PathPattern {
    Exact(Box<str>),
    Regex(Regex),
}

impl Pattern {
    /// Parses `[METHOD ]/path` or `[METHOD ]re:regex`; the error is the rule that is broken.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (method, path) = match text.split_once([' ', '\t']) {
            Some((method, path)) if is_method(method) => (
                Some(method.to_ascii_uppercase().into_boxed_str()),
                path.trim_start(),
            ),
            _ => (None, text),
        };
        let path = match path.strip_prefix("re:") {
            Some(regex) => PathPattern::Regex(compile(regex)?),
            None => PathPattern::Exact(exact(path)?.into()),
        };
        Ok(Self { method, path })
    }
}

fn is_method(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

fn compile(regex: &str) -> Result<Regex, String> {
    if regex.is_empty() {
        return Err("expected a regex behind `re:`".into());
    }
    RegexBuilder::new(regex)
        .size_limit(REGEX_SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => {
                format!("expected a regex that compiles to at most {limit} bytes")
            }
            error => format!("expected a regex: {}", error.to_string().replace('\n', " ")),
        })
}

fn exact(path: &str) -> Result<&str, &'static str> {
    if !path.starts_with('/') {
        return Err("expected an exact path that begins with `/`, or `re:` and a regex");
    }
    if path.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#')) {
        return Err("expected a path alone, without query, fragment or white space");
    }
    Ok(path)
}

/// Which methods a rule holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Methods {
    Any,
    /// Those that change nothing (RFC 9110): GET, HEAD and OPTIONS.
    Safe,
    One(Box<str>),
}

impl Methods {
    pub(crate) fn contain(&self, method: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Safe => matches!(method, "GET" | "HEAD" | "OPTIONS"),
            Self::One(one) => **one == *method,
        }
    }
}

/// Rules in force: one hash look-up for all exact paths, one pass for all regexes.
///
/// An exact path wins over a regex; of exact paths the one that names the method, of regexes the
/// first.
#[derive(Debug, Clone)]
pub(crate) struct PathRules<T> {
    exact: HashMap<Box<str>, Vec<(Methods, T)>>,
    regexes: RegexSet,
    by_regex: Vec<(Methods, T)>,
}

impl<T> PathRules<T> {
    /// The rules, in order, or why their regexes cannot be compiled together.
    pub(crate) fn new(rules: Vec<(PathPattern, Methods, T)>) -> Result<Self, String> {
        let mut exact: HashMap<Box<str>, Vec<(Methods, T)>> = HashMap::new();
        let mut sources = Vec::new();
        let mut by_regex = Vec::new();
        for (pattern, methods, value) in rules {
            match pattern {
                PathPattern::Exact(path) => exact.entry(path).or_default().push((methods, value)),
                PathPattern::Regex(regex) => {
                    sources.push(regex.as_str().to_owned());
                    by_regex.push((methods, value));
                }
            }
        }
        for rules in exact.values_mut() {
            rules.sort_by_key(|(methods, _)| !matches!(methods, Methods::One(_)));
        }
        let regexes = RegexSetBuilder::new(sources)
            .size_limit(REGEX_SET_SIZE)
            .build()
            .map_err(|_| {
                format!("expected regexes that compile to at most {REGEX_SET_SIZE} bytes in all")
            })?;
        Ok(Self {
            exact,
            regexes,
            by_regex,
        })
    }

    /// What the rules say, those of exact paths first.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        let rules = self.exact.values().flatten().chain(&self.by_regex);
        rules.map(|(_, value)| value)
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Option<&T> {
        let holds = |rule: &&(Methods, T)| rule.0.contain(method);
        if let Some((_, value)) = self
            .exact
            .get(path)
            .and_then(|rules| rules.iter().find(holds))
        {
            return Some(value);
        }
        // `matches` allocates even where nothing matches, `is_match` does not.
        if self.by_regex.is_empty() || !self.regexes.is_match(path) {
            return None;
        }
        let matched = self.regexes.matches(path);
        matched
            .iter()
            .filter_map(|index| self.by_regex.get(index))
            .find(holds)
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(patterns: &[(&str, &'static str)]) -> PathRules<&'static str> {
        let rules = patterns.iter().map(|(text, value)| {
            let pattern = Pattern::parse(text).unwrap();
            (
                pattern.path,
                pattern.method.map_or(Methods::Any, Methods::One),
                *value,
            )
        });
        PathRules::new(rules.collect()).unwrap()
    }

    #[test]
    fn exact_before_regex_and_method_before_none() {
        let rules = rules(&[
            ("re:^/c", "regex"),
            ("/cart", "any"),
            ("POST /cart", "post"),
            ("re:^/ca", "late"),
            ("PUT re:^/x", "put"),
        ]);
        assert_eq!(rules.find("POST", "/cart"), Some(&"post"));
        assert_eq!(rules.find("GET", "/cart"), Some(&"any"));
        assert_eq!(rules.find("GET", "/cat"), Some(&"regex"));
        assert_eq!(rules.find("GET", "/x"), None);
        assert_eq!(rules.find("PUT", "/x"), Some(&"put"));
        assert_eq!(rules.find("GET", "/"), None);
    }

    #[test]
    fn safe_methods_are_those_that_change_nothing() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(Methods::Safe.contain(method));
        }
        for method in ["POST", "PUT", "PATCH", "DELETE", "get", ""] {
            assert!(!Methods::Safe.contain(method));
        }
    }

    #[test]
    fn a_broken_pattern_names_the_rule() {
        for (text, rule) in [
            ("", "begins with `/`"),
            ("about", "begins with `/`"),
            ("/a?x=1", "without query"),
            ("/a b", "without query"),
            ("re:", "behind `re:`"),
            ("re:(", "unclosed group"),
            ("re:(?:a{1000}){1000}", "at most 1048576 bytes"),
        ] {
            let fault = Pattern::parse(text).unwrap_err();
            assert!(fault.contains(rule), "{text}: {fault}");
        }
    }

    #[test]
    fn regexes_that_blow_up_elsewhere_are_linear() {
        let rules = rules(&[("re:^(a+)+$", "evil")]);
        let path = format!("/{}!", "a".repeat(100_000));
        assert_eq!(rules.find("GET", &path), None);
    }
}
