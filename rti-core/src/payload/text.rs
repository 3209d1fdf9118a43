//! One buffer for all text of a snapshot, each value within its bound.

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

    /// The last bytes of it.
    pub(super) fn tail(self, length: usize) -> Self {
        let start = self.end.saturating_sub(length).max(self.start);
        Self { start, ..self }
    }
}

/// How much of a value is taken: in bytes, and in the bytes that those take in a form, where most
/// but letters and digits take three. Without the second bound a visitor could make the request
/// too large for the service, which would refuse it, and the visitor would continue unchecked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) bytes: usize,
    pub(super) encoded: usize,
}

/// Which part of a value that is too long is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Head,
    Tail,
}

/// Appended to and never shrunk, so that spans stay good. One buffer instead of a `String` a
/// field: a browser's request has some twenty of them.
pub(super) struct Text(String);

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

    /// Appends what the bound lets through. Bytes that are not UTF-8 become U+FFFD, as no protocol
    /// can carry them.
    pub(super) fn push_bytes(&mut self, value: &[u8], bound: Bound, keep: Keep) -> Span {
        let value = cut(value, bound.bytes, keep);
        match std::str::from_utf8(value) {
            Ok(text) => self.push(text, bound, keep),
            Err(_) => self.push(&String::from_utf8_lossy(value), bound, keep),
        }
    }

    pub(super) fn push(&mut self, text: &str, bound: Bound, keep: Keep) -> Span {
        let start = self.0.len();
        self.0.push_str(fit(text, bound, keep));
        Span {
            start,
            end: self.0.len(),
        }
    }

    /// Appends a text in parts, one of which is there already.
    pub(super) fn concat(
        &mut self,
        before: &str,
        middle: Span,
        after: [&str; 3],
        bound: Bound,
    ) -> Span {
        let start = self.0.len();
        self.0.push_str(before);
        self.0.extend_from_within(middle.start..middle.end);
        self.0.extend(after);
        let kept = self
            .0
            .get(start..)
            .map_or(0, |text| fit(text, bound, Keep::Head).len());
        self.0.truncate(start + kept);
        Span {
            start,
            end: start + kept,
        }
    }

    /// Joins a repeated header to what came before, as a list.
    pub(super) fn join(&mut self, before: Span, value: &[u8], bound: Bound, keep: Keep) -> Span {
        let mut joined = self.at(before).unwrap_or_default().to_owned();
        joined.push_str(", ");
        joined.push_str(&String::from_utf8_lossy(cut(value, bound.bytes, keep)));
        if self.0.len() == before.end {
            self.0.truncate(before.start);
        }
        self.push(&joined, bound, keep)
    }
}

/// The part of a text that a bound lets through, cut between characters.
pub(super) fn fit(text: &str, bound: Bound, keep: Keep) -> &str {
    if text.len() <= bound.bytes && text.len() * 3 <= bound.encoded {
        return text;
    }
    let bytes = text.as_bytes();
    let affordable = match keep {
        Keep::Head => affordable(bytes.iter(), bound.encoded),
        Keep::Tail => affordable(bytes.iter().rev(), bound.encoded),
    };
    let kept = cut(bytes, bound.bytes.min(affordable), keep).len();
    match keep {
        Keep::Head => text.get(..kept),
        Keep::Tail => text.get(text.len() - kept..),
    }
    .unwrap_or_default()
}

/// How many bytes of a form a text takes.
pub(super) fn encoded_len(text: &str) -> usize {
    // Counted in bytes, which compilers turn into vector instructions; one byte counts no more than these.
    let groups = text.as_bytes().chunks(usize::from(u8::MAX));
    let escaped =
        |group: &[u8]| -> u8 { group.iter().map(|byte| u8::from(is_escaped(*byte))).sum() };
    text.len()
        + 2 * groups
            .map(|group| usize::from(escaped(group)))
            .sum::<usize>()
}

fn affordable<'a>(bytes: impl Iterator<Item = &'a u8>, encoded: usize) -> usize {
    let mut left = encoded;
    bytes
        .take_while(|byte| match left.checked_sub(cost(**byte)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        })
        .count()
}

fn cost(byte: u8) -> usize {
    if is_escaped(byte) { 3 } else { 1 }
}

#[expect(
    clippy::needless_bitwise_bool,
    clippy::manual_range_contains,
    reason = "lazy operators are branches, of which no vector instructions are made"
)]
fn is_escaped(byte: u8) -> bool {
    let lower_case = byte | 0x20;
    let is_letter = (lower_case >= b'a') & (lower_case <= b'z');
    // The slash is between them.
    let is_digit = (byte >= b'-') & (byte <= b'9') & (byte != b'/');
    !(is_letter | is_digit | (byte == b' ') | (byte == b'*') | (byte == b'_'))
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
                .find(starts_character);
            value.get(..at.unwrap_or(limit))
        }
        Keep::Tail => {
            let first = value.len() - limit;
            let at = (first..=first + 3).find(starts_character);
            value.get(at.unwrap_or(first)..)
        }
    }
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bound(bytes: usize) -> Bound {
        Bound {
            bytes,
            encoded: usize::MAX,
        }
    }

    #[test]
    fn repeats_are_joined_without_leaving_a_gap() {
        let mut text = Text::with_capacity(0);
        let first = text.push("1.1.1.1", bound(10), Keep::Tail);
        let both = text.join(first, b"2.2.2.2", bound(12), Keep::Tail);
        assert_eq!(text.at(both), Some("1.1, 2.2.2.2"));
        assert_eq!(text.len(), 12);
    }

    #[test]
    fn what_takes_three_bytes_counts_three() {
        let bound = Bound {
            bytes: 100,
            encoded: 10,
        };
        assert_eq!(fit("abcdefghijkl", bound, Keep::Head), "abcdefghij");
        assert_eq!(fit("a,b,c,d,e", bound, Keep::Head), "a,b,c");
        assert_eq!(fit("a,b,c,d,e", bound, Keep::Tail), "c,d,e");
        assert_eq!(fit("\u{e9}\u{e9}", bound, Keep::Head), "\u{e9}");
    }

    proptest! {
        #[test]
        fn a_value_is_cut_on_a_character_boundary(value in "\\PC{0,40}", limit in 0_usize..60) {
            for keep in [Keep::Head, Keep::Tail] {
                let kept = fit(&value, bound(limit), keep);
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
        fn any_bytes_become_text_within_the_bound(
            value in proptest::collection::vec(any::<u8>(), 0..80),
            bytes in 0_usize..60,
            encoded in 0_usize..60,
        ) {
            for keep in [Keep::Head, Keep::Tail] {
                let mut text = Text::with_capacity(0);
                let span = text.push_bytes(&value, Bound { bytes, encoded }, keep);
                let kept = text.at(span).unwrap();
                prop_assert!(kept.len() <= bytes);
                prop_assert!(encoded_len(kept) <= encoded);
                let form: String = url::form_urlencoded::byte_serialize(kept.as_bytes()).collect();
                prop_assert_eq!(form.len(), encoded_len(kept));
            }
        }
    }
}
