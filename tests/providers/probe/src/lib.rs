//! A rustls server with RTI beside it, in one process. RTI asks that server over TLS.
//!
//! It enables no provider: that is what the packages beside it differ in.

#[allow(dead_code, reason = "the tests of TLS use all of it")]
#[path = "../../../../rti-core/tests/tls/authority.rs"]
mod authority;
#[path = "../../../../rti-core/tests/checking/mod.rs"]
mod checking;

use std::sync::Arc;

use rti_core::{ConfigError, Rti};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{CipherSuite, ConfigBuilder, ServerConfig, WantsVerifier};

use crate::authority::Authority;

const VERDICT: &str = r#"{"isInvalid":false,"threatTypeCode":0}"#;

/// What came of a call.
#[derive(Debug)]
pub struct Called {
    /// The name of the decision's outcome.
    pub outcome: String,
    /// What the handshake agreed on.
    pub suite: CipherSuite,
}

/// Makes an engine, then a server, and lets the one call the other. RTI comes first, so that it
/// cannot find the provider that `ServerConfig::builder` installs for the process.
pub async fn call(
    server: impl FnOnce() -> ConfigBuilder<ServerConfig, WantsVerifier>,
) -> Result<Called, ConfigError> {
    let authority = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = checking::config(&format!("https://localhost:{port}"));
    let rti = Rti::new(config.ca_certificates(authority.pem()).build()?)?;

    let identity = authority.good();
    let server = server()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], identity.key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let (decision, suite) = tokio::join!(checking::check(&rti), answer(&listener, &acceptor));
    Ok(Called {
        outcome: decision.outcome().as_str().to_owned(),
        suite,
    })
}

/// Answers the first request with a verdict.
async fn answer(listener: &TcpListener, acceptor: &TlsAcceptor) -> CipherSuite {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = acceptor.accept(stream).await.unwrap();
    let suite = stream.get_ref().1.negotiated_cipher_suite().unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0, "no request");
    }
    let length = VERDICT.len();
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{VERDICT}");
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    suite.suite()
}
