//! Writing the body of a call: text as it is, text with escapes, numbers, addresses.

use std::net::IpAddr;

use bytes::Bytes;

use super::escape::{Escaping, ROOM, escape, joined};

/// A name with what stands around it. It is stored in its full width, which is fewer instructions than a
/// copy of its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    text: [u8; Name::WIDTH],
    length: usize,
}

impl Name {
    const WIDTH: usize = 40;

    pub(super) const fn new(before: &str, name: &str, after: &str) -> Self {
        let parts = [before.as_bytes(), name.as_bytes(), after.as_bytes()];
        Self {
            text: joined(&parts),
            length: before.len() + name.len() + after.len(),
        }
    }
}

/// How much of a value room is made for at once, or a long one would leave a body with six times its length
/// of memory.
const PIECE: usize = 256;

/// A body that is being written.
pub(super) struct Body {
    /// Zeros behind what is written, so that stores may be wider than what they are for.
    bytes: Vec<u8>,
    length: usize,
}

impl Body {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity + ROOM],
            length: 0,
        }
    }

    pub(super) fn name(&mut self, name: &Name) {
        self.put(name.text, name.length);
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.put([byte], 1);
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if end > self.bytes.len() {
            self.grow(bytes.len());
        }
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(bytes);
            self.length = end;
        }
    }

    pub(super) fn escaped<E: Escaping>(&mut self, value: &str) {
        for piece in value.as_bytes().chunks(PIECE) {
            let at_worst = piece.len() * E::LONGEST + ROOM;
            if self.bytes.len() - self.length < at_worst {
                self.grow(at_worst);
            }
            if let Some(room) = self.bytes.get_mut(self.length..) {
                self.length += escape::<E>(piece, room);
            }
        }
    }

    pub(super) fn number(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            // The remainder is one digit.
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
            count += 1;
            if number == 0 {
                break;
            }
        }
        self.raw(digits.get(digits.len() - count..).unwrap_or_default());
    }

    pub(super) fn address<E: Escaping>(&mut self, ip: IpAddr) {
        match ip {
            // Digits and dots are escaped in no format, so there is no text in between.
            IpAddr::V4(ip) => {
                for (index, octet) in ip.octets().into_iter().enumerate() {
                    if index > 0 {
                        self.byte(b'.');
                    }
                    self.number(octet.into());
                }
            }
            IpAddr::V6(ip) => self.escaped::<E>(&ip.to_string()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(super) fn ends_with(&self, byte: u8) -> bool {
        let last = self.length.checked_sub(1).and_then(|at| self.bytes.get(at));
        last == Some(&byte)
    }

    pub(super) fn remove_last(&mut self) {
        self.length = self.length.saturating_sub(1);
    }

    pub(super) fn finish(mut self) -> Bytes {
        self.bytes.truncate(self.length);
        self.bytes.into()
    }

    /// Stores all of these bytes, of which this many count.
    #[inline]
    fn put<const WIDTH: usize>(&mut self, bytes: [u8; WIDTH], length: usize) {
        if let Some(place) = self.place() {
            *place = bytes;
            self.length += length;
        } else {
            self.grow(WIDTH);
            self.raw(bytes.get(..length).unwrap_or_default());
        }
    }

    /// Where to write next, if there is room for so much.
    #[inline]
    fn place<const WIDTH: usize>(&mut self) -> Option<&mut [u8; WIDTH]> {
        self.bytes.get_mut(self.length..)?.first_chunk_mut()
    }

    /// Makes room for so many bytes more.
    #[cold]
    fn grow(&mut self, more: usize) {
        self.bytes.resize(2 * self.bytes.len() + more, 0);
    }
}
