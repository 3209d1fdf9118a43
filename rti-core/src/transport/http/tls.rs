//! TLS towards the service: which authorities are trusted, and which cryptography is used, and
//! which protocols are offered.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};

use crate::config::{ApiEndpoint, Config, ConfigError};

pub(super) const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// What a connection to this endpoint is set up with: HTTP/2 where the service speaks it, else
/// HTTP/1.1.
pub(super) fn client_config(
    endpoint: &ApiEndpoint,
    config: &Config,
) -> Result<ClientConfig, ConfigError> {
    let provider = provider().ok_or_else(|| {
        let rule = "TLS needs a provider of cryptography: enable the feature `aws-lc-rs` or `ring` \
                    of this crate, or call `rustls::crypto::CryptoProvider::install_default` first";
        ConfigError::unusable(endpoint, rule.into())
    })?;
    let roots = match &config.settings().authorities {
        Some(authorities) => Arc::clone(authorities),
        None => Arc::new(system_roots(endpoint)?),
    };
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            ConfigError::unusable(endpoint, format!("TLS cannot be set up: {error}"))
        })?;
    let mut tls = tls.with_root_certificates(roots).with_no_client_auth();
    tls.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok(tls)
}

/// The one that the application installed for the process, else the one of this crate's feature.
///
/// It is never installed for the process: that is the application's to do. Nor does
/// `ClientConfig::builder` choose it, which panics where rustls has both providers.
fn provider() -> Option<Arc<CryptoProvider>> {
    CryptoProvider::get_default()
        .cloned()
        .or_else(provider_of_feature)
}

/// aws-lc-rs before ring where both features are on, as in hyper-rustls.
#[allow(clippy::unnecessary_wraps, reason = "there may be none")]
fn provider_of_feature() -> Option<Arc<CryptoProvider>> {
    #[cfg(feature = "aws-lc-rs")]
    return Some(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    return Some(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
    None
}

/// The certificate authorities of this machine.
fn system_roots(endpoint: &ApiEndpoint) -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
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
