//! Load: so many connections, each with a request under way at any time.
//!
//! Raw sockets, one request's bytes over and over, and of an answer no more is read than where it
//! ends: it must cost little beside the server. It runs in the harness's one thread together with
//! the verdict service; that the two are no bottleneck is measured, by asking the service directly.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Answered {
    pub(crate) requests: u64,
    pub(crate) elapsed: Duration,
    /// In nanoseconds, ascending.
    latencies: Vec<u32>,
}

impl Answered {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64()
    }

    /// A latency in microseconds; `part` is 0.5 for the median.
    pub(crate) fn latency(&self, part: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let index = (last as f64 * part).round() as usize;
        self.latencies
            .get(index)
            .map_or(f64::NAN, |nanos| f64::from(*nanos) / 1000.0)
    }
}

impl Load {
    /// Puts the load on and calls `measuring` when the warming up is over, `measured` at the end.
    pub(crate) async fn run<T>(
        self,
        request: &[u8],
        measuring: impl FnOnce() -> T,
    ) -> (Answered, T) {
        let begins = Instant::now() + self.warm_up;
        let ends = begins + self.duration;
        let mut connections = tokio::task::JoinSet::new();
        for _ in 0..self.connections {
            let request = request.to_vec();
            connections.spawn(async move {
                let mut connection = Connection::open(self.address).await?;
                connection.ask_until(&request, begins, ends).await
            });
        }
        tokio::time::sleep_until(begins.into()).await;
        let state = measuring();
        let mut answered = Answered {
            elapsed: self.duration,
            ..Answered::default()
        };
        while let Some(latencies) = connections.join_next().await {
            let latencies = latencies.expect("the load does not panic");
            answered
                .latencies
                .extend(latencies.expect("the server answers every request"));
        }
        answered.requests = answered.latencies.len() as u64;
        answered.latencies.sort_unstable();
        (answered, state)
    }
}

/// A connection to a server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 2048],
            filled: 0,
        })
    }

    async fn ask_until(
        &mut self,
        request: &[u8],
        begins: Instant,
        ends: Instant,
    ) -> io::Result<Vec<u32>> {
        let mut latencies = Vec::with_capacity(1 << 14);
        loop {
            let asked = Instant::now();
            if asked >= ends {
                return Ok(latencies);
            }
            self.ask(request).await?;
            if asked >= begins {
                latencies.push(u32::try_from(asked.elapsed().as_nanos()).unwrap_or(u32::MAX));
            }
        }
    }

    /// One request and its answer, which must be a 200.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<()> {
        self.send(request).await?;
        self.receive().await
    }

    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.stream.write_all(request).await
    }

    pub(crate) async fn receive(&mut self) -> io::Result<()> {
        self.filled = 0;
        loop {
            if self.filled == self.buffer.len() {
                self.buffer.resize(self.filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[self.filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.filled += read;
            let received = &self.buffer[..self.filled];
            if let Some(length) = message_length(received) {
                if self.filled < length {
                    continue;
                }
                if received.starts_with(b"HTTP/1.1 200 ") {
                    return Ok(());
                }
                let text = String::from_utf8_lossy(received);
                return Err(io::Error::other(format!("not a 200: {text}")));
            }
        }
    }
}

/// How long a message of HTTP/1 is, once its head is there.
pub(crate) fn message_length(message: &[u8]) -> Option<usize> {
    let head = memmem::find(message, b"\r\n\r\n")? + 4;
    let value = memmem::find(&message[..head], b"ontent-length: ")
        .or_else(|| memmem::find(&message[..head], b"ontent-Length: "));
    let Some(value) = value else {
        return Some(head);
    };
    let digits = message[value + 15..head]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
    Some(head + length)
}
