//! A form that was challenged: sealed into the page, and taken out once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};

use crate::clearance::{ChallengeId, ID_BYTES};
use crate::keys::{KEY_ID_BYTES, Keys, Purpose};
use crate::random;
use crate::request::{ChallengeRequest, RequestBody, Source};
use crate::resume::ReturnPath;
use crate::visitor::{BINDING_BYTES, Binding, binding};

/// The most of a form's body that is kept.
pub(crate) const MAX_FORM_BYTES: usize = 64 * 1024;

/// A page with more fields than this would be many times the size of the form.
const MAX_FIELDS: usize = 2_000;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;
/// Id, expiry, length of the path, path, body.
const MAX_CONTENT_BYTES: usize = ID_BYTES + 8 + 2 + 2048 + MAX_FORM_BYTES;

/// The most characters of a sealed form.
pub(crate) const MAX_SEALED_CHARACTERS: usize =
    (HEAD_BYTES + MAX_CONTENT_BYTES + TAG_BYTES).div_ceil(3) * 4;

/// What can be done with the body of a challenged request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    /// There is none to keep.
    None,
    /// It is sealed in this text.
    Sealed(String),
    /// It is lost, which the visitor is told.
    Lost,
}

/// A form, out of its seal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unsealed {
    pub(crate) id: ChallengeId,
    pub(crate) path: ReturnPath,
    pub(crate) fields: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Sealing {
    pub(crate) keys: Keys,
    pub(crate) binding: Binding,
    /// How long it can be taken out, in seconds.
    pub(crate) ttl: u64,
}

impl Sealing {
    /// Whether the body of this request is worth reading: a browser's form that a page of this site
    /// posted. One of another site is not kept, since resuming it would send it as one of this site's
    /// own, with cookies that browsers keep from requests of other sites.
    pub(crate) fn can_keep(request: &ChallengeRequest) -> bool {
        request.method() == "POST"
            && request.source() == Source::SameOrigin
            && request
                .media_type()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    pub(crate) fn seal(&self, request: &ChallengeRequest, now: u64) -> Form {
        if matches!(request.method(), "GET" | "HEAD") {
            return Form::None;
        }
        let RequestBody::Whole(body) = request.body() else {
            return Form::Lost;
        };
        if !Self::can_keep(request) || body.len() > MAX_FORM_BYTES || fields(body).is_none() {
            return Form::Lost;
        }
        self.sealed(request, body, now)
            .map_or(Form::Lost, Form::Sealed)
    }

    fn sealed(&self, request: &ChallengeRequest, body: &[u8], now: u64) -> Option<String> {
        let path = ReturnPath::parse(request.target())?;
        let path = path.as_str().as_bytes();
        let mut content = random::bytes::<ID_BYTES>().ok()?.to_vec();
        content.extend_from_slice(&now.saturating_add(self.ttl).to_be_bytes());
        content.extend_from_slice(&u16::try_from(path.len()).ok()?.to_be_bytes());
        content.extend_from_slice(path);
        content.extend_from_slice(body);
        let key_id = self.keys.signing_id();
        let nonce = random::bytes::<NONCE_BYTES>().ok()?;
        let visitor = binding(&self.keys, key_id, self.binding, request)?;
        let mut blob = vec![VERSION];
        blob.extend_from_slice(&key_id);
        blob.extend_from_slice(&nonce);
        let encrypted = self.cipher(&key_id)?.encrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: &content,
                aad: &visitor,
            },
        );
        blob.extend_from_slice(&encrypted.ok()?);
        Some(URL_SAFE_NO_PAD.encode(blob))
    }

    /// The form that was sealed for the visitor of this request. That it is taken out once is for the
    /// replay store to say.
    pub(crate) fn open(
        &self,
        text: &str,
        request: &ChallengeRequest,
        now: u64,
    ) -> Option<Unsealed> {
        if text.len() > MAX_SEALED_CHARACTERS {
            return None;
        }
        let blob = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = blob.split_first()?;
        let (key_id, rest) = rest.split_first_chunk::<KEY_ID_BYTES>()?;
        let (nonce, encrypted) = rest.split_first_chunk::<NONCE_BYTES>()?;
        if *version != VERSION {
            return None;
        }
        let visitor: [u8; BINDING_BYTES] = binding(&self.keys, *key_id, self.binding, request)?;
        let content = self.cipher(key_id)?.decrypt(
            XNonce::from_slice(nonce),
            Payload {
                msg: encrypted,
                aad: &visitor,
            },
        );
        let content = content.ok()?;
        let (id, rest) = content.split_first_chunk::<ID_BYTES>()?;
        let (until, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (path, body) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        if u64::from_be_bytes(*until) <= now {
            return None;
        }
        Some(Unsealed {
            id: *id,
            path: ReturnPath::parse(std::str::from_utf8(path).ok()?)?,
            fields: fields(body)?,
        })
    }

    fn cipher(&self, key_id: &[u8]) -> Option<XChaCha20Poly1305> {
        let key = self.keys.key(key_id, Purpose::Seal)?;
        Some(XChaCha20Poly1305::new(key.into()))
    }
}

