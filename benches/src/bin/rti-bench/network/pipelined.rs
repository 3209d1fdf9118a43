//! A request that was pipelined behind a response that nobody reads.
//!
//! Where the response was complete before the request's body was, hyper reads the next request, and
//! calls the service with it, while the response is still to be written; it polls the call when that
//! has been written.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use rti_axum::RtiLayer;
use rti_core::Rti;
use rti_test_network::Http;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};
use tokio::time::sleep;
use tower::{Layer as _, Service as _, service_fn};

use super::constants::{DEADLINE, NEAR, SETTLED};
use super::rig::Path;
use super::share::Share;
use super::visitors::Visit;

/// More than the kernel buffers.
const LARGE: usize = 6 << 20;

/// The first request but for the end of its body; and that, with the second request.
const FIRST: &[u8] = b"POST /large HTTP/1.1\r\nhost: shop.example\r\ncontent-length: 2\r\n\r\na";
const REST: &[u8] = b"bGET /page HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n";

pub(super) async fn measure(http: Http) -> Share {
    let path = Path::start(http, NEAR, |_| {});
    let engine = path.engine(|config| config.uri_exclusion(["/large"]));
    sleep(SETTLED).await;
    let mut visits = Vec::new();
    for _ in 0..5 {
        let at = engine.age();
        let status = second_status(engine.rti.clone()).await;
        visits.push(Visit {
            at,
            took: Duration::ZERO,
            without: (status != "403").then(|| status.clone()),
        });
    }
    Share::of_all(&visits)
}

/// The status of the second answer, where the first one is read late.
async fn second_status(rti: Rti) -> String {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback has a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let application = service_fn(|request: Request<Incoming>| async move {
        let large = request.uri().path() == "/large";
        // Read whenever its end comes, beside the response.
        tokio::spawn(request.into_body().collect());
        let size = if large { LARGE } else { 1 };
        Ok::<_, Infallible>(Response::new(Body::from(vec![b'x'; size])))
    });
    let protected = RtiLayer::new(rti).layer(application);
    // Not hyper-util's adapter for tower services, which calls them when it is polled.
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        protected.clone().call(request)
    });
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client comes");
        let connection = http1::Builder::new();
        let connection = connection.serve_connection(TokioIo::new(stream), service);
        // It ends with its client.
        let _ = connection.await;
    });
    let socket = TcpSocket::new_v4().expect("there are descriptors");
    socket
        .set_recv_buffer_size(64 << 10)
        .expect("a buffer can be small");
    let mut stream = socket.connect(address).await.expect("the server listens");
    let mut answers = vec![0; 1];
    let exchange = async {
        stream.write_all(FIRST).await?;
        stream.read_exact(&mut answers).await?;
        stream.write_all(REST).await
    };
    exchange.await.expect("the server answers");
    sleep(3 * DEADLINE).await;
    stream
        .read_to_end(&mut answers)
        .await
        .expect("both are answered");
    serving.await.expect("the server does not panic");
    let second = answers.get(LARGE..).unwrap_or_default();
    let at = memchr::memmem::rfind(second, b"HTTP/1.1 ").map(|at| at + 9);
    let status = at.and_then(|at| second.get(at..at + 3)).unwrap_or_default();
    String::from_utf8_lossy(status).into_owned()
}
