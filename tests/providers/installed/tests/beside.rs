//! RTI has no provider of its own, and takes the one that the application installs.

use rti_axum::ConfigErrorKind;
use rustls::ServerConfig;
use rustls::crypto::ring;

#[tokio::test]
async fn the_installed_provider_is_taken_and_without_one_there_is_a_hint() {
    let error = provider_probe::call(ServerConfig::builder).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Environment);
    let error = error.to_string();
    for part in ["`aws-lc-rs`", "`ring`", "install_default"] {
        assert!(error.contains(part), "{error}");
    }

    ring::default_provider().install_default().unwrap();
    let called = provider_probe::call(ServerConfig::builder).await.unwrap();
    assert_eq!(called.outcome, "evaluated");
}
