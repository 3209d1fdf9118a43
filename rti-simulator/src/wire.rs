//! The socket of one connection, and what came on it that nobody has looked at yet.
//!
//! A client that closes its half counts as gone: that it still listens cannot be told from here.

use std::io;
use std::pin::pin;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, copy, sink};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// How much is taken in advance while waiting for something else.
const READ_AHEAD: usize = 64 * 1024;

/// A client that was refused in the middle of its sending gets this long to read why.
const LINGER: Duration = Duration::from_secs(1);

pub(crate) struct Wire {
    stream: TcpStream,
    pub(crate) unread: Vec<u8>,
}

/// Whether there may be more to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    More,
    End,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Without it answers are only slower.
        let _ = stream.set_nodelay(true);
        let unread = Vec::new();
        Self { stream, unread }
    }

    /// Waits until the next request begins, or there will be none, and reads nothing.
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

    /// Byte by byte, with this pause between two.
    pub(crate) async fn drip(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.write(&[*byte]).await?;
            self.pause(pause).await?;
        }
        Ok(())
    }

    /// Waits, or fails as soon as the client is gone.
    pub(crate) async fn pause(&mut self, pause: Duration) -> io::Result<()> {
        let mut over = pin!(sleep(pause));
        loop {
            let room = self.unread.len() < READ_AHEAD;
            tokio::select! {
                () = &mut over => return Ok(()),
                read = self.read(), if room => if read? == Read::End {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                },
            }
        }
    }

    /// Waits until the client is gone; what it still sends is lost.
    pub(crate) async fn hang(&mut self) -> io::Result<()> {
        copy(&mut self.stream, &mut sink()).await.map(drop)
    }

    /// Waits until the client is gone, and reads nothing.
    pub(crate) async fn hang_unread(&self) -> io::Result<()> {
        while !self
            .stream
            .ready(Interest::READABLE)
            .await?
            .is_read_closed()
        {
            // Claims that there is nothing to read, so that the next wait is for something new.
            let nothing = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
            let _ = self.stream.try_io(Interest::READABLE, nothing);
        }
        Ok(())
    }

    pub(crate) async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    /// Closes, and reads on for a while: with bytes unread, closing is a reset, and the client might
    /// lose the answer with it.
    pub(crate) async fn close_gently(&mut self) -> io::Result<()> {
        self.close().await?;
        let _ = timeout(LINGER, self.hang()).await;
        Ok(())
    }

    /// Has the socket closed with RST: without lingering, what is queued is discarded.
    pub(crate) fn reset_on_drop(&self) -> io::Result<()> {
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }
}
