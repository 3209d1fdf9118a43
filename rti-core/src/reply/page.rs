//! The page of a blocked visitor: made at start, but for the reference.

mod phrases;
mod standard;
mod template;

use std::fmt;

use bytes::Bytes;

pub(crate) use self::standard::PageTexts;
pub(crate) use self::template::LARGEST_TEMPLATE;

/// A page that is finished but for the places where the reference stands.
pub(crate) struct BlockPage {
    /// What stands before, between and behind these places.
    literals: Vec<String>,
    /// The page where the service gave no reference.
    without_reference: Bytes,
    /// The value of `Content-Security-Policy`.
    policy: &'static str,
    /// A language tag; `None` for a page of the site's own.
    lang: Option<Box<str>>,
}

impl BlockPage {
    pub(crate) fn lang(&self) -> Option<&str> {
        self.lang.as_deref()
    }

    pub(super) fn policy(&self) -> &'static str {
        self.policy
    }

    pub(crate) fn html(&self, reference: Option<&str>) -> Bytes {
        let Some(reference) = reference.map(escape) else {
            return self.without_reference.clone();
        };
        self.literals.join(&reference).into()
    }
}

/// Without the page, which is long.
impl fmt::Debug for BlockPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockPage")
            .field("bytes", &self.without_reference.len())
            .finish_non_exhaustive()
    }
}

/// For a text or a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
