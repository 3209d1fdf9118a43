//! Writing JSON objects of texts into one buffer.
//!
//! Ours and not `serde_json`'s, which looks at each byte on its own and took most of the instructions of a
//! call; a property test holds the two to the same bytes.

use std::net::IpAddr;

use bytes::Bytes;

use super::body::{Body, Name};
use super::escape::eight::{HIGHEST, differ, from};
use super::escape::{Escape, Escaping};
use super::is_blank;

pub(super) struct Json(Body);

/// The name of a member that is a text.
pub(super) const fn text(name: &str) -> Name {
    Name::new("\"", name, "\":\"")
}

/// The name of a member that is an object.
pub(super) const fn object(name: &str) -> Name {
    Name::new("\"", name, "\":{")
}

/// The name of a member of another type.
pub(super) const fn other(name: &str) -> Name {
    Name::new("\"", name, "\":")
}

impl Json {
    /// Begins an object.
    pub(super) fn with_capacity(capacity: usize) -> Self {
        let mut body = Body::with_capacity(capacity);
        body.byte(b'{');
        Self(body)
    }

    /// A text. Absent and blank ones are left out: the service refuses empty ones.
    pub(super) fn member<'a>(&mut self, name: &Name, value: impl Into<Option<&'a str>>) {
        if let Some(value) = value.into().filter(|value| !is_blank(value)) {
            self.0.name(name);
            self.0.escaped::<Quoted>(value);
            self.end_text();
        }
    }

    pub(super) fn address(&mut self, name: &Name, ip: IpAddr) {
        self.0.name(name);
        self.0.address::<Quoted>(ip);
        self.end_text();
    }

    /// A number, as a text.
    pub(super) fn number(&mut self, name: &Name, number: u64) {
        self.0.name(name);
        self.0.number(number);
        self.end_text();
    }

    pub(super) fn boolean(&mut self, name: &Name, value: bool) {
        self.0.name(name);
        self.0.raw(if value { b"true," } else { b"false," });
    }

    /// Members that are encoded already, with a comma at the end.
    pub(super) fn encoded(&mut self, members: &[u8]) {
        self.0.raw(members);
    }

    pub(super) fn begin(&mut self, name: &Name) {
        self.0.name(name);
    }

    /// Ends the object that was begun last, which is a member of another.
    pub(super) fn end(&mut self) {
        self.close();
        self.0.byte(b',');
    }

    /// What was written, for [`encoded`](Self::encoded).
    pub(super) fn into_members(self) -> Bytes {
        self.0.finish().slice(1..)
    }

    pub(super) fn finish(mut self) -> Bytes {
        self.close();
        self.0.finish()
    }

    fn close(&mut self) {
        if self.0.ends_with(b',') {
            self.0.remove_last();
        }
        self.0.byte(b'}');
    }

    fn end_text(&mut self) {
        self.0.raw(b"\",");
    }
}

/// Control characters, quotation marks and backslashes are escaped, as `serde_json` writes them.
struct Quoted;

impl Escaping for Quoted {
    const ESCAPES: &'static [Escape; 256] = &ESCAPES;
    const LONGEST: usize = 6;

    #[inline]
    fn marks(bytes: u64) -> u64 {
        let low = bytes & !HIGHEST;
        let stays = from(low, b' ') & differ(low, b'"') & differ(low, b'\\');
        !(stays | bytes) & HIGHEST
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "run by the compiler, to which a panic is an error"
)]
static ESCAPES: [Escape; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut table = [Escape::new(&[]); 256];
    let mut byte = 0;
    while byte < 32 {
        table[byte] = Escape::new(&[b'\\', b'u', b'0', b'0', HEX[byte >> 4], HEX[byte & 15]]);
        byte += 1;
    }
    table[b'\x08' as usize] = Escape::new(b"\\b");
    table[b'\t' as usize] = Escape::new(b"\\t");
    table[b'\n' as usize] = Escape::new(b"\\n");
    table[b'\x0c' as usize] = Escape::new(b"\\f");
    table[b'\r' as usize] = Escape::new(b"\\r");
    table[b'"' as usize] = Escape::new(b"\\\"");
    table[b'\\' as usize] = Escape::new(b"\\\\");
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn absent_and_blank_members_are_left_out() {
        let mut json = Json::with_capacity(0);
        json.member(&text("a"), None);
        json.member(&text("b"), " \u{a0}\t");
        json.begin(&object("c"));
        json.end();
        json.begin(&object("d"));
        json.address(&text("e"), "2001:db8::1".parse().unwrap());
        json.number(&text("f"), 1_795_370_096_002);
        json.end();
        json.boolean(&other("g"), true);
        json.member(&text("h"), "x,");
        let written: Value = serde_json::from_slice(&json.finish()).unwrap();
        let expected = json!({
            "c": {}, "d": {"e": "2001:db8::1", "f": "1795370096002"}, "g": true, "h": "x,",
        });
        assert_eq!(written, expected);
    }

    proptest! {
        #[test]
        fn the_bytes_are_those_of_serde_json(
            value in "\\PC{1,50}|[\\x00-\\x7f]{1,50}|[a-c\"\\\\]{1,50}|.{100,200}",
        ) {
            prop_assume!(!value.trim().is_empty());
            let mut json = Json::with_capacity(0);
            json.member(&text("a"), value.as_str());
            let expected = json!({"a": value}).to_string();
            prop_assert_eq!(&*json.finish(), expected.as_bytes());
        }
    }
}
