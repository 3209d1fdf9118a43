//! A service that is told, connection by connection, what to do.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rti_core::Rti;
use socket2::SockRef;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::checking::config;

/// A verdict that would block, with a cookie: nothing of it may show where it is not whole.
const VERDICT: &str =
    r#"{"version":1,"isInvalid":true,"threatTypeCode":3,"setCookie":"_cheq_rti=b"}"#;

/// A running service.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) origin: String,
    accepted: Arc<AtomicU64>,
}

/// One connection of a client.
#[derive(Debug)]
pub(crate) struct Connection {
    /// From zero.
    pub(crate) number: u64,
    pub(crate) stream: TcpStream,
}

impl Service {
    /// Does this with each connection.
    pub(crate) async fn start<F>(each: impl Fn(Connection) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let accepted = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&accepted);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                stream.set_nodelay(true).unwrap();
                tokio::spawn(each(Connection { number, stream }));
            }
        });
        Self { origin, accepted }
    }

    /// How many connections there have been.
    pub(crate) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    /// An engine that asks here, without a circuit breaker.
    pub(crate) fn engine_within(&self, deadline: Duration) -> Rti {
        let config = config(&self.origin)
            .circuit_breaker(rti_core::CircuitBreaker::Off)
            .timeout(deadline);
        Rti::new(config.build().unwrap()).unwrap()
    }
}

impl Connection {
    /// Reads one request, whole. False when the client hangs up instead.
    pub(crate) async fn read_request(&mut self) -> bool {
        let mut request = Vec::new();
        while !is_whole(&request) {
            if self.stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
                return false;
            }
        }
        true
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Reads a request and gives the verdict.
    pub(crate) async fn answer(&mut self) {
        self.read_request().await;
        self.write(&answer()).await.unwrap();
    }

    /// Waits until the client hangs up.
    pub(crate) async fn hung_up(mut self) {
        // A reset is an end as well.
        let _ = self.stream.read_to_end(&mut Vec::new()).await;
    }

    /// Resets the connection (RST) instead of closing it.
    pub(crate) fn reset(self) {
        SockRef::from(&self.stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    }
}

pub(crate) fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split_once("content-length: ").unwrap().1;
    let length: usize = length.lines().next().unwrap().parse().unwrap();
    body.len() >= length
}

/// A whole answer, over a connection that is kept.
pub(crate) fn answer() -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
    format!("{head}: {}\r\n\r\n{VERDICT}", VERDICT.len()).into_bytes()
}

/// How many bytes of [`answer`] are its head.
pub(crate) fn head_length() -> usize {
    answer().len() - VERDICT.len()
}
