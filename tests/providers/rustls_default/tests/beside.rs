//! The application lets rustls choose, and so does not say a word about providers.

use rustls::ServerConfig;

// The dependency line is what disturbed such applications.
use rti_axum as _;

#[tokio::test]
async fn an_application_on_rustls_default_starts_and_gets_a_verdict() {
    let called = provider_probe::call(ServerConfig::builder).await.unwrap();
    assert_eq!(called.outcome, "evaluated");
}
