//! A page of the site's own, in which `{{reference}}` stands for the reference.

use super::BlockPage;

/// In bytes: the page is copied for each blocked visitor.
pub(crate) const LARGEST_TEMPLATE: usize = 64 * 1024;

/// The page's inline style works, and images, fonts and styles of this site or inline do; scripts do
/// not run. A digest would be stricter for the style, and would have to be made by a parser of HTML;
/// nothing a visitor sends is in the page, and the reference is escaped.
const POLICY: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

impl BlockPage {
    /// # Errors
    /// The rule that the text breaks.
    pub(crate) fn template(text: &str) -> Result<Self, String> {
        if text.len() > LARGEST_TEMPLATE {
            return Err(format!(
                "expected a page of at most {LARGEST_TEMPLATE} bytes"
            ));
        }
        if text.trim().is_empty() {
            return Err("expected a page; it is empty".into());
        }
        let mut pieces = text.split("{{");
        let mut literals = vec![pieces.next().unwrap_or_default().to_owned()];
        for piece in pieces {
            let (name, literal) = piece
                .split_once("}}")
                .ok_or("expected `}}` behind each `{{`")?;
            if name.trim() != "reference" {
                let name: String = name.chars().take(40).collect();
                return Err(format!(
                    "expected no placeholder but `{{{{reference}}}}`; there is `{{{{{name}}}}}`"
                ));
            }
            literals.push(literal.to_owned());
        }
        Ok(Self {
            without_reference: literals.concat().into(),
            literals,
            policy: POLICY,
            lang: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_stands_where_it_is_named() {
        let page = BlockPage::template("<a title='{{reference}}'>{{ reference }}</a>}}").unwrap();
        let html = |reference| page.html(reference);
        assert_eq!(html(Some("r&1")), "<a title='r&amp;1'>r&amp;1</a>}}");
        assert_eq!(html(None), "<a title=''></a>}}");
    }

    #[test]
    fn a_page_without_a_place_for_it_is_shown_as_it_is() {
        let page = BlockPage::template("sorry").unwrap();
        assert_eq!(page.html(Some("r-1")), "sorry");
    }

    #[test]
    fn what_is_no_template_is_refused_with_the_rule() {
        let large = "x".repeat(LARGEST_TEMPLATE + 1);
        for (text, rule) in [
            (" \n", "is empty"),
            ("{{referrer}}", "`{{referrer}}`"),
            ("{{reference}}{{}}", "`{{}}`"),
            ("{{{reference}}}", "`{{{reference}}`"),
            ("{{reference}", "behind each"),
            ("{{ {{reference}}", "behind each"),
            (&large, "at most 65536 bytes"),
        ] {
            let error = BlockPage::template(text).unwrap_err();
            assert!(error.contains(rule), "{text}: {error}");
        }
    }
}
