//! The path of a request target, and whether it means the same to everyone who reads it.

/// A request target taken apart. The fragment, which no client sends by right, is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    /// Of the absolute form only.
    pub(crate) authority: Option<&'a str>,
}

pub(crate) fn split(target: &str) -> Target<'_> {
    let target = split_once(target, b'#').map_or(target, |(before, _)| before);
    // Nearly every target is a path; only others are searched for a scheme.
    let absolute = if target.starts_with('/') {
        None
    } else {
        target.split_once("://")
    };
    let (authority, rest) = match absolute {
        Some((scheme, rest)) if !scheme.is_empty() && !scheme.contains(['/', '?']) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, rest) = rest.split_at(end);
            (Some(authority), rest)
        }
        _ => (None, target),
    };
    let (path, query) = match split_once(rest, b'?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    // `http://host` and `http://host?x` ask for the root.
    let path = if path.is_empty() { "/" } else { path };
    Target {
        path,
        query,
        authority,
    }
}

/// As that of `str`, at the first such byte, which is ASCII; a fifth of its instructions on short texts.
fn split_once(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(byte, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// An authority without user name and password, which are not for the service.
pub(crate) fn without_user_info(authority: &str) -> &str {
    let at = memchr::memrchr(b'@', authority.as_bytes());
    at.and_then(|at| authority.get(at + 1..))
        .unwrap_or(authority)
}

/// Whether a text is a host with perhaps a port, of which a URL can be made. Clients write what they
/// like into `Host`, and where the service refuses the request, the visitor continues unchecked.
pub(crate) fn is_authority(text: &str) -> bool {
    // Nearly every host is a name without a port.
    if !text.is_empty() && text.bytes().all(is_host_byte) {
        return true;
    }
    let (host, port) = match text.rsplit_once(':') {
        // The colons of an IPv6 address stand in brackets.
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (text, ""),
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_host = bracketed.map_or_else(
        || !host.is_empty() && host.bytes().all(is_host_byte),
        |address| address.parse::<std::net::Ipv6Addr>().is_ok(),
    );
    is_host && (port.is_empty() || port.parse::<u16>().is_ok())
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// Whether a path is normalized: only such a path is ever excluded.
///
/// Frameworks, file servers and proxies differ in what they make of dot segments, empty segments,
/// path parameters, backslashes and encoded characters. A path that two of them could read
/// differently is never excluded: it could be `/about` to the exclusion and `/admin` to the
/// application. Escapes are plain only where RFC 3986 leaves no other spelling (spaces, non-ASCII
/// and such), so double encoding and encoded letters are not.
pub(crate) fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else {
        return false;
    };
    if is_simple(rest) {
        return true;
    }
    escapes_are_plain(rest.as_bytes())
        && !rest
            .bytes()
            .any(|byte| byte <= b' ' || byte >= 0x7f || matches!(byte, b';' | b'\\'))
        && segments_are_plain(rest)
}

/// Nearly every path: letters, digits and a few signs, and no segment that is empty or begins with a dot.
/// Found in one pass, a fifth of the instructions of the whole rule.
fn is_simple(rest: &str) -> bool {
    let mut before = b'/';
    rest.bytes().all(|byte| {
        let begins_segment = std::mem::replace(&mut before, byte) == b'/';
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => true,
            b'/' | b'.' => !begins_segment,
            _ => false,
        }
    })
}

fn segments_are_plain(rest: &str) -> bool {
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        if segment == "." || segment == ".." || (segment.is_empty() && !last) {
            return false;
        }
    }
    true
}

fn escapes_are_plain(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut decoded = Vec::new();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let (Some(high), Some(low)) = (rest.get(at + 1), rest.get(at + 2)) else {
            return false;
        };
        let (Some(high), Some(low)) = ((*high as char).to_digit(16), (*low as char).to_digit(16))
        else {
            return false;
        };
        // ASCII that a path cannot hold otherwise, and what is not ASCII.
        let needs_escape = |byte: u8| byte >= 0x80 || b" \"<>`{}|^[]".contains(&byte);
        let byte = u8::try_from(high * 16 + low).unwrap_or_default();
        if !needs_escape(byte) {
            return false;
        }
        // With what stands between escapes, or two halves of a character would pass for one.
        decoded.extend_from_slice(rest.get(..at).unwrap_or_default());
        decoded.push(byte);
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    // Bytes that are no text are read in several ways.
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_taken_apart() {
        let target = split("/a/b?x=/y?z#frag");
        assert_eq!((target.path, target.query), ("/a/b", Some("x=/y?z")));
        let target = split("http://shop.example:8080/a?x=1");
        assert_eq!(target.path, "/a");
        assert_eq!(target.authority, Some("shop.example:8080"));
        assert_eq!(split("http://shop.example?x").path, "/");
        assert_eq!(split("*").path, "*");
        assert_eq!(split("/go?to=http://a/b").authority, None);
        assert_eq!(split("").path, "/");
    }

    #[test]
    fn a_host_is_told_from_what_is_none() {
        for host in [
            "shop.example",
            "shop.example:8080",
            "127.0.0.1:1",
            "[::1]",
            "[2001:db8::1]:443",
            "a_b",
            "a:",
        ] {
            assert!(is_authority(host), "{host}");
        }
        for text in [
            "",
            ":80",
            "shop.example:99999",
            "shop.example:port",
            "[::1",
            "::1",
            "a/b",
            "a?b",
            "a b",
            "a, b",
            "%zz",
            "<shop>",
            "sh\u{f6}p",
            "user@shop",
            "a:80:80",
            "[]",
            "[::1]x",
        ] {
            assert!(!is_authority(text), "{text}");
        }
    }

    #[test]
    fn user_names_are_cut_off() {
        for (authority, host) in [
            ("shop", "shop"),
            ("x@shop:80", "shop:80"),
            ("x:y@[::1]:80", "[::1]:80"),
            ("a@b@shop", "shop"),
            ("x@", ""),
            ("", ""),
        ] {
            assert_eq!(without_user_info(authority), host, "{authority}");
        }
    }

    #[test]
    fn plain_paths_are_plain() {
        for path in [
            "/",
            "/about",
            "/about/",
            "/a.css",
            "/a-b_c~d",
            "/caf%C3%A9",
            "/a%20b",
            "/.well-known/x",
            "/a...b",
            "/a@b:c,d=e+f",
        ] {
            assert!(is_plain(path), "{path}");
        }
    }

    #[test]
    fn ambiguous_paths_are_not() {
        for path in [
            "",
            "*",
            "about",
            "/./about",
            "/about/.",
            "/x/../about",
            "/..",
            "//about",
            "/about//",
            "/a//b",
            "/%2e%2e/about",
            "/x/%2E./about",
            "/x/.%2e/about",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a;x=1",
            "/a%3bx",
            "/a%252fb",
            "/%61bout",
            "/a%",
            "/a%2",
            "/a%zz",
            "/a b",
            "/a\0",
            "/caf\u{e9}",
            "/a%0d%0a",
            "/a%7fb",
            "/a%40b",
            "/a%2a",
            "/a%3fb",
            "/a%23b",
            "/a%c0%ae",
            "/a%ff",
            "/%C3x%A9",
            "/static/%C3x%A9",
            "/%C3/%A9",
            "/%e2%82x%ac",
        ] {
            assert!(!is_plain(path), "{path:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_simple_path_is_plain_by_the_whole_rule(path in "[a-z./%;-]{0,12}") {
            let whole = escapes_are_plain(path.as_bytes())
                && !path.contains(';')
                && segments_are_plain(&path);
            proptest::prop_assert!(whole || !is_simple(&path), "{}", path);
            let path = format!("/{path}");
            proptest::prop_assert_eq!(is_plain(&path), whole, "{}", path);
        }

        #[test]
        fn a_trick_in_a_plain_path_is_seen(
            before in "(/[a-z0-9._~-]{1,8}){0,3}",
            trick in r"/\./|/\.\./|//|/%2[eE]/|/%2[eE]%2[eE]/|%2[fF]|%5[cC]|\\|%00|;[a-z]{0,3}|%3[bB]|%25|%61|%c0%ae|%C3x%A9|%E2%82[a-z]%AC",
            after in "[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,3}",
        ) {
            let plain = format!("{before}/{after}");
            let tricked = format!("{before}{trick}{after}");
            proptest::prop_assert!(is_plain(&plain) || plain.contains("/./") || plain.contains("/../"), "{}", plain);
            proptest::prop_assert!(!is_plain(&tricked), "{}", tricked);
        }
    }
}
