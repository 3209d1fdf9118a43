//! How a call reaches a captcha service.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::provider::ProviderError;

/// One call to a captcha service. It holds the secret, so `Debug` shows nothing of it.
#[non_exhaustive]
pub struct VerifyCall {
    /// Where to post it. It may have a key in its query.
    pub url: String,
    /// Headers with names in lower case, the content type among them.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl VerifyCall {
    pub(super) fn new(url: String, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            url,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
        }
    }
}

impl fmt::Debug for VerifyCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyCall").finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifyResponse {
    /// The HTTP status.
    pub status: u16,
    /// The body, of which 64 KiB are enough.
    pub body: Bytes,
}

impl VerifyResponse {
    /// A response with this status and body.
    pub fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            body: body.into(),
        }
    }
}

/// Posts calls to a captcha service. `HttpClient` (feature `http`) is the one to use; another replaces
/// it in tests, or where calls have to go another way.
///
/// ```
/// use rti_challenge::{ProviderError, VerifyCall, VerifyClient, VerifyResponse};
///
/// #[derive(Debug)]
/// struct Canned(&'static str);
///
/// #[rti_challenge::async_trait]
/// impl VerifyClient for Canned {
///     async fn post(&self, _call: VerifyCall) -> Result<VerifyResponse, ProviderError> {
///         Ok(VerifyResponse::new(200, self.0))
///     }
/// }
/// ```
#[async_trait]
pub trait VerifyClient: fmt::Debug + Send + Sync {
    /// Posts a call. Redirects are not followed: one would carry the secret elsewhere. The kit sets the
    /// deadline.
    ///
    /// # Errors
    /// [`ProviderError::Unavailable`] where there is no response.
    async fn post(&self, call: VerifyCall) -> Result<VerifyResponse, ProviderError>;
}