/// The fields of a form that a page can post again: a browser writes them in UTF-8, and HTML has no way to write
/// the character 0.
fn fields(body: &[u8]) -> Option<Vec<(String, String)>> {
    let count = body.split(|byte| *byte == b'&').count();
    let decoded = percent_encoding::percent_decode(body);
    let is_text = (decoded.decode_utf8()).is_ok_and(|text| !text.contains('\0'));
    if count > MAX_FIELDS || !is_text {
        return None;
    }
    Some(form_urlencoded::parse(body).into_owned().collect())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::request::plain::request;

    const NOW: u64 = 1_800_000_000;
    const FORM: &str = "application/x-www-form-urlencoded";

    fn sealing(key: u8) -> Sealing {
        Sealing {
            keys: Keys::new([key; 32]),
            binding: Binding::Network,
            ttl: 900,
        }
    }

    fn posted(origin: &str, content_type: &str, ip: &str, body: &[u8]) -> ChallengeRequest {
        let headers = [
            ("host", "shop.example"),
            ("origin", origin),
            ("content-type", content_type),
            ("user-agent", "Mozilla/5.0"),
        ];
        let body = Bytes::copy_from_slice(body);
        request("POST", "/order?step=2", ip, &headers).with_body(RequestBody::Whole(body))
    }

    fn own(body: &[u8]) -> ChallengeRequest {
        posted("https://shop.example", FORM, "192.0.2.1", body)
    }

    fn sealed(form: Form) -> String {
        match form {
            Form::Sealed(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_is_taken_out_as_it_was() {
        let form = own("name=J%C3%BCrgen+M&card=4111%261&empty=&name=2".as_bytes());
        let text = sealed(sealing(1).seal(&form, NOW));
        assert!(!text.contains("4111"));
        let unsealed = sealing(1).open(&text, &form, NOW + 899).unwrap();
        assert_eq!(unsealed.path.as_str(), "/order?step=2");
        let expected = [
            ("name", "Jürgen M"),
            ("card", "4111&1"),
            ("empty", ""),
            ("name", "2"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(unsealed.fields, expected);
        assert_eq!(sealing(1).open(&text, &form, NOW + 900), None, "expired");
        assert_eq!(sealing(2).open(&text, &form, NOW), None, "foreign key");
        let other = posted("https://shop.example", FORM, "198.51.100.1", b"");
        assert_eq!(sealing(1).open(&text, &other, NOW), None, "other visitor");
    }

    #[test]
    fn a_changed_seal_does_not_open() {
        let form = own(b"a=b");
        let text = sealed(sealing(1).seal(&form, NOW));
        let blob = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for byte in 0..blob.len() {
            let mut blob = blob.clone();
            blob[byte] ^= 1;
            let text = URL_SAFE_NO_PAD.encode(blob);
            assert_eq!(sealing(1).open(&text, &form, NOW), None, "byte {byte}");
        }
        for length in 0..text.len() {
            assert_eq!(sealing(1).open(&text[..length], &form, NOW), None);
        }
        let huge = "A".repeat(10_000_000);
        assert_eq!(sealing(1).open(&huge, &form, NOW), None);
    }

    #[test]
    fn only_a_form_of_this_site_is_kept() {
        let lost = |request: ChallengeRequest| sealing(1).seal(&request, NOW) == Form::Lost;
        let ip = "192.0.2.1";
        assert!(lost(posted("https://evil.example", FORM, ip, b"a=b")));
        assert!(lost(posted("null", FORM, ip, b"a=b")));
        let multipart = "multipart/form-data; boundary=x";
        assert!(lost(posted("https://shop.example", multipart, ip, b"a=b")));
        assert!(lost(posted(
            "https://shop.example",
            "text/plain",
            ip,
            b"a=b"
        )));
        assert!(lost(own(&vec![b'a'; MAX_FORM_BYTES + 1])));
        assert!(lost(own(b"a=%ff")), "not UTF-8");
        assert!(lost(own(&b"a&".repeat(MAX_FIELDS))));
        assert!(lost(own(b"").with_body(RequestBody::TooLarge)));
        let largest = sealed(sealing(1).seal(&own(&vec![b'a'; MAX_FORM_BYTES]), NOW));
        assert!(largest.len() <= MAX_SEALED_CHARACTERS);
        let get = request("GET", "/", ip, &[]);
        assert_eq!(sealing(1).seal(&get, NOW), Form::None);
    }
}
