//! Places: the origin of the service, and where blocked visitors are sent.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::exclusions::RedirectPage;
use crate::path;

const US: &str = "https://rti-us-east-1.cheqzone.com";
const EU: &str = "https://rti-eu-west-1.cheqzone.com";
const GLOBAL: &str = "https://rti-global.cheqzone.com";

/// The documentation of the Python edition prints this host, a hyphen short.
const MISPRINTED: &str = "rti-eu-west1.cheqzone.com";

/// The origin of the verdict service.
///
/// `us`, `eu` and `global` name the service's own; any other `https://` origin will do, and
/// `http://` on loopback, for the simulator.
///
/// ```
/// use rti_core::ApiEndpoint;
///
/// let eu: ApiEndpoint = "eu".parse()?;
/// assert_eq!(eu.origin(), "https://rti-eu-west-1.cheqzone.com");
/// assert!("http://rti.example".parse::<ApiEndpoint>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiEndpoint {
    url: Url,
}

impl ApiEndpoint {
    /// Scheme, host and port, without a slash at the end.
    pub fn origin(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The host alone, for logs.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    #[cfg(any(feature = "http", feature = "reqwest"))]
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the connection is encrypted: everywhere but on loopback.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

impl fmt::Display for ApiEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin())
    }
}

impl std::str::FromStr for ApiEndpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "expected `us`, `eu`, `global`, or an `https://` origin";
        let text = match text.trim() {
            name if name.eq_ignore_ascii_case("us") => US,
            name if name.eq_ignore_ascii_case("eu") => EU,
            name if name.eq_ignore_ascii_case("global") => GLOBAL,
            other => other,
        };
        if text.to_ascii_lowercase().contains(MISPRINTED) {
            return Err(format!(
                "this host is a misprint in the Python edition's manual; expected {EU}"
            ));
        }
        let url = Url::parse(text).map_err(|error| format!("{RULE} ({error})"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("expected `https://`; `http://` is for loopback alone".into()),
            _ => return Err(RULE.into()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("expected an origin without user name and password".into());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err("expected an origin alone, without path, query or fragment".into());
        }
        Ok(Self { url })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        None => false,
    }
}

/// Where blocked visitors are sent instead of a 403.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RedirectUrl {
    /// The value of `Location`, in ASCII.
    pub(crate) location: String,
    /// The page, when it is on this site.
    pub(crate) own_page: Option<RedirectPage>,
}

impl std::str::FromStr for RedirectUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str =
            "expected an absolute `http(s)://` URL or a path on this site that begins with one `/`";
        let text = text.trim();
        if text.contains(|c: char| c.is_control() || c == '\\') {
            return Err("expected a URL without control characters and backslashes".into());
        }
        if text.starts_with("//") {
            return Err("expected a path that begins with one `/`: two name another host".into());
        }
        if text.starts_with('/') {
            // Any base will do: it lends the parser a host and is cut off again.
            let base = Url::parse(GLOBAL).map_err(|error| error.to_string())?;
            let url = base
                .join(text)
                .map_err(|error| format!("{RULE} ({error})"))?;
            // The page is not checked, or its visitors would be redirected in a loop; and only
            // normalized paths are ever excluded.
            if !path::is_plain(url.path()) {
                return Err(
                    "expected a normalized path, without `//`, `;`, dot segments and percent-encoded letters"
                        .into(),
                );
            }
            let query = url.query().filter(|query| !query.is_empty());
            if url.path() == "/" && query.is_none() {
                return Err(
                    "expected a page of its own: the page is not checked, and `/` would be the \
                     home page"
                        .into(),
                );
            }
            let location = url
                .as_str()
                .strip_prefix(GLOBAL)
                .unwrap_or_default()
                .to_owned();
            return Ok(Self {
                location,
                own_page: Some(RedirectPage {
                    path: url.path().to_owned(),
                    query: query.map(str::to_owned),
                }),
            });
        }
        let url = Url::parse(text).map_err(|error| format!("{RULE} ({error})"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(RULE.into());
        }
        Ok(Self {
            location: url.into(),
            own_page: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_and_origins() {
        for (text, origin) in [
            ("us", US),
            (" EU ", EU),
            ("global", GLOBAL),
            ("https://rti.example:8443/", "https://rti.example:8443"),
            ("HTTPS://RTI.example", "https://rti.example"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("http://127.8.8.8", "http://127.8.8.8"),
            ("http://localhost:1", "http://localhost:1"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(
                text.parse::<ApiEndpoint>().unwrap().origin(),
                origin,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_the_rule() {
        for (text, rule) in [
            ("", "expected `us`"),
            ("mars", "expected `us`"),
            ("ftp://rti.example", "expected `us`"),
            ("http://rti.example", "loopback alone"),
            ("http://localhost.rti.example", "loopback alone"),
            ("https://rti.example/v1", "without path"),
            ("https://rti.example?x", "without path"),
            ("https://u:p@rti.example", "without user name"),
            (
                "https://rti-eu-west1.cheqzone.com",
                "https://rti-eu-west-1.cheqzone.com",
            ),
            (
                "RTI-EU-WEST1.cheqzone.com",
                "https://rti-eu-west-1.cheqzone.com",
            ),
        ] {
            let error = text.parse::<ApiEndpoint>().unwrap_err();
            assert!(error.contains(rule), "{text}: {error}");
        }
    }

    #[test]
    fn redirects_go_to_a_url_or_a_path_of_this_site() {
        for (text, location, own_page) in [
            (
                "https://shop.example/sorry?x=1",
                "https://shop.example/sorry?x=1",
                None,
            ),
            ("http://shop.example", "http://shop.example/", None),
            (
                "/sorry?why=bot#x",
                "/sorry?why=bot#x",
                Some(("/sorry", Some("why=bot"))),
            ),
            ("/sorry?", "/sorry?", Some(("/sorry", None))),
            ("/a b", "/a%20b", Some(("/a%20b", None))),
            ("/../x", "/x", Some(("/x", None))),
            ("/?x y", "/?x%20y", Some(("/", Some("x%20y")))),
        ] {
            let url: RedirectUrl = text.parse().unwrap();
            assert_eq!(url.location, location);
            let page = url
                .own_page
                .as_ref()
                .map(|page| (page.path.as_str(), page.query.as_deref()));
            assert_eq!(page, own_page);
        }
        for text in [
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "sorry",
            "/a\r\nSet-Cookie: x",
            "/sorry;x=1",
            "/a//b",
            "/",
            "/#top",
            "/x/..",
            "",
        ] {
            assert!(text.parse::<RedirectUrl>().is_err(), "{text:?}");
        }
    }
}
