//! A message for the telemetry service.

use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// A message that a client sent to the telemetry endpoint, without its credentials.
///
/// The simulator takes them as `POST` with JSON at
/// [`telemetry_url`](crate::Simulator::telemetry_url), answers `{}`, and keeps them in the journal.
///
/// ```no_run
/// # async fn sent(simulator: rti_simulator::Simulator) {
/// use rti_simulator::TelemetryLevel;
///
/// simulator.wait_for(1).await;
/// for message in simulator.telemetry() {
///     assert_eq!(message.level, TelemetryLevel::Info);
///     assert!(message.message.starts_with("rti_duration: "), "{message}");
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TelemetryMessage {
    /// How severe it is.
    pub level: TelemetryLevel,
    /// What the client was doing.
    pub action: Option<String>,
    /// The client, or the application that it belongs to.
    pub application: Option<String>,
    /// The text.
    pub message: String,
}

/// How severe a [`TelemetryMessage`] is.
///
/// ```
/// use rti_simulator::TelemetryLevel;
///
/// assert_eq!(TelemetryLevel::Warn.to_string(), "warn");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TelemetryLevel {
    /// For the record.
    Audit,
    /// Regular operation, such as the duration of a call.
    Info,
    /// A failure that visitors do not notice.
    Warn,
    /// A failure.
    Error,
}

impl TelemetryMessage {
    /// The error says what the document lacks.
    pub(crate) fn from_json(document: &Value) -> Result<Self, String> {
        Self::deserialize(document).map_err(|error| format!("not a telemetry message: {error}"))
    }
}

impl fmt::Display for TelemetryMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let absent = || "-".to_owned();
        let action = self.action.clone().unwrap_or_else(absent);
        let application = self.application.clone().unwrap_or_else(absent);
        let Self { level, message, .. } = self;
        write!(f, "{level} {application} {action}: {message}")
    }
}

impl fmt::Display for TelemetryLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Audit => "audit",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}
