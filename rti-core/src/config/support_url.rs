//! Where the block page sends visitors who need help.

use url::Url;

/// A URL that is fit for a link on a public page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SupportUrl {
    /// The value of `href`, in ASCII.
    pub(crate) href: String,
    /// The path, where it is on this site.
    pub(crate) own_path: Option<String>,
}

const RULE: &str = "expected an `http(s)://` URL, `mailto:` and an address, or a path on this site \
                    that begins with one `/`";

impl std::str::FromStr for SupportUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Any host will do: it lends the parser a base and is cut off again.
        const BASE: &str = "https://site.invalid";
        let text = text.trim();
        if text.contains(|c: char| c.is_control() || c == '\\') {
            return Err("expected a URL without control characters and backslashes".into());
        }
        let explained = |error: url::ParseError| format!("{RULE} ({error})");
        if text.starts_with('/') {
            if text.starts_with("//") {
                return Err(
                    "expected a path that begins with one `/`: two name another host".into(),
                );
            }
            let url = Url::parse(BASE).and_then(|base| base.join(text));
            let url = url.map_err(explained)?;
            let href = url.as_str().strip_prefix(BASE).unwrap_or_default();
            return Ok(Self {
                href: href.to_owned(),
                own_path: Some(url.path().to_owned()),
            });
        }
        let url = Url::parse(text).map_err(explained)?;
        let is_fit = match url.scheme() {
            "http" | "https" => url.username().is_empty() && url.password().is_none(),
            "mailto" => url.path().contains('@'),
            _ => false,
        };
        if !is_fit {
            return Err(RULE.into());
        }
        Ok(Self {
            href: url.into(),
            own_path: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_to_the_web_to_a_mailbox_or_to_this_site() {
        for (text, href, own_path) in [
            ("https://help.example", "https://help.example/", None),
            ("HTTP://help.example/a b", "http://help.example/a%20b", None),
            ("mailto:help@shop.example", "mailto:help@shop.example", None),
            (
                "mailto:help@shop.example?subject=Blocked",
                "mailto:help@shop.example?subject=Blocked",
                None,
            ),
            ("/help", "/help", Some("/help")),
            (" /help?a=1#b ", "/help?a=1#b", Some("/help")),
            ("/", "/", Some("/")),
            ("/a/../\"x\"", "/%22x%22", Some("/%22x%22")),
        ] {
            let url: SupportUrl = text.parse().unwrap();
            assert_eq!(url.href, href);
            assert_eq!(url.own_path.as_deref(), own_path, "{text}");
        }
    }

    #[test]
    fn what_is_no_link_is_refused_with_the_rule() {
        for (text, rule) in [
            ("help", "expected an `http(s)://`"),
            ("javascript:alert(1)", "expected an `http(s)://`"),
            (
                "JavaScript://shop.example/%0aalert(1)",
                "expected an `http(s)://`",
            ),
            ("data:text/html,x", "expected an `http(s)://`"),
            ("vbscript:x", "expected an `http(s)://`"),
            ("tel:+123", "expected an `http(s)://`"),
            ("mailto:help", "expected an `http(s)://`"),
            (
                "https://user:secret@help.example",
                "expected an `http(s)://`",
            ),
            ("https://", "expected an `http(s)://`"),
            ("//evil.example", "one `/`"),
            ("/\\evil.example", "backslashes"),
            ("java\nscript:alert(1)", "control characters"),
        ] {
            let error = text.parse::<SupportUrl>().unwrap_err();
            assert!(error.contains(rule), "{text}: {error}");
        }
    }
}
