//! Writing text with escapes, sixteen bytes at a time.
//!
//! Most of a body is text of which few bytes are escaped. Sixteen bytes are looked at in one step, by
//! arithmetic on two words that compilers turn into vector instructions, and stored whole; where one of
//! them is escaped the rest is shifted and stored again behind the escape. What must be escaped, and how,
//! is for [`Escaping`] to say.

/// How a format writes the bytes that do not stay as they are.
pub(super) trait Escaping {
    /// What each byte becomes that is marked.
    const ESCAPES: &'static [Escape; 256];

    /// The length of the longest of them, at most [`LONGEST_ESCAPE`].
    const LONGEST: usize;

    /// The highest bit of each of eight bytes that is escaped, and no other bit.
    fn marks(bytes: u64) -> u64;
}

/// What a byte becomes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Escape {
    text: [u8; 8],
    length: usize,
}

impl Escape {
    /// Of at most [`LONGEST_ESCAPE`] bytes.
    pub(super) const fn new(text: &[u8]) -> Self {
        Self {
            text: joined(&[text]),
            length: text.len(),
        }
    }
}

/// `\u001f` of JSON.
const LONGEST_ESCAPE: usize = 6;

/// How many bytes are looked at in one step.
const STEP: usize = 16;

/// Room for a step of which every byte is escaped, and for a store that is wider than what it is for.
pub(super) const ROOM: usize = STEP * LONGEST_ESCAPE + 8;

/// Writes the value with its escapes, and gives the length of that.
pub(super) fn escape<E: Escaping>(value: &[u8], out: &mut [u8]) -> usize {
    let mut end = 0;
    // The part of a step comes first, so that in most values it is the beginning of a whole one.
    let (part, steps) = value.as_rchunks::<STEP>();
    let whole = || value.first_chunk().copied();
    let part = (!part.is_empty()).then(|| (whole().unwrap_or_else(|| padded(part)), part.len()));
    let steps = steps.iter().map(|step| (*step, STEP));
    for (step, length) in part.into_iter().chain(steps) {
        let room = out.get_mut(end..).and_then(<[u8]>::first_chunk_mut);
        let (Some(room), Some(mask)) = (room, MASKS.get(length)) else {
            return end;
        };
        let ([first, second], []) = step.as_chunks() else {
            return end;
        };
        let words = [u64::from_le_bytes(*first), u64::from_le_bytes(*second)];
        let marks = [E::marks(words[0]) & mask[0], E::marks(words[1]) & mask[1]];
        if marks == [0, 0] {
            if let Some(place) = room.first_chunk_mut() {
                *place = step;
            }
            end += length;
            continue;
        }
        let half = length.min(8);
        let middle = escape_word::<E>(room, 0, words[0], marks[0], half);
        end += escape_word::<E>(room, middle, words[1], marks[1], length - half);
    }
    end
}

fn padded(part: &[u8]) -> [u8; STEP] {
    let mut step = [0; STEP];
    if let Some(begin) = step.get_mut(..part.len()) {
        begin.copy_from_slice(part);
    }
    step
}

/// The marks of the first bytes of a step, by their number.
#[expect(
    clippy::indexing_slicing,
    reason = "run by the compiler, to which a panic is an error"
)]
static MASKS: [[u64; 2]; STEP + 1] = {
    let mut masks = [[0; 2]; STEP + 1];
    let mut length = 1;
    while length <= STEP {
        masks[length] = masks[length - 1];
        masks[length][(length - 1) / 8] |= 0x80 << ((length - 1) % 8 * 8);
        length += 1;
    }
    masks
};

/// Writes the first bytes of a word from `at` on, and gives the place behind them.
#[inline]
fn escape_word<E: Escaping>(
    room: &mut [u8; ROOM],
    mut at: usize,
    mut word: u64,
    mut marks: u64,
    mut length: usize,
) -> usize {
    let mut put = |at: usize, bytes: [u8; 8]| {
        if let Some(place) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *place = bytes;
        }
    };
    loop {
        put(at, word.to_le_bytes());
        if marks == 0 {
            return at + length;
        }
        let plain = marks.trailing_zeros() & !7;
        at += plain as usize / 8;
        length -= plain as usize / 8 + 1;
        word >>= plain;
        let [escaped, ..] = word.to_le_bytes();
        if let Some(escape) = E::ESCAPES.get(usize::from(escaped)) {
            put(at, escape.text);
            at += escape.length;
        }
        // Not in one: the last byte of a word may be the one that is escaped.
        word >>= 8;
        marks = marks >> plain >> 8;
    }
}

/// Arithmetic on eight bytes at once. None of these has a carry from one byte to the next, as long as the
/// highest bit of each is zero.
pub(super) mod eight {
    pub(in crate::protocol) const HIGHEST: u64 = all(0x80);

    pub(in crate::protocol) const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }

    /// The highest bit of each byte that is at least `first`.
    pub(in crate::protocol) const fn from(bytes: u64, first: u8) -> u64 {
        bytes.wrapping_add(all(0x80 - first))
    }

    /// The highest bit of each byte that is not this one.
    pub(in crate::protocol) const fn differ(bytes: u64, byte: u8) -> u64 {
        (bytes ^ all(byte)).wrapping_add(all(0x7f))
    }
}

/// The parts one behind the other, and zeros; more than fits does not compile.
#[expect(
    clippy::indexing_slicing,
    reason = "run by the compiler, to which a panic is an error"
)]
pub(super) const fn joined<const WIDTH: usize>(parts: &[&[u8]]) -> [u8; WIDTH] {
    let mut text = [0; WIDTH];
    let (mut part, mut end) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            text[end] = parts[part][at];
            at += 1;
            end += 1;
        }
        part += 1;
    }
    text
}
