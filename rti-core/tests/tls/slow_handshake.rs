//! A service whose TCP and TLS take longer than the deadline.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rti_core::{CircuitBreaker, Rti};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::checking::{GENEROUS, check, config};
use crate::service::{Alpn, tls};

/// Far from any answer of a service that is only asked over and over.
const DEADLINE: Duration = Duration::from_millis(200);

async fn verdict(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let _ = request.into_body().collect().await;
    Ok(Response::new(
        r#"{"isInvalid":false,"threatTypeCode":0}"#.into(),
    ))
}

/// Shakes hands once it is let, and not before.
#[tokio::test]
async fn a_connection_that_comes_after_the_deadline_serves_the_next_call() {
    let authority = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let acceptor = TlsAcceptor::from(Arc::new(tls(authority.good(), Alpn::Http2)));
    let (accepted, greeted) = (Arc::new(AtomicU64::new(0)), Arc::new(Semaphore::new(0)));
    let may_greet = Arc::new(Semaphore::new(0));
    let (count, greet, done) = (
        Arc::clone(&accepted),
        Arc::clone(&may_greet),
        Arc::clone(&greeted),
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let (acceptor, greet, done) = (acceptor.clone(), Arc::clone(&greet), Arc::clone(&done));
            tokio::spawn(async move {
                greet.acquire().await.unwrap().forget();
                let Ok(stream) = acceptor.accept(stream).await else {
                    return;
                };
                done.add_permits(1);
                let connection = auto::Builder::new(TokioExecutor::new());
                let service = service_fn(verdict);
                let _ = connection
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    let config = config(&origin)
        .timeout(DEADLINE)
        .circuit_breaker(CircuitBreaker::Off)
        .ca_certificates(authority.pem());
    let rti = Rti::new(config.build().unwrap()).unwrap();

    assert_eq!(
        check(&rti).await.outcome().reason().as_deref(),
        Some("timeout")
    );
    may_greet.add_permits(1);
    let handshake = tokio::time::timeout(GENEROUS, greeted.acquire());
    handshake
        .await
        .expect("the handshake was given up")
        .unwrap()
        .forget();
    // The handshake's last flight is on its way to the client; the call takes what comes of it.
    let mut evaluated = false;
    for _ in 0..5 {
        evaluated |= check(&rti).await.outcome().as_str() == "evaluated";
    }
    assert!(evaluated, "no verdict on a connection that was ready");
}
