//! One buffer for all text of a snapshot, with a bound.

/// The most text a snapshot holds, in bytes, whatever a client sends.
const MAX_TEXT: usize = 32 * 1024;

/// A place in [`Text`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Appended to and never shrunk, so that spans stay good. One buffer instead of a `String` a
/// field: a browser's request has some twenty of them.
pub(super) struct Text(String);

/// Which part of a value that is too long is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Head,
    Tail,
}

impl Text {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self(String::with_capacity(capacity))
    }

    pub(super) fn at(&self, span: Span) -> Option<&str> {
        self.0.get(span.start..span.end)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends at most `limit` bytes of a value. Bytes that are not UTF-8 become U+FFFD, as no
    /// protocol can carry them.
    pub(super) fn push_bytes(&mut self, value: &[u8], limit: usize, keep: Keep) -> Span {
        let value = cut(value, limit, keep);
        match std::str::from_utf8(value) {
            Ok(text) => self.push(text, limit, keep),
            Err(_) => self.push(&String::from_utf8_lossy(value), limit, keep),
        }
    }

    /// Appends at most `limit` bytes of a text, or what there is room for.
    pub(super) fn push(&mut self, text: &str, limit: usize, keep: Keep) -> Span {
        let limit = limit.min(MAX_TEXT.saturating_sub(self.0.len()));
        let kept = match keep {
            Keep::Head => head(text, limit),
            Keep::Tail => {
                let kept = cut(text.as_bytes(), limit, keep).len();
                text.get(text.len() - kept..).unwrap_or_default()
            }
        };
        let start = self.0.len();
        self.0.push_str(kept);
        Span {
            start,
            end: self.0.len(),
        }
    }

    /// Joins a repeated header to what came before, as a list.
    pub(super) fn join(&mut self, before: Span, value: &[u8], limit: usize, keep: Keep) -> Span {
        let mut joined = self.at(before).unwrap_or_default().to_owned();
        joined.push_str(", ");
        joined.push_str(&String::from_utf8_lossy(cut(value, limit, keep)));
        if self.0.len() == before.end {
            self.0.truncate(before.start);
        }
        self.push(&joined, limit, keep)
    }
}

/// At most `limit` bytes of a text, from its beginning.
pub(super) fn head(text: &str, limit: usize) -> &str {
    text.get(..cut(text.as_bytes(), limit, Keep::Head).len())
        .unwrap_or_default()
}

/// At most `limit` bytes of a text, cut between characters.
fn cut(value: &[u8], limit: usize, keep: Keep) -> &[u8] {
    if value.len() <= limit {
        return value;
    }
    let starts_character = |at: &usize| value.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    match keep {
        Keep::Head => {
            // A character has four bytes at most; further back there is no UTF-8 to cut.
            let at = (limit.saturating_sub(3)..=limit)
                .rev()
                .find(starts_character)
                .unwrap_or(limit);
            value.get(..at)
        }
        Keep::Tail => {
            let first = value.len() - limit;
            let at = (first..=first + 3).find(starts_character).unwrap_or(first);
            value.get(at..)
        }
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_whole_has_a_bound() {
        let mut text = Text::with_capacity(0);
        for _ in 0..100 {
            text.push(&"x".repeat(4096), 4096, Keep::Head);
        }
        assert_eq!(text.len(), MAX_TEXT);
        let span = text.push("late", 4096, Keep::Head);
        assert_eq!(text.at(span), Some(""));
    }

    #[test]
    fn repeats_are_joined_without_leaving_a_gap() {
        let mut text = Text::with_capacity(0);
        let first = text.push("1.1.1.1", 10, Keep::Tail);
        let both = text.join(first, b"2.2.2.2", 12, Keep::Tail);
        assert_eq!(text.at(both), Some("1.1, 2.2.2.2"));
        assert_eq!(text.len(), 12);
    }

    proptest! {
        #[test]
        fn a_value_is_cut_on_a_character_boundary(value in "\\PC{0,40}", limit in 0_usize..60) {
            for keep in [Keep::Head, Keep::Tail] {
                let mut text = Text::with_capacity(0);
                let span = text.push_bytes(value.as_bytes(), limit, keep);
                let kept = text.at(span).unwrap();
                prop_assert!(kept.len() <= limit);
                prop_assert!(kept.len() + 3 >= limit.min(value.len()));
                let in_place = match keep {
                    Keep::Head => value.starts_with(kept),
                    Keep::Tail => value.ends_with(kept),
                };
                prop_assert!(in_place);
            }
        }

        #[test]
        fn any_bytes_become_text_within_the_limit(
            value in proptest::collection::vec(any::<u8>(), 0..80), limit in 0_usize..60,
        ) {
            for keep in [Keep::Head, Keep::Tail] {
                let mut text = Text::with_capacity(0);
                let span = text.push_bytes(&value, limit, keep);
                prop_assert!(text.at(span).unwrap().len() <= limit);
            }
        }
    }
}
