//! Calls over HTTPS, with reqwest and rustls.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::BytesMut;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};

use super::{VerifyCall, VerifyClient, VerifyResponse};
use crate::provider::ProviderError;

/// The most that is read of a response. Those of the services have some hundred bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// Posts calls with reqwest, over HTTPS with rustls.
///
/// ```
/// let client = rti_challenge::HttpClient::new()?;
/// # Ok::<(), rti_challenge::HttpClientError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpClient(Client);

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpClientError {
    /// rustls has no provider of cryptography.
    #[error(
        "TLS needs a provider of cryptography: enable the feature `aws-lc-rs` or `ring` of this \
         crate, or call `rustls::crypto::CryptoProvider::install_default` first"
    )]
    NoProvider,
    /// The machine has no certificate authorities.
    #[error("this machine has no certificate authorities: install the package `ca-certificates`")]
    NoAuthorities,
    /// The client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Build(String),
}

impl HttpClient {
    /// A client that trusts the certificate authorities of this machine.
    ///
    /// # Errors
    /// Where rustls has no provider of cryptography, or the machine has no certificate authorities.
    pub fn new() -> Result<Self, HttpClientError> {
        let provider = provider().ok_or(HttpClientError::NoProvider)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err(HttpClientError::NoAuthorities);
        }
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| HttpClientError::Build(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self::with(Client::builder().tls_backend_preconfigured(tls))
    }

    /// A client that you configured: with a proxy, or certificates of your own. It is built here, without
    /// redirects.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn with(client: ClientBuilder) -> Result<Self, HttpClientError> {
        let built = client.redirect(Policy::none()).build();
        let client = built.map_err(|error| HttpClientError::Build(error.to_string()))?;
        Ok(Self(client))
    }
}

#[async_trait]
impl VerifyClient for HttpClient {
    async fn post(&self, call: VerifyCall) -> Result<VerifyResponse, ProviderError> {
        let mut request = self.0.post(&call.url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let failed = |error: reqwest::Error| {
            // The URL may have a key in it.
            ProviderError::unavailable(error.without_url().to_string())
        };
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
                return Err(ProviderError::unavailable("the response is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(VerifyResponse::new(status, body.freeze()))
    }
}

/// The one that the application installed for the process, else the one of this crate's feature: reqwest
/// and rustls panic where there is none, or more than one.
fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default()
        .cloned()
        .or_else(provider_of_feature)
}

#[allow(clippy::unnecessary_wraps, reason = "there may be none")]
fn provider_of_feature() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
    None
}
