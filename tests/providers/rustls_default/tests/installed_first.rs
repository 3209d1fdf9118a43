//! What the application installed comes before the provider of RTI's feature.

use std::sync::Arc;

use rti_axum as _;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{CipherSuite, ServerConfig};

#[tokio::test]
async fn the_installed_provider_comes_before_the_features() {
    let all = Arc::new(aws_lc_rs::default_provider());
    // Clients prefer another one, so that it shows which provider was used.
    let last = aws_lc_rs::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256;
    let installed = CryptoProvider {
        cipher_suites: vec![last],
        ..aws_lc_rs::default_provider()
    };
    let server = || {
        ServerConfig::builder_with_provider(all)
            .with_safe_default_protocol_versions()
            .unwrap()
    };
    installed.install_default().unwrap();
    let called = provider_probe::call(server).await.unwrap();
    assert_eq!(called.outcome, "evaluated");
    assert_eq!(called.suite, CipherSuite::TLS13_CHACHA20_POLY1305_SHA256);
}
