//! Why a visitor was challenged, in texts that the visitor holds: encrypted, since a program could otherwise
//! read which of its signs gave it away.

use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use rti_core::ThreatType;

use crate::keys::{KEY_ID_BYTES, Keys, Purpose};
use crate::random;

const NONCE_BYTES: usize = 24;
const CODE_BYTES: usize = 8;
const TAG_BYTES: usize = 16;

/// What a hidden reason takes.
pub(crate) const HIDDEN_BYTES: usize = KEY_ID_BYTES + NONCE_BYTES + CODE_BYTES + TAG_BYTES;

/// In place of a code: it is not known. All are of one length.
const NOT_KNOWN: i64 = i64::MIN;

/// Without random numbers the reason is lost, and nothing else.
pub(crate) fn hide(keys: &Keys, reason: Option<ThreatType>) -> [u8; HIDDEN_BYTES] {
    encrypted(keys, reason).unwrap_or([0; HIDDEN_BYTES])
}

fn encrypted(keys: &Keys, reason: Option<ThreatType>) -> Option<[u8; HIDDEN_BYTES]> {
    let code = reason.map_or(NOT_KNOWN, ThreatType::code);
    let key_id = keys.signing_id();
    let nonce = random::bytes::<NONCE_BYTES>().ok()?;
    let cipher = cipher(keys, &key_id)?;
    let code = cipher.encrypt(XNonce::from_slice(&nonce), &code.to_be_bytes()[..]);
    let parts = [&key_id[..], &nonce, &code.ok()?];
    parts.concat().try_into().ok()
}

/// `None` where it was not known, and where none of the keys hid it.
pub(crate) fn read(keys: &Keys, hidden: &[u8]) -> Option<ThreatType> {
    let (key_id, hidden) = hidden.split_at_checked(KEY_ID_BYTES)?;
    let (nonce, code) = hidden.split_at_checked(NONCE_BYTES)?;
    let code = cipher(keys, key_id)?.decrypt(XNonce::from_slice(nonce), code);
    let code = i64::from_be_bytes(code.ok()?.try_into().ok()?);
    (code != NOT_KNOWN).then(|| ThreatType::from_code(code))
}

fn cipher(keys: &Keys, key_id: &[u8]) -> Option<XChaCha20Poly1305> {
    let key = keys.key(key_id, Purpose::Reason)?;
    Some(XChaCha20Poly1305::new(key.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_read_by_the_keys_that_hid_it_alone() {
        let keys = Keys::new([1; 32]);
        for reason in [Some(ThreatType::Vpn), Some(ThreatType::Valid), None] {
            let hidden = hide(&keys, reason);
            assert_eq!(read(&keys, &hidden), reason);
            assert_eq!(read(&Keys::new([2; 32]), &hidden), None);
            assert_ne!(hide(&keys, reason), hidden, "not the same twice");
            let mut changed = hidden;
            changed[HIDDEN_BYTES - 1] ^= 1;
            assert_eq!(read(&keys, &changed), None);
        }
        for length in 0..HIDDEN_BYTES {
            assert_eq!(read(&keys, &vec![0; length]), None);
        }
    }
}
