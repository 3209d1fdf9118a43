//! The wires: how a payload is encoded and an answer decoded, one module a protocol.
//!
//! This is the one place that knows which protocol is spoken; the engine and the adapters do not.

mod form;
mod lenient;
mod v1;
mod v4;

use bytes::Bytes;
use secrecy::ExposeSecret;

use crate::config::Settings;
use crate::error::{CallError, FailOpenReason};
use crate::extractors::Extracted;
use crate::known_headers::KnownHeader;
use crate::payload::Payload;
use crate::verdict::Verdict;

/// A version of the service's protocol.
///
/// ```
/// # use rti_core::ApiVersion;
/// assert_eq!("v4.1".parse(), Ok(ApiVersion::V4_1));
/// assert_eq!(ApiVersion::default().path(), "/v1/realtime-interception");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ApiVersion {
    /// A form is sent, a small JSON object comes back.
    #[default]
    V1,
    /// As v1, with an extended check.
    V3,
    /// JSON both ways: benign, suspicious or malicious, with reasons. Without the session cookie.
    V4_0,
    /// As v4.0, with the session cookie of the page's tag.
    V4_1,
}

/// Protocols that share their options and their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V1,
    V4,
}

impl ApiVersion {
    /// The path that is posted to.
    pub fn path(self) -> &'static str {
        match self {
            Self::V1 => "/v1/realtime-interception",
            Self::V3 => "/v3/realtime-interception",
            Self::V4_0 => "/defend/4.0/traffic",
            Self::V4_1 => "/defend/4.1/traffic",
        }
    }

    /// The media type of what is posted.
    pub fn content_type(self) -> &'static str {
        match self.family() {
            Family::V1 => "application/x-www-form-urlencoded",
            Family::V4 => "application/json",
        }
    }

    /// The number alone: `1`, `3`, `4.0`, `4.1`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V1 => "1",
            Self::V3 => "3",
            Self::V4_0 => "4.0",
            Self::V4_1 => "4.1",
        }
    }

    pub(crate) fn family(self) -> Family {
        match self {
            Self::V1 | Self::V3 => Family::V1,
            Self::V4_0 | Self::V4_1 => Family::V4,
        }
    }

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

    /// Whether a value that the site extracts has a place in this protocol. Where it has none, its
    /// closure is not run: the same application may speak either protocol.
    pub(crate) fn carries(self, what: Extracted) -> bool {
        match what {
            Extracted::Channel | Extracted::Ja3 => true,
            Extracted::ResourceType => self.family() == Family::V1,
            _ => self.family() == Family::V4,
        }
    }
}

impl std::str::FromStr for ApiVersion {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "v1" => Ok(Self::V1),
            "v3" => Ok(Self::V3),
            "v4.0" => Ok(Self::V4_0),
            "v4.1" => Ok(Self::V4_1),
            _ => Err("expected `v1`, `v3`, `v4.0` or `v4.1`"),
        }
    }
}

/// Encodes payloads; what is the same in every request is encoded once, at start.
pub(crate) enum Encoder {
    V1(v1::Encoder),
    V4(v4::Encoder),
}

impl Encoder {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (key, hash) = (settings.api_key.expose_secret(), settings.tag_hash.as_str());
        match settings.api_version {
            ApiVersion::V1 => Self::V1(v1::Encoder::new(key, hash, v1::Check::Usual)),
            ApiVersion::V3 => Self::V1(v1::Encoder::new(key, hash, v1::Check::Extended)),
            version @ (ApiVersion::V4_0 | ApiVersion::V4_1) => {
                Self::V4(v4::Encoder::new(key, hash, version, settings.session_sync))
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
    /// Decodes the body of an answer.
    ///
    /// # Errors
    /// [`FailOpenReason::Malformed`](crate::FailOpenReason::Malformed) when it is not JSON, or lacks
    /// what a verdict cannot do without.
    pub fn decode(version: ApiVersion, answer: &[u8]) -> Result<Self, CallError> {
        decode(version, &Bytes::copy_from_slice(answer))
    }

    /// As [`decode`](Self::decode), without the API key, which a service may send back; the verdict
    /// shares the bytes. All that is shown or logged of an answer is read from what this gives.
    pub(crate) fn of_answer(settings: &Settings, answer: &Bytes) -> Result<Self, CallError> {
        let mut verdict = decode(settings.api_version, answer)?;
        verdict.redact(&settings.redactor);
        Ok(verdict)
    }
}

fn decode(version: ApiVersion, answer: &Bytes) -> Result<Verdict, CallError> {
    match version.family() {
        Family::V1 => v1::decode(answer),
        Family::V4 => v4::decode(answer),
    }
}

/// Says where an answer is wrong, and quotes nothing of it: a service may echo what it was sent.
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
