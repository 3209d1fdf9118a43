//! Telling a connection that went stale in the pool from a service that hangs up.
//!
//! A service closes idle connections when it likes, and a call that is just being sent on one then
//! fails, though the service is well. Such a call is made once more, on a fresh connection. A call
//! on a connection of its own is not: there the service itself hung up. reqwest does not tell the
//! two apart, so this notices whether a call had to connect.

use std::cell::Cell;
use std::future::Future;
use std::task::{Context, Poll};

use tower::{Layer, Service};

tokio::task_local! {
    static CONNECTS: Cell<bool>;
}

/// What a call was sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connection {
    Fresh,
    /// One of the pool's, which had carried a call before.
    Reused,
}

/// Runs a call and says what it was sent on. A call that began to connect and was then given an
/// idle connection counts as fresh: it is not made twice.
pub(super) async fn noticing<F: Future>(call: F) -> (F::Output, Connection) {
    let call = async {
        let output = call.await;
        let connected = CONNECTS.with(Cell::get);
        (
            output,
            if connected {
                Connection::Fresh
            } else {
                Connection::Reused
            },
        )
    };
    CONNECTS.scope(Cell::new(false), call).await
}

/// A layer around the connector, which is only called where the pool has nothing to give.
#[derive(Debug, Clone, Copy)]
pub(super) struct NoticeConnects;

impl<S> Layer<S> for NoticeConnects {
    type Service = NoticingConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        NoticingConnector(inner)
    }
}

#[derive(Debug, Clone)]
pub(super) struct NoticingConnector<S>(S);

impl<S: Service<R>, R> Service<R> for NoticingConnector<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, destination: R) -> Self::Future {
        // Outside a call that is noticed there is nothing to note.
        let _ = CONNECTS.try_with(|connects| connects.set(true));
        self.0.call(destination)
    }
}
