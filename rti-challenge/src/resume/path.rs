//! Where a visitor returns to: a path on the same site and nothing else, signed.

use rti_core::ThreatType;
use url::Url;

use crate::keys::{Keys, Purpose, signed_length};
use crate::reason::{self, HIDDEN_BYTES};

/// The most of a path with its query that is kept.
const MAX_PATH_BYTES: usize = 2048;
const MAX_PAYLOAD_BYTES: usize = HIDDEN_BYTES + MAX_PATH_BYTES;

/// The characters of a signed path.
pub(crate) const MAX_RETURN_CHARACTERS: usize = signed_length(MAX_PAYLOAD_BYTES);

/// A path with its query on this site, to which a browser can be redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnPath(String);

impl ReturnPath {
    pub(crate) fn root() -> Self {
        Self("/".to_owned())
    }

    /// `None` for whatever a browser, or a server that decodes once more, could take for another site.
    pub(crate) fn parse(target: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if target.len() > MAX_PATH_BYTES || !target.bytes().all(is_plain) || target.contains('#') {
            return None;
        }
        let path = target.split('?').next().unwrap_or_default();
        let decoded = percent_encoding::percent_decode_str(path).collect::<Vec<_>>();
        for path in [path.as_bytes(), decoded.as_slice()] {
            let (slash, rest) = path.split_first()?;
            let is_network_path = matches!(rest.first(), Some(b'/' | b'\\'));
            let is_split = path.iter().any(u8::is_ascii_control);
            if *slash != b'/' || is_network_path || is_split {
                return None;
            }
        }
        // As browsers read it: dot segments may leave two slashes at the front.
        let base = Url::parse("https://site.invalid/").ok()?;
        let joined = base.join(target).ok()?;
        let is_own = joined.origin() == base.origin() && !joined.path().starts_with("//");
        is_own.then(|| Self(target.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a page keeps of the request that was challenged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Return {
    pub(crate) path: ReturnPath,
    /// Why it was challenged: the rate of passed challenges is shown by it.
    pub(crate) threat_type: Option<ThreatType>,
}

/// It has no expiry: all it can do is to lead to a page of this site.
pub(crate) fn sign_return(keys: &Keys, target: &Return) -> String {
    let mut payload = reason::hide(keys, target.threat_type).to_vec();
    payload.extend_from_slice(target.path.as_str().as_bytes());
    keys.sign(Purpose::ReturnTo, &payload)
}

pub(crate) fn read_return(keys: &Keys, text: &str) -> Option<Return> {
    let signed = keys.verify(Purpose::ReturnTo, text, MAX_PAYLOAD_BYTES)?;
    let (hidden, path) = signed.payload.split_at_checked(HIDDEN_BYTES)?;
    Some(Return {
        // Checked again: the rules may be stricter than those it was signed by.
        path: ReturnPath::parse(std::str::from_utf8(path).ok()?)?,
        threat_type: reason::read(keys, hidden),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn open_redirects() {
        for target in [
            "",
            "page",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "/%2f/evil.example",
            "/%2fevil.example",
            "/%2F%2Fevil.example",
            "/%5cevil.example",
            "/%5C/evil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "/%2e%2e//evil.example",
            "https://evil.example/",
            "https:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/\t/evil.example",
            "/\n/evil.example",
            "/page\r\nset-cookie: a=b",
            "/page%0d%0aset-cookie:%20a=b",
            "/page%00",
            " /page",
            "/page\u{202e}",
            "/page#fragment",
            "@evil.example",
            ".evil.example",
        ] {
            assert_eq!(ReturnPath::parse(target), None, "{target:?}");
        }
        let long = format!("/{}", "a".repeat(MAX_PATH_BYTES));
        assert_eq!(ReturnPath::parse(&long), None);
    }

    #[test]
    fn paths_of_the_site() {
        for target in [
            "/",
            "/page",
            "/a/b.html?x=1&y=%2F%2Fz",
            "/a?next=https://evil.example",
            "/a?x=%0d%0a",
            "/caf%C3%A9",
            "/a//b",
            "/a;b=c/@d:80",
        ] {
            assert!(ReturnPath::parse(target).is_some(), "{target}");
        }
    }

    #[test]
    fn a_path_counts_only_when_it_is_signed() {
        let keys = Keys::new([1; 32]);
        for threat_type in [Some(ThreatType::Vpn), Some(ThreatType::Valid), None] {
            let target = Return {
                path: ReturnPath::parse("/page?a=1").unwrap(),
                threat_type,
            };
            let text = sign_return(&keys, &target);
            assert_eq!(read_return(&keys, &text), Some(target));
        }
        let target = Return {
            path: ReturnPath::root(),
            threat_type: None,
        };
        let text = sign_return(&keys, &target);
        assert_eq!(read_return(&Keys::new([2; 32]), &text), None);
        assert_eq!(read_return(&keys, "/page?a=1"), None);
        assert_eq!(read_return(&keys, &"A".repeat(10_000_000)), None);
        // Even a signed one is checked.
        let mut payload = reason::hide(&keys, None).to_vec();
        payload.extend_from_slice(b"//evil.example");
        let text = keys.sign(Purpose::ReturnTo, &payload);
        assert_eq!(read_return(&keys, &text), None);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_on_the_site(target in "/?[/\\\\%a-f0-9.:@?# \t]{0,12}") {
            if let Some(path) = ReturnPath::parse(&target) {
                let base = Url::parse("https://site.invalid/a/b").unwrap();
                let joined = base.join(path.as_str()).unwrap();
                prop_assert_eq!(joined.host_str(), Some("site.invalid"));
                prop_assert!(!joined.path().starts_with("//"));
            }
        }
    }
}
