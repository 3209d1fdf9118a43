//! The two directions of a connection over HTTP/1.1, and the steps in which a call uses them.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};

use super::response::{After, Head};
use crate::error::{CallError, FailOpenReason};
use crate::transport::http::metered::Metered;

/// A buffer that grew beyond this, for a large request, is not kept for the next call.
const KEPT_BUFFER: usize = 8 * 1024;

/// How much is read at a time, on the stack: a waiting call holds no buffer for it.
const READ: usize = 4096;

pub(super) struct Wire {
    io: Metered,
    /// A request until it is written, then what is received.
    pub(super) buffer: Vec<u8>,
}

/// What is still to be expected from the service.
pub(super) enum More {
    Bytes,
    Never,
}

impl Wire {
    pub(super) fn new(io: Metered) -> Self {
        Self {
            io,
            buffer: Vec::new(),
        }
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.io.bytes_read().get()
    }

    /// Forgets what a call left.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BUFFER);
    }

    /// Ready when the service closed the connection between two calls. A failure says as much, and so do
    /// bytes that nobody requested. Nothing is asked of the kernel while tokio knows of nothing.
    pub(super) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut byte = [0];
        let mut buffer = ReadBuf::new(&mut byte);
        let read = Pin::new(&mut self.io).poll_read(cx, &mut buffer);
        read.map(|_ended| ())
    }

    /// Ready once it is known whether a call can begin.
    ///
    /// tokio learns what arrived when its runtime polls the kernel next, which is after the calls that are
    /// ready now. So the kernel is asked here: a second response that arrived since would be taken for the
    /// verdict about the next visitor, and that visitor's for the one after.
    pub(super) fn poll_can_begin(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
        if self.poll_ended(cx).is_ready() {
            return Poll::Ready(Err(()));
        }
        if self.io.has_unread() {
            // tokio will know of it soon. Over TLS it may be no more than a session ticket.
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes the request, of which so much is written.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        written: &mut usize,
    ) -> Poll<io::Result<()>> {
        while let Some(rest) = self.buffer.get(*written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Reads once.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<More>> {
        let mut bytes = [const { MaybeUninit::uninit() }; READ];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut read))?;
        self.buffer.extend_from_slice(read.filled());
        Poll::Ready(Ok(if read.filled().is_empty() {
            More::Never
        } else {
            More::Bytes
        }))
    }

    pub(super) fn poll_body(
        &mut self,
        cx: &mut Context<'_>,
        head: &mut Head,
    ) -> Poll<Result<(Bytes, After), CallError>> {
        if let Some(whole) = head.body(&self.buffer)? {
            return Poll::Ready(Ok(whole));
        }
        loop {
            // A response that began and did not end is none.
            let more = ready!(self.poll_read(cx));
            let more = more.map_err(|error| CallError::new(FailOpenReason::Malformed, error))?;
            let whole = match more {
                More::Bytes => head.body(&self.buffer)?,
                More::Never => Some(head.body_at_end(&self.buffer)?),
            };
            if let Some(whole) = whole {
                return Poll::Ready(Ok(whole));
            }
        }
    }

    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        self.io.shutdown().await
    }
}
