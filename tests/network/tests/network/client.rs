//! A client of the service: one connection of hyper's.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rti_test_network::Service;
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// So long that a loaded machine answers in time.
pub(crate) const GENEROUS: Duration = Duration::from_secs(20);

/// Short enough to be waited for where nothing must come.
pub(crate) const A_WHILE: Duration = Duration::from_millis(200);

/// A connection's end, as its task tells it.
pub(crate) type Ended = JoinHandle<hyper::Result<()>>;

pub(crate) async fn tls(service: &Service, alpn: &[u8]) -> TokioIo<TlsStream<TcpStream>> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut config = config
        .with_root_certificates(service.authority().roots())
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let stream = TcpStream::connect(service.address()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
    TokioIo::new(stream.await.unwrap())
}

pub(crate) async fn http1(service: &Service) -> (http1::SendRequest<Full<Bytes>>, Ended) {
    let stream = tls(service, b"http/1.1").await;
    let (sender, connection) = http1::handshake(stream).await.unwrap();
    (sender, tokio::spawn(connection))
}

pub(crate) async fn http2(service: &Service) -> (http2::SendRequest<Full<Bytes>>, Ended) {
    let stream = tls(service, b"h2").await;
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream)
        .await
        .unwrap();
    (sender, tokio::spawn(connection))
}

pub(crate) fn request() -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::from("EventType=page_load"));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = "https://localhost/v1/realtime-interception"
        .parse()
        .unwrap();
    request
}

pub(crate) async fn post1(
    sender: &mut http1::SendRequest<Full<Bytes>>,
) -> hyper::Result<StatusCode> {
    let response = sender.send_request(request()).await?;
    let status = response.status();
    response.into_body().collect().await.map(|_| status)
}

pub(crate) async fn post2(sender: &http2::SendRequest<Full<Bytes>>) -> hyper::Result<StatusCode> {
    let response = sender.clone().send_request(request()).await?;
    let status = response.status();
    response.into_body().collect().await.map(|_| status)
}
