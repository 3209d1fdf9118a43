//! The paths of the service, and what is served there.

use std::fmt;

/// A version of the protocol. The path tells which one a request uses.
///
/// ```
/// use rti_simulator::Protocol;
///
/// assert_eq!(Protocol::V4_1.path(), "/defend/4.1/traffic");
/// assert_eq!(Protocol::V4_1.to_string(), "v4.1");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// `POST /v1/realtime-interception`, a form.
    V1,
    /// `POST /v3/realtime-interception`, a form with `IsExtended=1`.
    V3,
    /// `POST /defend/4.0/traffic`, JSON.
    V4_0,
    /// `POST /defend/4.1/traffic`, JSON.
    V4_1,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::V1, Self::V3, Self::V4_0, Self::V4_1];

    /// The path that this version is served at.
    pub fn path(self) -> &'static str {
        match self {
            Self::V1 => "/v1/realtime-interception",
            Self::V3 => "/v3/realtime-interception",
            Self::V4_0 => "/defend/4.0/traffic",
            Self::V4_1 => "/defend/4.1/traffic",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "v1",
            Self::V3 => "v3",
            Self::V4_0 => "v4.0",
            Self::V4_1 => "v4.1",
        })
    }
}

/// The path of the telemetry service, which has a host of its own in production.
pub(crate) const TELEMETRY_PATH: &str = "/telemetry";

/// What is served at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Verdict(Protocol),
    Telemetry,
}

impl Endpoint {
    pub(crate) fn at_path(path: &str) -> Option<Self> {
        if path == TELEMETRY_PATH {
            return Some(Self::Telemetry);
        }
        let protocol = Protocol::ALL
            .into_iter()
            .find(|protocol| protocol.path() == path)?;
        Some(Self::Verdict(protocol))
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Verdict(Protocol::V1 | Protocol::V3) => "application/x-www-form-urlencoded",
            Self::Verdict(Protocol::V4_0 | Protocol::V4_1) | Self::Telemetry => "application/json",
        }
    }
}
