//! How a call reaches the service and a response comes back.

#[cfg(any(feature = "http", feature = "reqwest"))]
mod failure;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "reqwest")]
mod reqwest;
mod statistics;

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

#[cfg(feature = "http")]
pub use self::http::HttpTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
pub use self::statistics::ConnectionCounts;
use crate::error::CallError;

/// The most that is read of a response's body, in bytes, and of its head. A verdict takes a few
/// hundred.
pub const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// One request to the service: what to post, and where on its origin.
///
/// The body holds the API key, so `Debug` does not show it. See [`Transport`] for an example.
#[non_exhaustive]
pub struct ApiRequest {
    /// The path on the service's origin. It begins with `/`.
    pub path: &'static str,
    /// The media type of the body.
    pub content_type: &'static str,
    /// The encoded payload.
    pub body: Bytes,
}

impl ApiRequest {
    /// A request to post `body` to this path of the service.
    pub fn new(path: &'static str, content_type: &'static str, body: Bytes) -> Self {
        Self {
            path,
            content_type,
            body,
        }
    }
}

impl std::fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiRequest")
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What came back from the service. See [`Transport`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, whole: at most [`MAX_RESPONSE_BYTES`].
    pub body: Bytes,
    /// How long the service asked not to be called: the header `Retry-After`, in seconds, of a 429
    /// or 503. The engine bounds it.
    pub retry_after: Option<Duration>,
    /// How long the call waited for a connection, where the transport measures it.
    pub connection_time: Option<Duration>,
}

impl ApiResponse {
    /// A response with this status and body, without `Retry-After`.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
            retry_after: None,
            connection_time: None,
        }
    }

    /// The same response with this `Retry-After`.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.retry_after = retry_after;
        self
    }

    /// The same response, for which the call waited so long for a connection.
    #[must_use]
    pub fn with_connection_time(mut self, connection_time: Duration) -> Self {
        self.connection_time = Some(connection_time);
        self
    }
}

/// Carries calls to the service.
///
/// The engine sets the deadline and judges the response; a transport carries, and says what went
/// wrong. Dropping the future must give up the call and free what it held. `HttpTransport` is
/// the one to use; others replace it in tests, or send calls another way:
///
/// ```
/// use rti_core::{ApiResponse, ApiRequest, CallError, Config, Rti, Transport};
///
/// struct Canned;
///
/// #[rti_core::async_trait]
/// impl Transport for Canned {
///     async fn send(&self, _call: ApiRequest) -> Result<ApiResponse, CallError> {
///         Ok(ApiResponse::new(200, r#"{"isInvalid":false,"threatTypeCode":0}"#))
///     }
/// }
///
/// let config = Config::builder("key", "hash", "us").build()?;
/// let rti = Rti::with_transport(config, Canned);
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Posts a call and reads the response whole.
    ///
    /// # Errors
    /// What kept a response from arriving: connect, TLS, oversize, malformed. A status of any kind is
    /// a response, not an error.
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError>;

    /// Prepares for the first call: opens connections, and returns when they are open or cannot be
    /// opened. Does nothing by default.
    async fn warm_up(&self) {}

    /// The connections there are, now; for [`Rti::statistics`](crate::Rti::statistics). It is called
    /// now and then, and must not block. `None`, the default, where it is not known.
    fn connections(&self) -> Option<ConnectionCounts> {
        None
    }
}
