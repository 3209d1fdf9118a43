//! What is allowed in a configuration and yet likely a mistake.

use std::fmt;

use super::anchors::{Anchor, Anchors};
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
    if let Some(message) = unencoded(pattern) {
        return Some(message);
    }
    let regex = match &pattern.path {
        PathPattern::Exact(path) if path::is_plain(path) => return router_pattern(path),
        PathPattern::Exact(_) => {
            return Some(
                "never matches: it is not normalized (for example percent-encoded letters, `//`, `;`, dot segments), and only normalized paths are excluded",
            );
        }
        PathPattern::Regex(regex) => regex,
    };
    let Anchors {
        start,
        end,
        any_beginning,
        covers_below,
    } = Anchors::of(regex.as_str())?;
    if regex.is_match("/") && regex.is_match("/any/path-at-all") {
        Some("matches every path: nothing of its methods would be checked")
    } else if start == Anchor::Some || (end == Anchor::Some && !covers_below) {
        Some("an anchor holds only for the alternative at which it stands: write `^(…|…)$`")
    } else if end == Anchor::All && (start == Anchor::None || any_beginning) {
        Some(
            "matches by the ending alone: an application that ignores what follows a path (`/account/x.css`) serves other pages under it; begin it with `^` and a folder",
        )
    } else if start == Anchor::None || any_beginning {
        Some("is not anchored: it matches anywhere in a path; begin it with `^` and a folder")
    } else if end == Anchor::None && !covers_below {
        Some(
            "is not anchored at its end: it also covers longer names that begin so; end it with `$` or `/`",
        )
    } else {
        None
    }
}

/// What could keep a route from ever matching.
pub(super) fn route(pattern: &Pattern) -> Option<&'static str> {
    let of_router = || match &pattern.path {
        PathPattern::Exact(path) => router_pattern(path),
        PathPattern::Regex(_) => None,
    };
    unencoded(pattern).or_else(of_router)
}

/// Letters that browsers never send as they are.
fn unencoded(pattern: &Pattern) -> Option<&'static str> {
    let text = match &pattern.path {
        PathPattern::Exact(path) => path,
        PathPattern::Regex(regex) => regex.as_str(),
    };
    (!text.is_ascii()).then_some(
        "never matches what is not ASCII: paths are matched as they are sent, percent-encoded; write \
         `%C3%A9` for `\u{e9}`",
    )
}

/// Wildcards and parameters as routers and shells write them.
fn router_pattern(path: &str) -> Option<&'static str> {
    let is_pattern = path.contains(['*', '{', '}', '<', '>']) || path.contains("/:");
    is_pattern.then_some(
        "is an exact path, in which `*`, `{…}`, `<…>` and `:…` stand for themselves: write a regex \
         such as `re:^/static/` or `re:^/product/[^/]+$`",
    )
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
            ("re:^/about$|^/admin", "alternative"),
            ("re:^/about|/admin$", "alternative"),
            ("re:^/(about$|admin)", "alternative"),
            ("re:/about|/admin", "not anchored"),
            (r"re:^/.*\.css$", "ending alone"),
            (r"re:^.*\.css$", "ending alone"),
            (r"re:^(.*)\.css$", "ending alone"),
            (r"re:\A/(?:.+/)?[a-z]+\.css\z", "ending alone"),
            (r"re:^(/[^/]+)+\.css$", "ending alone"),
            (r"re:^(?:/en)?/.{0,99}\.css$", "ending alone"),
            (r"re:^/about\$", "longer names"),
            (r"re:\^/about$", "ending alone"),
            (r"re:^/about\b", "longer names"),
            (r"re:^/p/\d+", "longer names"),
            ("re:^/static/?", "longer names"),
            ("re:(?i)^/about", "longer names"),
            ("/a;b", "never matches"),
            ("/a//b", "never matches"),
        ] {
            let warning = exclusion(&Pattern::parse(text).unwrap());
            assert!(
                warning.is_some_and(|warning| warning.contains(part)),
                "{text}: {warning:?}"
            );
        }
    }

    #[test]
    fn routes_that_no_request_has_are_found() {
        for (text, part) in [
            ("/caf\u{e9}", "percent-encoded"),
            ("re:^/stra\u{df}e/", "percent-encoded"),
            ("/static/*", "exact path"),
        ] {
            let warning = route(&Pattern::parse(text).unwrap());
            assert!(
                warning.is_some_and(|warning| warning.contains(part)),
                "{text}: {warning:?}"
            );
        }
        for text in ["/caf%C3%A9", "re:^/stra%C3%9Fe/", "/checkout"] {
            assert_eq!(route(&Pattern::parse(text).unwrap()), None, "{text}");
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
            "re:^/about$|^/admin/",
            "re:^(?:/about|/admin)$",
            "re:^/x/.*",
            "re:^/(static|img)/.*$",
            "re:(?i)^/Static/",
            "re:(?x) ^ /about $ # a comment",
            r"re:^/[a-z]{2}/static/",
            r"re:^/\d+$",
            r"re:^/[^/]+\.css$",
            r"re:\A/about\z",
            "POST re:^/hooks/",
        ] {
            assert_eq!(exclusion(&Pattern::parse(text).unwrap()), None, "{text}");
        }
    }
}
