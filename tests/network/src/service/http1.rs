//! HTTP/1.1, by hyper.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::sleep;

use super::connection::{AnswerKind, Open, VERDICT};
use super::{Ending, Failure};

/// One connection, and what was done on it.
struct Conversation {
    open: Open,
    requests: AtomicU64,
    /// Whether a request is under way; each change begins the idle time anew.
    busy: watch::Sender<bool>,
}

pub(super) async fn serve<S>(stream: S, open: Open) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let conversation = Arc::new(Conversation {
        open,
        requests: AtomicU64::new(0),
        busy: watch::Sender::new(false),
    });
    let answering = Arc::clone(&conversation);
    let service = service_fn(move |request| {
        let conversation = Arc::clone(&answering);
        async move { conversation.answer(request).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        biased;
        // At once, with what is under way.
        () = conversation.open.closed() => return Ok(()),
        _ = &mut connection => return Ok(()),
        () = conversation.idled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
    Ok(())
}

impl Conversation {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, io::Error> {
        self.busy.send_replace(true);
        let behaviour = self.open.behaviour();
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let last = behaviour.requests_per_connection.unwrap_or(u64::MAX);
        if behaviour.ending == Ending::Abrupt && number > last {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        // What a client breaks off is read to where it ends.
        let _ = request.into_body().collect().await;
        let answer = self.open.next_answer();
        if !answer.takes.is_zero() {
            sleep(answer.takes).await;
        }
        if self.open.is_silent() {
            std::future::pending::<()>().await;
        }
        let mut response = Response::new(Full::from(VERDICT));
        *response.status_mut() = match answer.kind {
            AnswerKind::Failure(Failure::InternalServerError) => StatusCode::INTERNAL_SERVER_ERROR,
            AnswerKind::Failure(Failure::NotFound) => StatusCode::NOT_FOUND,
            AnswerKind::Verdict | AnswerKind::Refusal => StatusCode::OK,
        };
        if behaviour.ending == Ending::Announced && number >= last {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        self.busy.send_replace(false);
        Ok(response)
    }

    /// Returns when the connection has been idle for as long as it may.
    async fn idled(&self) {
        let mut busy = self.busy.subscribe();
        loop {
            let is_busy = *busy.borrow_and_update();
            let may_idle = if is_busy { None } else { self.open.may_idle() };
            tokio::select! {
                () = sleep(may_idle.unwrap_or(Duration::MAX)) => return,
                _ = busy.changed() => {}
            }
        }
    }
}
