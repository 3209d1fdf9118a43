//! TLS towards the service: which authorities are trusted, and which protocols are offered.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::config::{ApiEndpoint, ConfigError};

pub(super) const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// The certificate authorities of this machine, where the endpoint needs any.
pub(super) fn roots(endpoint: &ApiEndpoint) -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
    if !endpoint.is_https() {
        return Ok(roots);
    }
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let cause = found
            .errors
            .first()
            .map_or_else(String::new, |error| format!(" ({error})"));
        return Err(ConfigError::unusable(
            endpoint,
            format!(
                "this machine has no CA certificates to verify it with: install the \
                 `ca-certificates` package, or name a bundle in SSL_CERT_FILE{cause}"
            ),
        ));
    }
    Ok(roots)
}

/// ring, which builds with a C compiler alone.
pub(super) fn config(
    endpoint: &ApiEndpoint,
    roots: RootCertStore,
) -> Result<ClientConfig, ConfigError> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            ConfigError::unusable(endpoint, format!("TLS cannot be set up: {error}"))
        })?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// HTTP/2 where the service speaks it, else HTTP/1.1.
pub(super) fn with_alpn(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    config
}
