//! The versions of the service's protocol.

use super::words;

/// A version of the service's protocol.
///
/// ```
/// # use rti_core::ApiVersion;
/// assert_eq!("v4.1".parse(), Ok(ApiVersion::V4_1));
/// assert_eq!(ApiVersion::V3.as_str(), "v3");
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

/// Protocols that share their options and their responses.
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
}

words!(ApiVersion {
    "v1" => V1,
    "v3" => V3,
    "v4.0" => V4_0,
    "v4.1" => V4_1,
});
