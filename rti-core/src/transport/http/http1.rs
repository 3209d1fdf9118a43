//! Calls over HTTP/1.1: one at a time on a connection.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;

use super::connection::Driver;
use super::failed::{Failed, retry_after};
use super::origin::{BytesRead, Metered, Origin};
use super::pool::{Id, Lease, Pool};
use crate::error::{CallError, FailOpenReason};
use crate::transport::{ApiRequest, ApiResponse, MAX_RESPONSE_BYTES, failure};

/// How long the body of a response without a verdict is read, to keep the connection.
const ERROR_BODY: Duration = Duration::from_millis(10);

type Sender = SendRequest<Full<Bytes>>;

pub(super) struct Http1 {
    /// `None` while a call uses it, and for good when that call did not leave it reusable.
    sender: Mutex<Option<Sender>>,
    /// Whether it has carried a response.
    has_served: AtomicBool,
    bytes_read: BytesRead,
}

impl Http1 {
    pub(super) async fn handshake(io: Metered) -> io::Result<(Self, Driver)> {
        let bytes_read = io.bytes_read();
        let handshake = Builder::new()
            .max_buf_size(MAX_RESPONSE_BYTES)
            .handshake(TokioIo::new(io));
        let (sender, connection) = handshake.await.map_err(io::Error::other)?;
        let http1 = Self {
            sender: Mutex::new(Some(sender)),
            has_served: AtomicBool::new(false),
            bytes_read,
        };
        Ok((http1, connection.map(|_closed| ()).boxed()))
    }

    pub(super) fn is_usable(&self) -> bool {
        self.sender()
            .as_ref()
            .is_some_and(|sender| !sender.is_closed())
    }

    fn sender(&self) -> MutexGuard<'_, Option<Sender>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<ApiResponse, Failed> {
        let sender = self.sender().take();
        let Some(mut sender) = sender else {
            return Err(self.not_sent());
        };
        if sender.ready().await.is_err() {
            return Err(self.not_sent());
        }
        let read_before = self.bytes_read.get();
        let response = match sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => {
                if error.take_message().is_some() {
                    return Err(self.not_sent());
                }
                let error = error.into_error();
                let crossed_with_close = self.has_served()
                    && self.bytes_read.get() == read_before
                    && failure::is_connection_closed(&error);
                let error = failure::unanswered(error);
                return Err(if crossed_with_close {
                    Failed::NotProcessed(error)
                } else {
                    Failed::Final(error)
                });
            }
        };
        self.has_served.store(true, Ordering::Relaxed);
        let (response, remains_open) = read(response).await?;
        if remains_open {
            *self.sender() = Some(sender);
        }
        Ok(response)
    }

    fn has_served(&self) -> bool {
        self.has_served.load(Ordering::Relaxed)
    }

    fn not_sent(&self) -> Failed {
        Failed::not_sent(self.has_served())
    }
}

/// The response, and whether its connection can carry another one: not when its body was left.
async fn read(response: Response<Incoming>) -> Result<(ApiResponse, bool), CallError> {
    let (head, body) = response.into_parts();
    if head.status.is_success() && body.size_hint().lower() > MAX_RESPONSE_BYTES as u64 {
        return Err(FailOpenReason::Oversize.into());
    }
    let whole = Limited::new(body, MAX_RESPONSE_BYTES).collect();
    let respond = |body| {
        ApiResponse::new(head.status.as_u16(), body).with_retry_after(retry_after(&head.headers))
    };
    if head.status.is_success() {
        return match whole.await {
            Ok(body) => Ok((respond(body.to_bytes()), true)),
            Err(error) if error.is::<LengthLimitError>() => Err(FailOpenReason::Oversize.into()),
            Err(error) => Err(CallError::new(FailOpenReason::Malformed, error)),
        };
    }
    // Only success carries a verdict. Another body is read for the connection's sake alone.
    let left = tokio::time::timeout(ERROR_BODY, whole).await;
    Ok((respond(Bytes::new()), matches!(left, Ok(Ok(_)))))
}

/// One call on a leased connection.
///
/// Dropped before its end, it is completed in the background: a timed-out call does not cost its
/// connection.
pub(super) struct Exchange {
    future: Option<BoxFuture<'static, Result<ApiResponse, Failed>>>,
    pool: Arc<Pool>,
    id: Id,
}

impl Exchange {
    pub(super) fn new(
        lease: Lease,
        http1: Arc<Http1>,
        origin: &Origin,
        path: PathAndQuery,
        call: &ApiRequest,
    ) -> Self {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = path.into();
        let headers = request.headers_mut();
        headers.insert(HOST, origin.host_header.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
        Self {
            pool: Arc::clone(lease.pool()),
            id: lease.id(),
            future: Some(
                async move {
                    let result = http1.exchange(request).await;
                    drop(lease);
                    result
                }
                .boxed(),
            ),
        }
    }
}

impl Future for Exchange {
    type Output = Result<ApiResponse, Failed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.future else {
            return Poll::Pending;
        };
        let result = ready!(future.as_mut().poll(cx));
        self.future = None;
        Poll::Ready(result)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            self.pool.finish_late(self.id, future);
        }
    }
}
