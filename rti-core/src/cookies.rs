//! The values of the few cookies that travel to the service.

use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What every name begins with that is looked for; most cookies of a shop do not.
static COMMON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"_c"));

/// Finds cookies by exact name in one `Cookie` header, in one pass.
///
/// `names` begin with `_c`. `found` is called with the position of the name in `names` and the raw
/// value; base64 padding and `=` inside a value stay. Which occurrence wins is for the caller to
/// say.
pub(crate) fn scan<'a>(header: &'a [u8], names: &[&str], mut found: impl FnMut(usize, &'a [u8])) {
    // The names are looked for, not the ends of all cookies, of which a client may send a thousand.
    for at in COMMON.find_iter(header) {
        let (before, rest) = header.split_at(at);
        if !matches!(before.trim_ascii_end(), [] | [.., b';']) {
            continue;
        }
        let end = memchr::memchr(b';', rest).unwrap_or(rest.len());
        let mut parts = rest
            .get(..end)
            .unwrap_or_default()
            .splitn(2, |byte| *byte == b'=');
        if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            let name = name.trim_ascii_end();
            if let Some(index) = names.iter().position(|wanted| wanted.as_bytes() == name) {
                found(index, value.trim_ascii());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(header: impl AsRef<[u8]>, name: &str) -> Option<String> {
        let mut value = None;
        scan(header.as_ref(), &[name], |_, found| {
            value.get_or_insert_with(|| String::from_utf8_lossy(found).into_owned());
        });
        value
    }

    #[test]
    fn a_value_keeps_its_padding() {
        let header = "a=1; _cheq_rti=c2Vzc2lvbg==; b=2";
        assert_eq!(first(header, "_cheq_rti").as_deref(), Some("c2Vzc2lvbg=="));
        assert_eq!(first(" _cheq_rti = x ;", "_cheq_rti").as_deref(), Some("x"));
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(
            first(
                "_cheq_rti2=x; x_cheq_rti=y; _CHEQ_RTI=z; _cheq_rti",
                "_cheq_rti"
            ),
            None
        );
        assert_eq!(
            first("_cq_se=no; _cq_s=yes", "_cq_s").as_deref(),
            Some("yes")
        );
    }

    #[test]
    fn the_first_of_several_comes_first() {
        assert_eq!(first("_c=1;_c=2", "_c").as_deref(), Some("1"));
        assert_eq!(first(";;_c; =;_c=", "_c").as_deref(), Some(""));
    }

    proptest! {
        #[test]
        fn any_header_is_survived(header in proptest::collection::vec(any::<u8>(), 0..200)) {
            first(header, "_cheq_rti");
        }

        #[test]
        fn a_cookie_is_found_among_others(
            before in "([a-z_]{1,8}=[!-:<-~]{0,12}; ){0,5}",
            value in "[!-:<-~]{0,40}",
            after in "(; [a-z]{1,8}=[!-:<-~]{0,12}){0,5}",
        ) {
            let header = format!("{before}_cheq_rti={value}{after}");
            prop_assert_eq!(first(header, "_cheq_rti"), Some(value));
        }
    }
}
