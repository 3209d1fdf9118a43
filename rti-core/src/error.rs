//! Why there is no verdict, and what is wrong with a configuration.

use std::error::Error;
use std::fmt;

/// Why a request continued without a verdict: few kinds, so that they can be counted.
///
/// `Display` gives a stable name for logs and metrics.
///
/// ```
/// # use rti_core::FailOpenReason;
/// assert_eq!(FailOpenReason::Timeout.to_string(), "timeout");
/// assert_eq!(FailOpenReason::Status(429).to_string(), "status_429");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailOpenReason {
    /// The deadline passed.
    Timeout,
    /// The connection could not be made, or was lost before a response began.
    Connect,
    /// TLS failed: an untrusted, expired or foreign certificate, or no TLS at all.
    Tls,
    /// The service answered with a status other than success; redirects are not followed.
    Status(u16),
    /// The response is not what the protocol promises, or not whole.
    Malformed,
    /// The response is larger than 64 KiB.
    Oversize,
    /// The circuit breaker is open after many failed calls: the service was not called.
    CircuitOpen,
    /// As many calls were in flight as `max_in_flight` allows: the service was not called.
    Saturated,
    /// This machine could not make a connection: no file descriptor, port or buffer was left. It
    /// says nothing about the service.
    Local,
    /// A fault in this process: a panic in an extractor, a callback or a transport.
    Internal,
}

impl fmt::Display for FailOpenReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Status(status) => return write!(f, "status_{status}"),
            Self::Malformed => "malformed",
            Self::Oversize => "oversize",
            Self::CircuitOpen => "circuit_open",
            Self::Saturated => "saturated",
            Self::Local => "local",
            Self::Internal => "internal",
        })
    }
}

/// A call to the service that gave no verdict: the reason, and what lies behind it.
///
/// ```
/// use rti_core::{CallError, FailOpenReason};
///
/// let error = CallError::new(FailOpenReason::Malformed, "threatTypeCode is missing");
/// assert_eq!(error.kind(), FailOpenReason::Malformed);
/// assert_eq!(error.to_string(), "malformed: threatTypeCode is missing");
/// ```
#[derive(Debug)]
pub struct CallError {
    kind: FailOpenReason,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl CallError {
    /// An error of this kind; `source` explains it and goes to the log. It must not hold what was
    /// sent, for that holds the API key.
    pub fn new(kind: FailOpenReason, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// The reason that a decision will carry.
    pub fn kind(&self) -> FailOpenReason {
        self.kind
    }
}

impl From<FailOpenReason> for CallError {
    fn from(kind: FailOpenReason) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        let mut source = self.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

impl Error for CallError {
    /// What lies behind it, for code that looks for a type; `Display` has its text already.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_error_has_its_source() {
        let inner = std::io::Error::other("refused");
        let error = CallError::new(FailOpenReason::Connect, inner);
        let source = error.source().map(ToString::to_string);
        assert_eq!(source.as_deref(), Some("refused"));
        assert!(CallError::from(FailOpenReason::Timeout).source().is_none());
    }
}
