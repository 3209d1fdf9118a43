//! Connections that know what they have carried.
//!
//! A service closes idle connections when it likes, and a call that is just being sent on one then
//! fails, though the service is well. To tell that from a service that hangs up, or that stops in
//! the middle of an answer, each connection counts what it reads.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, TryFutureExt as _};
use hyper::Uri;
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tower_service::Service;

/// What a connection has carried.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    /// Whether it has brought an answer. The settings of HTTP/2, which come before any, are none.
    answered: AtomicBool,
    read: AtomicU64,
    read_at_last_write: AtomicU64,
}

impl Traffic {
    pub(super) fn note_answer(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Whether it had served before and brought nothing since it was last written to.
    pub(super) fn went_stale(&self) -> bool {
        let read = self.read.load(Ordering::Relaxed);
        self.answered.load(Ordering::Relaxed)
            && read == self.read_at_last_write.load(Ordering::Relaxed)
    }
}

/// A connector whose connections count.
#[derive(Debug, Clone)]
pub(super) struct Counting<C>(pub(super) C);

impl<C> Service<Uri> for Counting<C>
where
    C: Service<Uri, Future: Send + 'static>,
{
    type Response = TokioIo<Counted<C::Response>>;
    type Error = C::Error;
    type Future = BoxFuture<'static, Result<Self::Response, C::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let connecting = self.0.call(destination);
        connecting
            .map_ok(|io| {
                TokioIo::new(Counted {
                    io: TokioIo::new(io),
                    traffic: Arc::default(),
                })
            })
            .boxed()
    }
}

/// Counted as tokio's traits see a connection: hyper's do not tell a wrapper how much was read.
pub(super) struct Counted<T> {
    io: TokioIo<T>,
    traffic: Arc<Traffic>,
}

impl<T: Connection> Connection for Counted<T> {
    fn connected(&self) -> Connected {
        self.io.inner().connected().extra(Arc::clone(&self.traffic))
    }
}

impl<T: Read + Unpin> AsyncRead for Counted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let read = buf.filled().len() - before;
        self.traffic.read.fetch_add(read as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Counted<T> {
    fn written(&self) {
        let read = self.traffic.read.load(Ordering::Relaxed);
        self.traffic
            .read_at_last_write
            .store(read, Ordering::Relaxed);
    }
}

impl<T: Write + Unpin> AsyncWrite for Counted<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written();
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.written();
        Pin::new(&mut self.io).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
