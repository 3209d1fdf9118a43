//! What is allowed in a configuration and yet likely a mistake.

use std::fmt;

use crate::path;
use crate::redact::Redactor;
use crate::route::{PathPattern, Pattern};

/// Something allowed that is likely a mistake; found at start, so that nobody finds it later.
///
/// ```
/// use rti_core::Config;
///
/// let config = Config::builder("key", "hash", "us").uri_exclusion(["re:about"]).build()?;
/// assert_eq!(config.warnings()[0].option(), "uri_exclusion");
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigWarning {
    option: &'static str,
    value: String,
    message: &'static str,
}

impl ConfigWarning {
    pub(super) fn new(
        option: &'static str,
        value: impl Into<String>,
        message: &'static str,
    ) -> Self {
        Self {
            option,
            value: value.into(),
            message,
        }
    }

    /// A key that was put into another option's place must not show up there.
    pub(super) fn redact(&mut self, redactor: &Redactor) {
        self.value = redactor.redact(std::mem::take(&mut self.value));
    }

    /// The option it is about.
    pub fn option(&self) -> &str {
        self.option
    }

    /// The value that is likely a mistake.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}: {}", self.option, self.value, self.message)
    }
}

/// What could widen an exclusion, or keep it from ever matching.
pub(super) fn exclusion(pattern: &Pattern) -> Option<&'static str> {
    let regex = match &pattern.path {
        PathPattern::Exact(path) if path::is_plain(path) => return None,
        PathPattern::Exact(_) => {
            return Some(
                "never matches: only paths in plain form are excluded (no `;`, `//`, dot segments, encoded letters)",
            );
        }
        PathPattern::Regex(regex) => regex,
    };
    let source = regex.as_str().trim_start_matches("(?i)");
    let anchored = source.starts_with('^') || source.starts_with("\\A");
    if regex.is_match("/") && regex.is_match("/any/path-at-all") {
        Some("matches every path: nothing of its methods would be checked")
    } else if has_alternatives(source) {
        Some(
            "has alternatives, and an anchor holds for the one it stands at alone: write `^(…|…)$`",
        )
    } else if !anchored && (source.ends_with('$') || source.ends_with("\\z")) {
        Some(
            "matches by the ending alone: an application that ignores what follows a path (`/account/x.css`) serves other pages under it; begin it with `^` and a folder",
        )
    } else if !anchored {
        Some("is not anchored: it matches anywhere in a path; begin it with `^`")
    } else if !source.ends_with(['$', '/', '*'])
        && !source.ends_with("\\z")
        && !source.ends_with("\\b")
    {
        Some(
            "is not anchored at its end: it also covers longer names that begin so; end it with `$` or `/`",
        )
    } else {
        None
    }
}

/// Whether a regex has alternatives outside brackets.
fn has_alternatives(regex: &str) -> bool {
    let (mut depth, mut in_class, mut escaped) = (0_usize, false, false);
    for c in regex.chars() {
        match c {
            _ if escaped => {}
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => return true,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusions_that_could_be_widened_are_found() {
        for (text, part) in [
            ("re:about", "not anchored"),
            (r"re:\.css$", "ending alone"),
            ("re:^/about", "longer names"),
            ("re:^/", "every path"),
            ("re:^/about$|^/admin", "alternatives"),
            ("re:", ""),
            ("/a;b", "never matches"),
            ("/a//b", "never matches"),
        ] {
            let Ok(pattern) = Pattern::parse(text) else {
                continue;
            };
            assert!(
                exclusion(&pattern).is_some_and(|warning| warning.contains(part)),
                "{text}"
            );
        }
    }

    #[test]
    fn tight_exclusions_pass() {
        for text in [
            "/about",
            "re:^/about$",
            "re:^/static/",
            "re:^/(css|js)/",
            r"re:^/assets/.*\.(css|js)$",
            r"re:^/a[|]\|$",
            "POST re:^/hooks/",
        ] {
            assert_eq!(exclusion(&Pattern::parse(text).unwrap()), None, "{text}");
        }
    }
}
