//! The socket of one connection, and the bytes that have arrived but were not parsed yet.
//!
//! A client that closes its half of the connection counts as disconnected: whether it still reads is
//! not visible here.

use std::io;
use std::pin::pin;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, copy, sink};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How many bytes are read in advance during a pause.
const READ_AHEAD_BYTES: usize = 64 * 1024;

/// How long a client that was refused while it was still sending has to read the reason.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Socket {
    stream: TcpStream,
    pub(crate) unread: Vec<u8>,
}

/// Whether there may be more to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    More,
    End,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Without it answers are only slower.
        let _ = stream.set_nodelay(true);
        let unread = Vec::new();
        Self { stream, unread }
    }

    /// Waits until a request begins or the client closes, and reads nothing.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        if self.unread.is_empty() {
            self.stream.readable().await?;
        }
        Ok(())
    }

    pub(crate) async fn read(&mut self) -> io::Result<Read> {
        match self.stream.read_buf(&mut self.unread).await? {
            0 => Ok(Read::End),
            _ => Ok(Read::More),
        }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Writes byte by byte, with this pause between two.
    pub(crate) async fn write_slowly(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.write(&[*byte]).await?;
            self.pause(pause).await?;
        }
        Ok(())
    }

    /// Waits, or fails as soon as the client disconnects.
    pub(crate) async fn pause(&mut self, pause: Duration) -> io::Result<()> {
        let mut over = pin!(sleep(pause));
        loop {
            let has_capacity = self.unread.len() < READ_AHEAD_BYTES;
            tokio::select! {
                () = &mut over => return Ok(()),
                read = self.read(), if has_capacity => if read? == Read::End {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                },
            }
        }
    }

    /// Waits until the client disconnects, and discards what it still sends.
    pub(crate) async fn hang(&mut self) -> io::Result<()> {
        copy(&mut self.stream, &mut sink()).await.map(drop)
    }

    /// Waits until the client disconnects, and reads nothing.
    pub(crate) async fn hang_unread(&self) -> io::Result<()> {
        while !self
            .stream
            .ready(Interest::READABLE)
            .await?
            .is_read_closed()
        {
            // Clears the readiness, so that the next wait is for new bytes.
            let nothing = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
            let _ = self.stream.try_io(Interest::READABLE, nothing);
        }
        Ok(())
    }

    pub(crate) async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Closes, and continues to read for a while: closing with bytes unread is a reset, and the client
    /// might lose the response.
    pub(crate) async fn close_after_reading(&mut self) -> io::Result<()> {
        self.close().await?;
        let _ = timeout(LINGER, self.hang()).await;
        Ok(())
    }

    /// Makes the socket close with RST: without lingering, queued bytes are discarded.
    pub(crate) fn reset_on_drop(&self) -> io::Result<()> {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }
}
