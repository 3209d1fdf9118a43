//! A verdict service that does nothing but answer, hang or refuse.
//!
//! The simulator reads every field of a request and so costs more than the servers that are
//! measured; here a request is counted and answered.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rti_bench::canned::ANSWER_V1;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::load::message_length;
use crate::{ports, precise};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// A verdict after this time.
    Answer(Duration),
    /// Nothing, until the behaviour changes.
    Hang,
    /// Nobody listens, and all connections are closed.
    Refuse,
}

/// A verdict service on loopback, in this thread's runtime; it ends with this.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    behaviour: watch::Sender<Behaviour>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    requests: AtomicU64,
    answers: AtomicU64,
    connections: AtomicU64,
}

impl Service {
    pub(crate) fn start() -> Self {
        let listener = ports::listen();
        let address = listener.local_addr().expect("a listener has an address");
        let behaviour = watch::Sender::new(Behaviour::Answer(Duration::ZERO));
        let counts = Arc::new(Counts::default());
        tokio::spawn(listen(
            listener,
            address,
            behaviour.subscribe(),
            Arc::clone(&counts),
        ));
        Self {
            address,
            behaviour,
            counts,
        }
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.behaviour.send_replace(behaviour);
    }

    /// Requests read whole.
    pub(crate) fn requests(&self) -> u64 {
        self.counts.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn answers(&self) -> u64 {
        self.counts.answers.load(Ordering::Relaxed)
    }

    /// Connections accepted.
    pub(crate) fn connections(&self) -> u64 {
        self.counts.connections.load(Ordering::Relaxed)
    }
}

async fn listen(
    mut listener: TcpListener,
    address: SocketAddr,
    mut behaviour: watch::Receiver<Behaviour>,
    counts: Arc<Counts>,
) {
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    counts.connections.fetch_add(1, Ordering::Relaxed);
                    tokio::spawn(converse(stream, behaviour.clone(), Arc::clone(&counts)));
                }
                continue;
            }
            // The sender is gone when the measurement is.
            refusing = refuses(&mut behaviour) => if !refusing {
                return;
            }
        }
        drop(listener);
        if behaviour
            .wait_for(|behaviour| *behaviour != Behaviour::Refuse)
            .await
            .is_err()
        {
            return;
        }
        listener = ports::listen_on(address).expect("the port is still ours");
    }
}

/// Waits until the service shall refuse; false when it is not needed any more.
async fn refuses(behaviour: &mut watch::Receiver<Behaviour>) -> bool {
    let refuses = |behaviour: &Behaviour| *behaviour == Behaviour::Refuse;
    behaviour.wait_for(refuses).await.is_ok()
}

/// Ends with the connection, or when the service refuses.
async fn converse(
    stream: TcpStream,
    mut behaviour: watch::Receiver<Behaviour>,
    counts: Arc<Counts>,
) {
    let mut refusing = behaviour.clone();
    tokio::select! {
        _ = answer(stream, &mut behaviour, &counts) => {}
        _ = refuses(&mut refusing) => {}
    }
}

async fn answer(
    mut stream: TcpStream,
    behaviour: &mut watch::Receiver<Behaviour>,
    counts: &Counts,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{ANSWER_V1}",
        ANSWER_V1.len()
    );
    let mut buffer = vec![0; 4096];
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            buffer.resize(filled * 2, 0);
        }
        let read = stream.read(&mut buffer[filled..]).await?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        if message_length(&buffer[..filled]).is_none_or(|length| filled < length) {
            continue;
        }
        filled = 0;
        counts.requests.fetch_add(1, Ordering::Relaxed);
        wait(&mut stream, behaviour).await?;
        stream.write_all(answer.as_bytes()).await?;
        counts.answers.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits as the behaviour says; an error when the client is gone meanwhile.
async fn wait(
    stream: &mut TcpStream,
    behaviour: &mut watch::Receiver<Behaviour>,
) -> io::Result<()> {
    loop {
        let now = *behaviour.borrow_and_update();
        match now {
            Behaviour::Answer(Duration::ZERO) => return Ok(()),
            Behaviour::Answer(delay) => {
                precise::sleep(delay).await;
                return Ok(());
            }
            Behaviour::Refuse => return Err(io::ErrorKind::ConnectionAborted.into()),
            Behaviour::Hang => {}
        }
        tokio::select! {
            changed = behaviour.changed() => {
                changed.map_err(|_| io::Error::from(io::ErrorKind::ConnectionAborted))?;
            }
            // A client with a call under way says nothing more; readable means that it is gone.
            readable = stream.readable() => {
                readable?;
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
