//! The wire formats: how a payload is encoded and a response decoded, one module a protocol.
//!
//! This is the one place that knows which protocol is in use; the engine and the adapters do not.

mod body;
mod escape;
mod form;
mod json;
mod v1;
mod v4;

use bytes::Bytes;
use serde::Deserialize;

use crate::error::{CallError, FailOpenReason};
use crate::known_headers::KnownHeader;
use crate::payload::Payload;
use crate::redact::Redactor;
use crate::verdict::Verdict;
use crate::words::{ApiVersion, Family, SessionSync};

impl ApiVersion {
    /// Whether the value of a header has a place in this protocol, or in what is made of it here:
    /// the client address, and the shape of a reply.
    pub(crate) fn carries_header(self, header: KnownHeader) -> bool {
        match header {
            KnownHeader::XForwardedFor | KnownHeader::Forwarded | KnownHeader::Accept => true,
            _ => match self.family() {
                Family::V1 => v1::carries(header),
                Family::V4 => v4::carries(header),
            },
        }
    }
}

/// Encodes payloads; what is the same in every request is encoded once, at start.
pub(crate) enum Encoder {
    V1(v1::Encoder),
    V4(v4::Encoder),
}

impl Encoder {
    pub(crate) fn new(version: ApiVersion, key: &str, hash: &str, sync: SessionSync) -> Self {
        match version {
            ApiVersion::V1 => Self::V1(v1::Encoder::new(key, hash, v1::Check::Usual)),
            ApiVersion::V3 => Self::V1(v1::Encoder::new(key, hash, v1::Check::Extended)),
            ApiVersion::V4_0 | ApiVersion::V4_1 => {
                Self::V4(v4::Encoder::new(key, hash, version, sync))
            }
        }
    }

    pub(crate) fn encode(&self, payload: &Payload) -> Bytes {
        match self {
            Self::V1(encoder) => encoder.encode(payload),
            Self::V4(encoder) => encoder.encode(payload),
        }
    }
}

impl Verdict {
    /// Decodes the body of a response.
    ///
    /// # Errors
    /// [`FailOpenReason::Malformed`](crate::FailOpenReason::Malformed) when it is not JSON, or lacks
    /// what a verdict cannot do without.
    pub fn decode(version: ApiVersion, response: &[u8]) -> Result<Self, CallError> {
        decode(version, &Bytes::copy_from_slice(response))
    }

    /// As [`decode`](Self::decode), without the API key, which a service may send back; the verdict
    /// shares the bytes. All that is shown or logged of a response is read from what this gives.
    pub(crate) fn from_response(
        version: ApiVersion,
        response: &Bytes,
        redactor: &Redactor,
    ) -> Result<Self, CallError> {
        let mut verdict = decode(version, response)?;
        verdict.redact(redactor);
        Ok(verdict)
    }
}

fn decode(version: ApiVersion, response: &Bytes) -> Result<Verdict, CallError> {
    match version.family() {
        Family::V1 => v1::decode(response),
        Family::V4 => v4::decode(response),
    }
}

/// As `str::trim` has it; most values begin with something that is no blank. No protocol sends blank values.
fn is_blank(value: &str) -> bool {
    let first = value.as_bytes().first();
    !first.is_some_and(u8::is_ascii_graphic) && value.trim().is_empty()
}

/// What a response holds. Text that is known to be UTF-8 is not checked again text by text; what is not may
/// still hold a verdict.
fn parsed<'a, T: Deserialize<'a>>(response: &'a [u8]) -> Result<T, CallError> {
    let parsed = match std::str::from_utf8(response) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(response),
    };
    parsed.map_err(|error| malformed(&error))
}

/// Says where a response is wrong, and quotes nothing of it: a service may echo what it was sent.
fn malformed(error: &serde_json::Error) -> CallError {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Syntax => "no JSON",
        Category::Eof => "it ends too early",
        Category::Data | Category::Io => "a member is missing or of another type",
    };
    let place = format!("{what}, at line {} column {}", error.line(), error.column());
    CallError::new(FailOpenReason::Malformed, place)
}
