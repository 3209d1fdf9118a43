//! The transport over a `reqwest::Client` of the user's own.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, Url};

use super::{ApiRequest, ApiResponse, MAX_RESPONSE_BYTES, Transport, failure};
use crate::config::{ApiEndpoint, ConfigError};
use crate::error::{CallError, FailOpenReason};

/// Posts calls with a [`reqwest::Client`] that you configured: with a proxy, a certificate of your
/// own, another TLS library.
///
/// It is built here, without redirects: one would carry the API key elsewhere.
///
/// What it cannot do, and `HttpTransport` can: connections are not opened before a call needs one, so a
/// service that takes longer to connect to than the deadline gives verdicts only on connections that
/// happen to be open; a call that times out over HTTP/1.1 loses its connection; and a call that crosses
/// with the close of a connection is not repeated, since reqwest does not tell what a connection has
/// carried.
///
/// reqwest panics where some crate built it with rustls and without a provider of cryptography, and the process
/// installed none: `rti-challenge` does so. Install one before.
///
/// ```no_run
/// use rti_core::{Config, ReqwestTransport, Rti};
///
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").build()?;
/// let client = reqwest::Client::builder().no_proxy();
/// let transport = ReqwestTransport::new(client, config.api_endpoint())?;
/// let rti = Rti::with_transport(config, transport);
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: Client,
    origin: Url,
}

impl ReqwestTransport {
    /// A transport to this endpoint.
    ///
    /// # Errors
    /// The client cannot be built.
    pub fn new(client: ClientBuilder, endpoint: &ApiEndpoint) -> Result<Self, ConfigError> {
        let built = client.redirect(Policy::none()).build();
        let client = built.map_err(|error| {
            let rule = format!("the HTTP client cannot be built: {error}");
            ConfigError::unusable(endpoint, rule)
        })?;
        Ok(Self {
            client,
            origin: endpoint.url().clone(),
        })
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        let mut url = self.origin.clone();
        url.set_path(call.path);
        let response = self
            .client
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static(call.content_type))
            .body(call.body)
            .send()
            .await
            .map_err(unanswered)?;
        let status = response.status();
        let body = if status.is_success() {
            read(response).await?
        } else {
            Bytes::new()
        };
        Ok(ApiResponse::new(status.as_u16(), body))
    }
}

async fn read(mut response: Response) -> Result<Bytes, CallError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| {
        // An answer that began and did not end is no answer.
        CallError::new(FailOpenReason::Malformed, error.without_url())
    })? {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(FailOpenReason::Oversize.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn unanswered(error: reqwest::Error) -> CallError {
    let error = error.without_url();
    let kind = match failure::kind(&error) {
        FailOpenReason::Tls => FailOpenReason::Tls,
        _ if error.is_timeout() => FailOpenReason::Timeout,
        _ if error.is_connect() => FailOpenReason::Connect,
        kind => kind,
    };
    CallError::new(kind, error)
}
