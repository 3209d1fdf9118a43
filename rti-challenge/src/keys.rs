//! The keys of a kit: the first signs, all verify. Each purpose has a key of its own, so that what was
//! signed for one is nothing for another.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::random::{self, NoRandomError};

/// The bytes of a key.
pub const KEY_BYTES: usize = 32;

pub(crate) const MAC_BYTES: usize = 32;
pub(crate) const KEY_ID_BYTES: usize = 4;
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES;

/// What a key is used for. The words are part of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Clearance,
    Visitor,
    ReturnTo,
    Wait,
    ProofOfWork,
    Seal,
    Reason,
}

impl Purpose {
    const ALL: [Self; 7] = [
        Self::Clearance,
        Self::Visitor,
        Self::ReturnTo,
        Self::Wait,
        Self::ProofOfWork,
        Self::Seal,
        Self::Reason,
    ];

    fn label(self) -> &'static [u8] {
        match self {
            Self::Clearance => b"rti-challenge/1 clearance",
            Self::Visitor => b"rti-challenge/1 visitor",
            Self::ReturnTo => b"rti-challenge/1 return-to",
            Self::Wait => b"rti-challenge/1 wait",
            Self::ProofOfWork => b"rti-challenge/1 proof-of-work",
            Self::Seal => b"rti-challenge/1 seal",
            Self::Reason => b"rti-challenge/1 reason",
        }
    }
}

/// One or more keys of 32 bytes: the first signs, all verify. To rotate, put a new key in front, and
/// take the old one out once what it signed has expired.
///
/// Cheap to clone. `Debug` shows no key.
///
/// ```
/// use rti_challenge::Keys;
///
/// let keys = Keys::parse("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")?;
/// assert_eq!(keys.len(), 1);
/// assert!(Keys::parse("c2hvcnQ=").is_err());
/// # Ok::<(), rti_challenge::KeyError>(())
/// ```
#[derive(Clone)]
pub struct Keys(Arc<Ring>);

#[derive(Clone)]
struct Ring {
    signing: Key,
    older: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: [u8; KEY_ID_BYTES],
    by_purpose: [[u8; KEY_BYTES]; Purpose::ALL.len()],
}

/// What one of the keys signed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) key_id: [u8; KEY_ID_BYTES],
    pub(crate) payload: Vec<u8>,
}

/// Why a text is no list of keys. It holds nothing of the text.
///
/// `Debug` is the same text as `Display`, since that is what is printed where `main` returns the error.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no key at all.
    #[error("expected 32 bytes in base64, or several of them separated by commas; it is empty")]
    Empty,
    /// A key is not base64.
    #[error(
        "expected 32 bytes in base64, or several of them separated by commas; key {0} is not base64"
    )]
    NotBase64(usize),
    /// A key has another length.
    #[error(
        "expected 32 bytes in base64, or several of them separated by commas; key {0} has {1} bytes"
    )]
    Length(usize, usize),
}

impl std::fmt::Debug for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Keys {
    /// A single key.
    pub fn new(key: [u8; KEY_BYTES]) -> Self {
        Self(Arc::new(Ring {
            signing: Key::derive(&key),
            older: Vec::new(),
        }))
    }

    /// The same, and another key that verifies what it signed before.
    #[must_use]
    pub fn and_older(mut self, key: [u8; KEY_BYTES]) -> Self {
        Arc::make_mut(&mut self.0).older.push(Key::derive(&key));
        self
    }

    /// A key that is made now and known to this process alone: for development and tests. A restart
    /// ends every clearance, and a second instance verifies none of them.
    ///
    /// # Errors
    /// Where the operating system gives no random bytes.
    pub fn random() -> Result<Self, NoRandomError> {
        Ok(Self::new(random::bytes()?))
    }

    /// Keys in base64 (either alphabet), separated by commas.
    ///
    /// # Errors
    /// Where one of them is not 32 bytes in base64, or there is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut keys: Option<Self> = None;
        let texts = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        for (index, text) in texts.enumerate() {
            let bytes = [STANDARD, URL_SAFE, URL_SAFE_NO_PAD]
                .iter()
                .find_map(|alphabet| alphabet.decode(text).ok())
                .ok_or(KeyError::NotBase64(index + 1))?;
            let length = bytes.len();
            let key = bytes
                .try_into()
                .map_err(|_| KeyError::Length(index + 1, length))?;
            keys = Some(match keys {
                None => Self::new(key),
                Some(keys) => keys.and_older(key),
            });
        }
        keys.ok_or(KeyError::Empty)
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        1 + self.0.older.len()
    }

    /// `payload` signed for a purpose: base64url of version, key id, payload and MAC.
    pub(crate) fn sign(&self, purpose: Purpose, payload: &[u8]) -> String {
        let mut blob = Vec::with_capacity(HEAD_BYTES + payload.len() + MAC_BYTES);
        blob.push(VERSION);
        blob.extend_from_slice(&self.0.signing.id);
        blob.extend_from_slice(payload);
        let mac = self.0.signing.mac(purpose, &[&blob]);
        blob.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(blob)
    }

    /// The payload of a text that one of the keys signed for this purpose. A text longer than
    /// `max_payload` allows is refused before anything is decoded.
    pub(crate) fn verify(
        &self,
        purpose: Purpose,
        text: &str,
        max_payload: usize,
    ) -> Option<Signed> {
        if text.len() > signed_length(max_payload) {
            return None;
        }
        let mut blob = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, mac) = blob.split_at_checked(blob.len().checked_sub(MAC_BYTES)?)?;
        let (head, _) = signed.split_at_checked(HEAD_BYTES)?;
        let (version, id) = head.split_first()?;
        if *version != VERSION {
            return None;
        }
        let key = self.by_id(id)?;
        let is_signed: bool = key.mac(purpose, &[signed]).as_slice().ct_eq(mac).into();
        if !is_signed {
            return None;
        }
        let key_id = key.id;
        blob.truncate(blob.len() - MAC_BYTES);
        blob.drain(..HEAD_BYTES);
        Some(Signed {
            key_id,
            payload: blob,
        })
    }

    /// A MAC by the key that signs, over parts that are told apart by their lengths.
    pub(crate) fn digest(
        &self,
        key_id: [u8; KEY_ID_BYTES],
        purpose: Purpose,
        parts: &[&[u8]],
    ) -> Option<[u8; MAC_BYTES]> {
        let mut framed = Vec::new();
        for part in parts {
            framed.extend_from_slice(&(part.len() as u64).to_be_bytes());
            framed.extend_from_slice(part);
        }
        Some(self.by_id(&key_id)?.mac(purpose, &[&framed]))
    }

    pub(crate) fn signing_id(&self) -> [u8; KEY_ID_BYTES] {
        self.0.signing.id
    }

    /// The key of this id for a purpose.
    pub(crate) fn key(&self, id: &[u8], purpose: Purpose) -> Option<&[u8; KEY_BYTES]> {
        Some(self.by_id(id)?.of(purpose))
    }

    fn by_id(&self, id: &[u8]) -> Option<&Key> {
        std::iter::once(&self.0.signing)
            .chain(&self.0.older)
            .find(|key| key.id == id)
    }
}

