//! How a call reaches the service and an answer comes back.

#[cfg(any(feature = "http", feature = "reqwest"))]
mod failure;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "reqwest")]
mod reqwest;

use async_trait::async_trait;
use bytes::Bytes;

#[cfg(feature = "http")]
pub use self::http::HttpTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
use crate::error::CallError;

/// The most that is read of an answer's body, in bytes, and of its head. A verdict takes a few
/// hundred.
pub const MAX_ANSWER: usize = 64 * 1024;

/// One call: what to post, and where on the service.
///
/// It holds the API key, so `Debug` does not show the body. See [`Transport`] for an example.
pub struct Call {
    /// The path on the service's origin.
    pub path: &'static str,
    /// The media type of the body.
    pub content_type: &'static str,
    /// The encoded payload.
    pub body: Bytes,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What came back: the status, and the body up to [`MAX_ANSWER`]. See [`Transport`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole.
    pub body: Bytes,
}

/// Carries calls to the service.
///
/// The engine sets the deadline and judges the answer; a transport carries, and says what went
/// wrong. Dropping the future must give up the call and free what it held. `HttpTransport` is
/// the one to use; others stand in for it in tests, or go another way:
///
/// ```
/// use rti_core::{Answer, Call, CallError, Config, Rti, Transport};
///
/// struct Canned;
///
/// #[rti_core::async_trait]
/// impl Transport for Canned {
///     async fn send(&self, _call: Call) -> Result<Answer, CallError> {
///         Ok(Answer { status: 200, body: r#"{"isInvalid":false,"threatTypeCode":0}"#.into() })
///     }
/// }
///
/// let config = Config::builder("key", "hash", "us").build()?;
/// let rti = Rti::with_transport(config, Canned);
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Posts a call and reads the answer whole.
    ///
    /// # Errors
    /// What kept an answer from arriving: connect, TLS, oversize, malformed. A status of any kind is
    /// an answer, not an error.
    async fn send(&self, call: Call) -> Result<Answer, CallError>;
}
