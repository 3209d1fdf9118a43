//! The wires: how a payload is encoded and an answer decoded, one module a protocol.
//!
//! This is the one place that knows which protocol is spoken; the engine and the adapters do not.

mod form;
mod v1;

use bytes::Bytes;
use secrecy::ExposeSecret;

use crate::config::Settings;
use crate::error::CallError;
use crate::payload::Payload;
use crate::verdict::Verdict;

/// A version of the service's protocol.
///
/// ```
/// # use rti_core::ApiVersion;
/// assert_eq!(ApiVersion::default().path(), "/v1/realtime-interception");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ApiVersion {
    /// A form is sent, a small JSON object comes back.
    #[default]
    V1,
}

impl ApiVersion {
    /// The path that is posted to.
    pub fn path(self) -> &'static str {
        match self {
            Self::V1 => "/v1/realtime-interception",
        }
    }

    /// The media type of what is posted.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::V1 => "application/x-www-form-urlencoded",
        }
    }
}

/// Encodes payloads; what is the same in every request is encoded once, at start.
pub(crate) enum Encoder {
    V1(v1::Encoder),
}

impl Encoder {
    pub(crate) fn new(settings: &Settings) -> Self {
        let (key, hash) = (settings.api_key.expose_secret(), &settings.tag_hash);
        match settings.api_version {
            ApiVersion::V1 => Self::V1(v1::Encoder::new(key, hash)),
        }
    }

    pub(crate) fn encode(&self, payload: &Payload) -> Bytes {
        match self {
            Self::V1(encoder) => encoder.encode(payload),
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
        match version {
            ApiVersion::V1 => v1::decode(answer),
        }
    }
}
