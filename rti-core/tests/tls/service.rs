//! A verdict service behind TLS, on loopback.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::authority::Identity;

const VERDICT: &str =
    r#"{"version":1,"isInvalid":true,"threatTypeCode":3,"setCookie":"_cheq_rti=b"}"#;

/// What the service offers in the handshake.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Alpn {
    Http2,
    Http1,
    /// No word about protocols.
    Nothing,
}

/// A running service, and what it counted.
#[derive(Debug, Default)]
pub(crate) struct Service {
    pub(crate) origin: String,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    over_http1: AtomicU64,
    over_http2: AtomicU64,
}

impl Service {
    pub(crate) async fn start(identity: Identity, alpn: Alpn) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(tls(identity, alpn)));
        let counts = Arc::new(Counts::default());
        let service = Self {
            origin: format!("https://localhost:{port}"),
            counts: Arc::clone(&counts),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counts.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&counts)));
            }
        });
        service
    }

    pub(crate) fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests_over_http1(&self) -> u64 {
        self.counts.over_http1.load(Ordering::SeqCst)
    }

    pub(crate) fn requests_over_http2(&self) -> u64 {
        self.counts.over_http2.load(Ordering::SeqCst)
    }
}

pub(crate) fn tls(identity: Identity, alpn: Alpn) -> ServerConfig {
    let mut tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate], identity.key)
        .unwrap();
    tls.alpn_protocols = match alpn {
        Alpn::Http2 => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Alpn::Http1 => vec![b"http/1.1".to_vec()],
        Alpn::Nothing => Vec::new(),
    };
    tls
}

/// A client that does not like the certificate hangs up in the handshake.
async fn serve(stream: TcpStream, acceptor: TlsAcceptor, counts: Arc<Counts>) {
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let answering = service_fn(move |request| answer(request, Arc::clone(&counts)));
    let connection = auto::Builder::new(TokioExecutor::new());
    // It ends with its client, in whatever way that leaves.
    let _ = connection
        .serve_connection(TokioIo::new(stream), answering)
        .await;
}

async fn answer(
    request: Request<Incoming>,
    counts: Arc<Counts>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let count = match request.version() {
        Version::HTTP_2 => &counts.over_http2,
        _ => &counts.over_http1,
    };
    count.fetch_add(1, Ordering::SeqCst);
    let sent = request.into_body().collect().await.unwrap().to_bytes();
    assert!(sent.starts_with(b"EventType=page_load"));
    Ok(Response::new(Full::from(VERDICT)))
}
