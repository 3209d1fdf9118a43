//! One call on a leased connection over HTTP/1.1, as a state machine: write the request, read the
//! head, read the body.
//!
//! Written by hand since it must be movable: dropped before its end, a call is completed in the
//! background. An async block would have to be boxed for that, each time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Sleep;

use super::Http1;
use super::response::{After, Head};
use super::wire::{More, Wire};
use crate::transport::http::failed::Failed;
use crate::transport::http::origin::Origin;
use crate::transport::http::pool::Lease;
use crate::transport::{ApiRequest, ApiResponse, failure};

/// How long the body of a response without a verdict is read, to keep the connection.
const ERROR_BODY: Duration = Duration::from_millis(10);

/// A call, and its place on the connection.
///
/// Dropped before its end, it is completed in the background: a timed-out call does not cost its
/// connection. Nothing is sent for it where nothing was.
pub(in crate::transport::http) struct Exchange(Option<Running>);

struct Running {
    call: Call,
    /// Released after the call has put the connection back.
    lease: Lease,
}

impl Exchange {
    pub(in crate::transport::http) fn new(
        lease: Lease,
        http1: Arc<Http1>,
        origin: &Origin,
        path: &str,
        call: &ApiRequest,
    ) -> Self {
        Self(Some(Running {
            call: Call::new(http1, origin, path, call),
            lease,
        }))
    }
}

impl Future for Exchange {
    type Output = Result<ApiResponse, Failed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(running) = &mut self.0 else {
            return Poll::Pending;
        };
        let result = ready!(running.call.poll(cx));
        self.0 = None;
        Poll::Ready(result)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(Running { mut call, lease }) =
            self.0.take_if(|running| running.call.has_begun())
        {
            let (pool, id) = (Arc::clone(lease.pool()), lease.id());
            pool.finish_late(id, async move {
                let _ = std::future::poll_fn(|cx| call.poll(cx)).await;
                drop(call);
                drop(lease);
            });
        }
    }
}

struct Call {
    http1: Arc<Http1>,
    /// `None` once it is put back, or where it was gone from the beginning.
    wire: Option<Wire>,
    /// How many bytes the connection had read before.
    read_before: u64,
    stage: Stage,
}

enum Stage {
    /// So many bytes are written.
    Write(usize),
    /// So many bytes are received that are not a head yet.
    Head(usize),
    VerdictBody(Head),
    /// Only success carries a verdict. Another body is read for the connection's sake alone.
    OtherBody(Head, Pin<Box<Sleep>>),
}

impl Call {
    fn new(http1: Arc<Http1>, origin: &Origin, path: &str, call: &ApiRequest) -> Self {
        let mut wire = http1.take();
        let mut read_before = 0;
        if let Some(wire) = &mut wire {
            read_before = wire.bytes_read();
            write_request(&mut wire.buffer, origin, path, call);
        }
        Self {
            http1,
            wire,
            read_before,
            stage: Stage::Write(0),
        }
    }

    fn has_begun(&self) -> bool {
        !matches!(self.stage, Stage::Write(0))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<ApiResponse, Failed>> {
        let result = ready!(self.poll_stages(cx));
        if let Some(wire) = self.wire.take() {
            match result {
                Ok((_, After::Reusable)) => self.http1.put_back(wire),
                Ok((_, After::Spent)) | Err(_) => self.http1.end(wire),
            }
        }
        Poll::Ready(result.map(|(response, _)| response))
    }

    fn poll_stages(&mut self, cx: &mut Context<'_>) -> Poll<Result<(ApiResponse, After), Failed>> {
        let http1 = &*self.http1;
        let Some(wire) = &mut self.wire else {
            return Poll::Ready(Err(http1.not_sent()));
        };
        loop {
            match &mut self.stage {
                Stage::Write(written) => {
                    // Until a byte is written, and in the same step.
                    if *written == 0 && ready!(wire.poll_can_begin(cx)).is_err() {
                        return Poll::Ready(Err(http1.not_sent()));
                    }
                    match ready!(wire.poll_write(cx, written)) {
                        Ok(()) => {}
                        // It may have responded before: it is overloaded, or the request too large.
                        Err(error) if failure::is_connection_closed(&error) => {}
                        Err(error) => {
                            return Poll::Ready(Err(http1.unanswered(
                                error,
                                wire,
                                self.read_before,
                            )));
                        }
                    }
                    wire.buffer.clear();
                    self.stage = Stage::Head(0);
                }
                Stage::Head(seen) => {
                    let result = ready!(wire.poll_read(cx)).and_then(|more| match more {
                        More::Bytes => Ok(()),
                        More::Never => Err(io::ErrorKind::UnexpectedEof.into()),
                    });
                    result.map_err(|error| http1.unanswered(error, wire, self.read_before))?;
                    let head = Head::parse(&mut wire.buffer, *seen)?;
                    *seen = wire.buffer.len();
                    if let Some(head) = head {
                        http1.has_served.store(true, Ordering::Relaxed);
                        self.stage = Stage::body(head);
                    }
                }
                Stage::VerdictBody(head) => {
                    let (body, after) = ready!(wire.poll_body(cx, head))?;
                    return Poll::Ready(Ok((respond(head, body), after)));
                }
                Stage::OtherBody(head, patience) => {
                    let after = match wire.poll_body(cx, head) {
                        Poll::Ready(Ok((_, after))) => after,
                        Poll::Ready(Err(_)) => After::Spent,
                        Poll::Pending => {
                            ready!(patience.as_mut().poll(cx));
                            After::Spent
                        }
                    };
                    return Poll::Ready(Ok((respond(head, Bytes::new()), after)));
                }
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let has_begun = self.has_begun();
        if let Some(wire) = self.wire.take() {
            if has_begun {
                self.http1.end(wire);
            } else {
                self.http1.put_back(wire);
            }
        }
    }
}

impl Stage {
    fn body(head: Head) -> Self {
        if head.is_success() {
            Self::VerdictBody(head)
        } else {
            Self::OtherBody(head, Box::pin(tokio::time::sleep(ERROR_BODY)))
        }
    }
}

impl Http1 {
    /// No head of a response arrived.
    fn unanswered(&self, error: io::Error, wire: &Wire, read_before: u64) -> Failed {
        let crossed_with_close = self.has_served()
            && wire.bytes_read() == read_before
            && failure::is_connection_closed(&error);
        let error = failure::unanswered(error);
        if crossed_with_close {
            Failed::NotProcessed(error)
        } else {
            Failed::Final(error)
        }
    }
}

fn respond(head: &Head, body: Bytes) -> ApiResponse {
    ApiResponse::new(head.status, body).with_retry_after(head.retry_after)
}

fn write_request(to: &mut Vec<u8>, origin: &Origin, path: &str, call: &ApiRequest) {
    let length = call.body.len().to_string();
    let parts: [&[u8]; 10] = [
        b"POST ",
        path.as_bytes(),
        b" HTTP/1.1\r\nhost: ",
        origin.authority.as_str().as_bytes(),
        b"\r\ncontent-type: ",
        call.content_type.as_bytes(),
        b"\r\ncontent-length: ",
        length.as_bytes(),
        b"\r\n\r\n",
        &call.body,
    ];
    to.reserve_exact(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        to.extend_from_slice(part);
    }
}
