//! A connection over HTTP/1.1: one call at a time.
//!
//! A call reads and writes the socket itself. hyper's client was here before: it has a task for each
//! connection, so that a call takes two switches between tasks and two channels, and it copies every
//! header of a response into a map. That was a quarter of what a call takes beside the kernel.

mod chunks;
mod exchange;
mod response;
mod wire;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::FutureExt as _;

pub(super) use self::exchange::Exchange;
use self::wire::Wire;
use super::connection::Driver;
use super::failed::Failed;
use super::metered::Metered;

/// How long the end of a connection over TLS may take to be sent.
const CLOSE: Duration = Duration::from_secs(1);

pub(super) struct Http1 {
    shared: Arc<Shared>,
    /// Whether it has carried a response.
    has_served: AtomicBool,
}

/// What calls and the driver share.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    /// `None` while a call uses it.
    wire: Option<Wire>,
    /// Whether no more calls are made on it.
    is_over: bool,
    /// Of the driver.
    waker: Option<Waker>,
}

impl Http1 {
    pub(super) fn new(io: Metered) -> (Self, Driver) {
        let shared = Arc::new(Shared::default());
        shared.state().wire = Some(Wire::new(io));
        let http1 = Self {
            shared: Arc::clone(&shared),
            has_served: AtomicBool::new(false),
        };
        (http1, drive(shared).boxed())
    }

    pub(super) fn is_usable(&self) -> bool {
        let state = self.shared.state();
        state.wire.is_some() && !state.is_over
    }

    /// The connection for a call, if it can still carry one.
    fn take(&self) -> Option<Wire> {
        let mut state = self.shared.state();
        if state.is_over {
            return None;
        }
        state.wire.take()
    }

    /// A call is over, and left the connection reusable.
    fn put_back(&self, mut wire: Wire) {
        wire.clear();
        let mut state = self.shared.state();
        // From now on it is the driver that is woken when something arrives.
        let watched = state.waker.as_ref().map(|waker| {
            let mut context = Context::from_waker(waker);
            wire.poll_ended(&mut context)
        });
        state.wire = Some(wire);
        if matches!(watched, Some(Poll::Ready(()))) {
            state.end();
        }
    }

    /// A call is over, and the connection cannot carry another one.
    fn end(&self, wire: Wire) {
        let mut state = self.shared.state();
        state.wire = Some(wire);
        state.end();
    }

    fn has_served(&self) -> bool {
        self.has_served.load(Ordering::Relaxed)
    }

    fn not_sent(&self) -> Failed {
        Failed::not_sent(self.has_served())
    }
}

impl Drop for Http1 {
    fn drop(&mut self) {
        self.shared.state().end();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn end(&mut self) {
        self.is_over = true;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Ready when the connection is over: closed by the service, or not needed any more.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<Option<Wire>> {
        if let Some(wire) = &mut self.wire
            && wire.poll_ended(cx).is_ready()
        {
            self.is_over = true;
        }
        if self.is_over {
            return Poll::Ready(self.wire.take());
        }
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}

/// Notices when an idle connection is closed. While a call uses it there is nothing to do.
async fn drive(shared: Arc<Shared>) {
    let over = std::future::poll_fn(|cx| shared.state().poll_over(cx));
    if let Some(mut wire) = over.await {
        let _ = tokio::time::timeout(CLOSE, wire.shutdown()).await;
    }
}
