//! An open connection, whichever protocol it speaks.

use std::io;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::http1::Http1;
use super::http2::Http2;
use super::metered::Metered;
use super::origin::Protocol;
use super::pool::Slot;

#[derive(Clone)]
pub(super) enum Connection {
    Http1(Arc<Http1>),
    Http2(Arc<Http2>),
}

/// Reads and writes what a connection carries, until it is closed.
pub(super) type Driver = BoxFuture<'static, ()>;

impl Connection {
    pub(super) async fn handshake(protocol: Protocol, io: Metered) -> io::Result<(Self, Driver)> {
        match protocol {
            Protocol::Http1 => {
                let (http1, driver) = Http1::new(io);
                Ok((Self::Http1(Arc::new(http1)), driver))
            }
            Protocol::Http2 => {
                let (http2, driver) = Http2::handshake(io).await?;
                Ok((Self::Http2(Arc::new(http2)), driver))
            }
        }
    }

    pub(super) fn is_usable(&self) -> bool {
        match self {
            Self::Http1(http1) => http1.is_usable(),
            Self::Http2(http2) => http2.is_usable(),
        }
    }
}

impl Slot for Connection {
    fn capacity(&self) -> usize {
        match self {
            Self::Http1(_) => 1,
            Self::Http2(http2) => http2.max_streams(),
        }
    }

    fn is_probed_when_idle(&self) -> bool {
        matches!(self, Self::Http2(_))
    }
}