/// The characters of a signed payload.
pub(crate) const fn signed_length(payload: usize) -> usize {
    let bytes = HEAD_BYTES + payload + MAC_BYTES;
    bytes / 3 * 4 + (bytes % 3 * 8).div_ceil(6)
}

impl Key {
    fn derive(master: &[u8; KEY_BYTES]) -> Self {
        // Names the key without giving anything of it away.
        let [a, b, c, d, ..] = mac(master, &[b"rti-challenge/1 key-id"]);
        Self {
            id: [a, b, c, d],
            by_purpose: Purpose::ALL.map(|purpose| mac(master, &[purpose.label()])),
        }
    }

    fn of(&self, purpose: Purpose) -> &[u8; KEY_BYTES] {
        let [
            clearance,
            visitor,
            return_to,
            wait,
            proof_of_work,
            seal,
            reason,
        ] = &self.by_purpose;
        match purpose {
            Purpose::Clearance => clearance,
            Purpose::Visitor => visitor,
            Purpose::ReturnTo => return_to,
            Purpose::Wait => wait,
            Purpose::ProofOfWork => proof_of_work,
            Purpose::Seal => seal,
            Purpose::Reason => reason,
        }
    }

    fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> [u8; MAC_BYTES] {
        mac(self.of(purpose), parts)
    }
}

fn mac(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> [u8; MAC_BYTES] {
    // HMAC pads a short key with zeros to the block of its hash. Done here, no length can be wrong.
    let mut block = [0; 64];
    for (padded, byte) in block.iter_mut().zip(key) {
        *padded = *byte;
    }
    let mut mac = <Hmac<Sha256> as Mac>::new(&block.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_is_hmac_sha256() {
        // RFC 4231, test case 1, whose key of 20 bytes is padded as HMAC does.
        let mut key = [0; KEY_BYTES];
        key[..20].fill(0x0b);
        let expected = "sDRMYdjbOFNcqK/OrwvxK4gdwgDJgz2nJuk3bC4yz/c=";
        assert_eq!(STANDARD.encode(mac(&key, &[b"Hi ", b"There"])), expected);
    }

    #[test]
    fn what_is_signed_for_one_purpose_is_nothing_for_another() {
        let keys = Keys::new([7; 32]);
        let text = keys.sign(Purpose::ReturnTo, b"/page");
        assert_eq!(text.len(), signed_length(5));
        let signed = keys.verify(Purpose::ReturnTo, &text, 5).unwrap();
        assert_eq!(signed.payload, b"/page");
        assert_eq!(keys.verify(Purpose::Clearance, &text, 5), None);
        assert_eq!(keys.verify(Purpose::ReturnTo, &text, 4), None, "the bound");
    }

    #[test]
    fn the_first_signs_and_all_verify() {
        let old = Keys::new([1; 32]);
        let rotated = Keys::new([2; 32]).and_older([1; 32]);
        let signed = old.sign(Purpose::Wait, b"x");
        assert!(rotated.verify(Purpose::Wait, &signed, 1).is_some());
        let signed = rotated.sign(Purpose::Wait, b"x");
        assert!(old.verify(Purpose::Wait, &signed, 1).is_none());
        assert!(
            Keys::new([2; 32])
                .verify(Purpose::Wait, &signed, 1)
                .is_some()
        );
    }

    #[test]
    fn keys_are_read_and_errors_hold_nothing_of_them() {
        let one = STANDARD.encode([1; 32]);
        let two = URL_SAFE_NO_PAD.encode([255; 32]);
        assert_eq!(Keys::parse(&format!(" {one} , {two},")).unwrap().len(), 2);
        assert_eq!(Keys::parse(" ,").unwrap_err(), KeyError::Empty);
        let error = Keys::parse(&format!("{one},secret!")).unwrap_err();
        assert_eq!(error, KeyError::NotBase64(2));
        assert!(!error.to_string().contains("secret"));
        let error = Keys::parse("c2hvcnQ=").unwrap_err();
        assert_eq!(error, KeyError::Length(1, 5));
        assert!(format!("{error:?}").contains("key 1 has 5 bytes"));
        assert!(!format!("{:?}", Keys::new([65; 32])).contains("65"));
    }
}
