//! One direction of one connection: what is read leaves later, in order.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::Fate;
use super::line::Line;

/// What one read takes at most.
const CHUNK: usize = 16 * 1024;

/// How many chunks may be under way: a thousand small messages, or 16 MiB. Past it the sender is
/// not read, as with a full window of TCP.
const UNDER_WAY: usize = 1024;

/// Bytes, and when they arrive; none at all are the end of the direction.
type Chunk = (Instant, Vec<u8>);

/// Carries bytes until the end of the direction has arrived. An error is a reset by one side.
pub(super) async fn carry(
    from: ReadHalf<'_>,
    to: WriteHalf<'_>,
    line: &Line,
    delay: impl Fn() -> Duration,
    fate: watch::Receiver<Fate>,
) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel(UNDER_WAY);
    let read = read(from, line, delay, sender);
    tokio::try_join!(read, deliver(to, receiver, fate)).map(drop)
}

async fn read(
    mut from: ReadHalf<'_>,
    line: &Line,
    delay: impl Fn() -> Duration,
    sender: mpsc::Sender<Chunk>,
) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    // A shorter delay from now on must not let bytes overtake those before.
    let mut latest = Instant::now();
    loop {
        let read = from.read(&mut buffer).await?;
        let arrives = line.left(Instant::now(), read) + delay();
        latest = latest.max(arrives);
        let sent = sender.send((latest, buffer[..read].to_vec())).await;
        if read == 0 || sent.is_err() {
            return Ok(());
        }
    }
}

async fn deliver(
    mut to: WriteHalf<'_>,
    mut chunks: mpsc::Receiver<Chunk>,
    mut fate: watch::Receiver<Fate>,
) -> io::Result<()> {
    while let Some((arrives, bytes)) = chunks.recv().await {
        // What is late already needs no timer, which would cost a millisecond.
        if arrives > Instant::now() {
            sleep_until(arrives).await;
        }
        // It fails where the proxy is gone, and this connection with it.
        let _ = fate.wait_for(|fate| *fate != Fate::Pause).await;
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(&bytes).await?;
    }
    Ok(())
}
