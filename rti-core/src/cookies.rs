//! The values of the few cookies that travel to the service.

/// Finds cookies by exact name in one `Cookie` header, in one pass.
///
/// `found` is called with the position of the name in `names` and the raw value; base64 padding
/// and `=` inside a value stay. Which occurrence wins is for the caller to say.
pub(crate) fn scan<'a>(header: &'a str, names: &[&str], mut found: impl FnMut(usize, &'a str)) {
    for pair in header.split(';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let name = name.trim_matches([' ', '\t']);
        if let Some(index) = names.iter().position(|wanted| *wanted == name) {
            found(index, value.trim_matches([' ', '\t']));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(header: &str, name: &str) -> Option<String> {
        let mut value = None;
        scan(header, &[name], |_, found| {
            value.get_or_insert_with(|| found.to_owned());
        });
        value
    }

    #[test]
    fn a_value_keeps_its_padding() {
        let header = "a=1; _cheq_rti=c2Vzc2lvbg==; b=2";
        assert_eq!(first(header, "_cheq_rti").as_deref(), Some("c2Vzc2lvbg=="));
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(
            first("_cheq_rti2=x; x_cheq_rti=y; _CHEQ_RTI=z", "_cheq_rti"),
            None
        );
        assert_eq!(
            first("_cq_se=no; _cq_s=yes", "_cq_s").as_deref(),
            Some("yes")
        );
    }

    #[test]
    fn the_first_of_several_comes_first() {
        assert_eq!(first("c=1;c=2", "c").as_deref(), Some("1"));
        assert_eq!(first(";;c; =;c=", "c").as_deref(), Some(""));
    }

    proptest! {
        #[test]
        fn any_header_is_survived(header in ".*") {
            first(&header, "_cheq_rti");
        }

        #[test]
        fn a_cookie_is_found_among_others(
            before in "([a-z]{1,8}=[!-:<-~]{0,12}; ){0,5}",
            value in "[!-:<-~]{0,40}",
            after in "(; [a-z]{1,8}=[!-:<-~]{0,12}){0,5}",
        ) {
            let header = format!("{before}_cheq_rti={value}{after}");
            prop_assert_eq!(first(&header, "_cheq_rti"), Some(value));
        }
    }
}
