//! Calls over HTTP/2: many at a time on a connection.
//!
//! `h2` itself and not hyper's client on it: hyper does not tell how many streams the service allows,
//! and queues the calls beyond, where they wait behind others until their deadline.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt as _;
use h2::client::{Builder, SendRequest};
use h2::{Ping, PingPong, Reason, RecvStream};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri, Version};
use tokio::time::Instant;

use super::connection::Driver;
use super::failed::{Failed, retry_after};
use super::metered::{BytesRead, Metered};
use super::origin::Origin;
use super::pool::Lease;
use crate::error::{CallError, FailOpenReason};
use crate::transport::{ApiRequest, ApiResponse, MAX_RESPONSE_BYTES, failure};

/// How many streams a service is taken to allow before it has said so: its settings arrive with the
/// first response at the latest, and what it refuses until then is sent on another connection.
const STREAMS_BEFORE_SETTINGS: usize = 100;

/// How many calls that were given up, in the last second, h2 remembers on a connection. A response that
/// crosses with the reset of a forgotten one counts as an error of ours, of which h2 allows 1,024 before
/// it ends the connection with all calls on it: clients that leave early could do that to everybody.
const REMEMBERED_RESETS: usize = 4096;

/// How long a connection may be without a byte before it is probed, and how long the probe may take.
const PING_AFTER: Duration = Duration::from_secs(5);
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// This many calls in a row without a byte from the service, and the connection is replaced.
const MAX_MISSED: u32 = 3;

pub(super) struct Http2 {
    sender: SendRequest<Bytes>,
    /// Whether it has carried a response.
    has_served: AtomicBool,
    /// Whether the service takes no more calls on it.
    is_closing: AtomicBool,
    missed: AtomicU32,
    bytes_read: BytesRead,
}

impl Http2 {
    pub(super) async fn handshake(io: Metered) -> io::Result<(Self, Driver)> {
        let bytes_read = io.bytes_read().clone();
        let max_header_list = u32::try_from(MAX_RESPONSE_BYTES).unwrap_or(u32::MAX);
        let handshake = Builder::new()
            .enable_push(false)
            .initial_max_send_streams(STREAMS_BEFORE_SETTINGS)
            .max_header_list_size(max_header_list)
            .max_concurrent_reset_streams(REMEMBERED_RESETS)
            .handshake::<_, Bytes>(io);
        let (sender, mut connection) = handshake.await.map_err(io::Error::other)?;
        let pings = connection.ping_pong();
        let read = bytes_read.clone();
        let driver = async move {
            tokio::select! {
                _closed = connection => {}
                () = until_silent(pings, read) => {}
            }
        };
        let http2 = Self {
            sender,
            has_served: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
            missed: AtomicU32::new(0),
            bytes_read,
        };
        Ok((http2, driver.boxed()))
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.is_closing.load(Ordering::Relaxed)
    }

    pub(super) fn max_streams(&self) -> usize {
        self.sender.current_max_send_streams()
    }

    /// Makes a call on a leased connection. Dropping the future resets the stream.
    pub(super) async fn exchange(
        &self,
        lease: &Lease,
        request: Request<()>,
        body: Bytes,
        timeout: Duration,
    ) -> Result<ApiResponse, Failed> {
        let ready = self.sender.clone().ready().await;
        let mut sender = ready.map_err(|_closed| self.not_sent())?;
        let sent = sender.send_request(request, false);
        let (response, mut stream) = sent.map_err(|_closed| self.not_sent())?;
        let mut unanswered = Unanswered {
            http2: self,
            lease,
            sent: Instant::now(),
            bytes_read: self.bytes_read.get(),
            timeout,
            is_over: false,
        };
        stream
            .send_data(body, true)
            .map_err(|error| self.not_answered(error))?;
        let response = response.await.map_err(|error| self.not_answered(error));
        // It answered, or it failed: either way it is not silent.
        unanswered.is_over = true;
        self.missed.store(0, Ordering::Relaxed);
        let (head, body) = response?.into_parts();
        self.has_served.store(true, Ordering::Relaxed);
        // Only success carries a verdict; dropping another body resets its stream.
        let body = if head.status.is_success() {
            read(body).await?
        } else {
            Bytes::new()
        };
        let retry_after = retry_after(&head.headers);
        Ok(ApiResponse::new(head.status.as_u16(), body).with_retry_after(retry_after))
    }

    fn not_sent(&self) -> Failed {
        self.is_closing.store(true, Ordering::Relaxed);
        Failed::not_sent(self.has_served.load(Ordering::Relaxed))
    }

    fn not_answered(&self, error: h2::Error) -> Failed {
        let is_refused =
            error.is_remote() && error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
        // Streams that the service has begun with are not among those that a GOAWAY ends.
        let is_going_away = error.is_remote() && error.is_go_away();
        let crossed_with_close = error.is_io() && self.has_served.load(Ordering::Relaxed);
        if is_going_away || error.is_io() {
            self.is_closing.store(true, Ordering::Relaxed);
        }
        let is_lost = is_refused || is_going_away || error.is_io();
        let error = if is_lost {
            CallError::new(FailOpenReason::Connect, error)
        } else {
            failure::unanswered(error)
        };
        if is_refused || is_going_away || crossed_with_close {
            Failed::NotProcessed(error)
        } else {
            Failed::Final(error)
        }
    }
}

pub(super) fn request(
    origin: &Origin,
    path: &str,
    call: &ApiRequest,
) -> Result<Request<()>, CallError> {
    let uri = Uri::builder()
        .scheme(origin.scheme())
        .authority(origin.authority.clone())
        .path_and_query(path)
        .build()
        .map_err(|error| CallError::new(FailOpenReason::Internal, error))?;
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    *request.version_mut() = Version::HTTP_2;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
    Ok(request)
}

async fn read(mut stream: RecvStream) -> Result<Bytes, CallError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = stream.data().await {
        // A response that began and did not end is none.
        let chunk = chunk.map_err(|error| CallError::new(FailOpenReason::Malformed, error))?;
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(FailOpenReason::Oversize.into());
        }
        let _ = stream.flow_control().release_capacity(chunk.len());
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A call without a response, dropped at its deadline or because its visitor left.
struct Unanswered<'a> {
    http2: &'a Http2,
    lease: &'a Lease,
    sent: Instant,
    bytes_read: u64,
    timeout: Duration,
    is_over: bool,
}

impl Drop for Unanswered<'_> {
    /// A connection that went silent without a word, as behind a firewall that forgot it, would
    /// otherwise take all its calls along until a PING finds out. A visitor who left soon after the
    /// request was sent says nothing.
    fn drop(&mut self) {
        let http2 = self.http2;
        let is_silent = http2.bytes_read.get() == self.bytes_read;
        if self.is_over || !is_silent || self.sent.elapsed() < self.timeout / 2 {
            return;
        }
        if http2.missed.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_MISSED {
            http2.is_closing.store(true, Ordering::Relaxed);
            self.lease.pool().retire(self.lease.id());
        }
    }
}

/// Returns when the service does not answer a PING.
async fn until_silent(pings: Option<PingPong>, bytes_read: BytesRead) {
    let Some(mut pings) = pings else {
        return std::future::pending().await;
    };
    let mut seen = bytes_read.get();
    loop {
        tokio::time::sleep(PING_AFTER).await;
        let read = std::mem::replace(&mut seen, bytes_read.get());
        if read != seen {
            continue;
        }
        match tokio::time::timeout(PING_TIMEOUT, pings.ping(Ping::opaque())).await {
            Ok(Ok(_pong)) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}
