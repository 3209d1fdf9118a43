//! The application has ring alone, and lets rustls find that.

use rti_axum as _;
use rustls::ServerConfig;

#[tokio::test]
async fn an_application_on_ring_starts_and_gets_a_verdict() {
    let called = provider_probe::call(ServerConfig::builder).await.unwrap();
    assert_eq!(called.outcome, "evaluated");
}
