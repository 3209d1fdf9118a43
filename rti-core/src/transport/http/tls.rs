//! TLS towards the service: whom it is trusted to be by, and with what.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::config::{ApiEndpoint, Config, ConfigError};

/// ring, which builds with a C compiler alone. It offers no protocol in ALPN: the pool says
/// which ones it speaks.
pub(super) fn client_config(config: &Config) -> Result<ClientConfig, ConfigError> {
    let endpoint = config.api_endpoint();
    let roots = match &config.settings().authorities {
        Some(authorities) => Arc::clone(authorities),
        None => Arc::new(system_roots(endpoint)?),
    };
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            ConfigError::unusable(endpoint, format!("TLS cannot be set up: {error}"))
        })?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}

/// The certificate authorities of this machine, where the endpoint needs any.
fn system_roots(endpoint: &ApiEndpoint) -> Result<RootCertStore, ConfigError> {
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
                 `ca-certificates` package, or name a bundle in `ca_file` or SSL_CERT_FILE{cause}"
            ),
        ));
    }
    Ok(roots)
}
