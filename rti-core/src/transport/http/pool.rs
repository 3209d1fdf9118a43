//! The connections of one tokio runtime to the service.
//!
//! Dialling belongs to the pool, not to a call: a call waits for a connection, any connection, and
//! when it gives up, the dial that it caused is completed all the same and serves the next one.
//!
//! Every runtime has a pool of its own, since a connection is driven by the runtime that it was
//! dialled on: a worker of actix-web that blocks, or a runtime that ended, would stop the calls of
//! all others. The price is `min_idle_connections` for each runtime. A thread of our own for all
//! connections was the alternative; it costs two switches between threads for each call.

mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::{Handle, Id as RuntimeId};
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use self::state::State;
pub(super) use self::state::{Id, Limits, Slot};
use super::connection::Connection;
use super::origin::Origin;
use crate::error::{CallError, FailOpenReason};
use crate::transport::{ConnectionCounts, failure};

/// How long a dial may take. Waiting calls have long given up by then.
const DIAL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after its call has given up a response over HTTP/1.1 is waited for, to save the
/// connection, and how many are waited for at a time. Those beyond cost their connections.
const LATE_RESPONSE: Duration = Duration::from_secs(1);
const MAX_LATE_RESPONSES: usize = 64;

type Waiter = oneshot::Sender<Result<Lease, CallError>>;

pub(super) struct Pool {
    origin: Arc<Origin>,
    runtime: Handle,
    state: Mutex<State<Connection, Waiter>>,
    /// Wakes the upkeep task, which waits for it without keeping the pool alive.
    changed: Arc<Notify>,
    /// Wakes those who wait for a warm pool.
    dial_ended: Notify,
    late_responses: tokio::sync::Semaphore,
    upkeep: Mutex<Option<AbortHandle>>,
}

impl Pool {
    /// A pool on this runtime, which begins to dial at once. `ended` is called when the runtime ends
    /// before the pool.
    pub(super) fn start(
        origin: Arc<Origin>,
        limits: Limits,
        runtime: Handle,
        ended: impl Fn(&Arc<Self>) + Send + 'static,
    ) -> Arc<Self> {
        let pool = Arc::new(Self {
            origin,
            state: Mutex::new(State::new(limits, Instant::now())),
            changed: Arc::new(Notify::new()),
            dial_ended: Notify::new(),
            late_responses: tokio::sync::Semaphore::new(MAX_LATE_RESPONSES),
            upkeep: Mutex::new(None),
            runtime,
        });
        let upkeep = pool.runtime.spawn(upkeep(RuntimeGuard {
            pool: Arc::downgrade(&pool),
            ended,
        }));
        *pool.upkeep.lock().unwrap_or_else(PoisonError::into_inner) = Some(upkeep.abort_handle());
        pool.dial_as_needed();
        pool
    }

    pub(super) fn runtime(&self) -> RuntimeId {
        self.runtime.id()
    }

    pub(super) fn connections(&self) -> ConnectionCounts {
        self.state().connections()
    }

    /// A place on a connection, other than the one that failed the call. It waits until there is one;
    /// dropping the future gives up the wait, not the dial.
    pub(super) async fn lease(self: &Arc<Self>, failed: Option<Id>) -> Result<Lease, CallError> {
        let waiting = {
            let mut state = self.state();
            let acquired = match failed {
                Some(failed) => state.acquire_other(failed),
                None => state.acquire(),
            };
            if let Some((id, connection)) = acquired {
                return Ok(Lease::new(self, id, connection));
            }
            let (waiter, given) = oneshot::channel();
            Waiting {
                id: state.wait(waiter),
                pool: self,
                given,
            }
        };
        self.dial_as_needed();
        let began = Instant::now();
        let mut lease = waiting.given().await?;
        lease.waited = began.elapsed();
        Ok(lease)
    }

    /// Returns when the pool has the connections that it keeps, or when dialling fails.
    pub(super) async fn warm_up(&self) {
        loop {
            let dial_ended = self.dial_ended.notified();
            tokio::pin!(dial_ended);
            dial_ended.as_mut().enable();
            {
                let state = self.state();
                if state.is_warm() || state.is_failing() {
                    return;
                }
            }
            dial_ended.await;
        }
    }

    /// Takes a connection out of use and replaces it.
    pub(super) fn retire(self: &Arc<Self>, id: Id) {
        let retired = self.state().retire(id);
        drop(retired);
        self.dial_as_needed();
    }

    /// Completes an exchange on an HTTP/1.1 connection whose call has given up: reading the response
    /// saves the connection.
    pub(super) fn finish_late(
        self: &Arc<Self>,
        id: Id,
        exchange: impl Future<Output = ()> + Send + 'static,
    ) {
        self.state().detach(id);
        self.dial_as_needed();
        let pool = Arc::clone(self);
        self.runtime.spawn(async move {
            let Ok(_permit) = pool.late_responses.try_acquire() else {
                return;
            };
            let _ = tokio::time::timeout(LATE_RESPONSE, exchange).await;
        });
    }

    fn dial_as_needed(self: &Arc<Self>) {
        self.start_dials();
        self.changed.notify_one();
    }

    fn start_dials(self: &Arc<Self>) {
        loop {
            let id = {
                let mut state = self.state();
                let now = Instant::now();
                if state.dials_wanted(now) == 0 {
                    return;
                }
                state.dial_started(now)
            };
            self.runtime.spawn(dial(Dial {
                pool: Arc::downgrade(self),
                origin: Arc::clone(&self.origin),
                id,
                result: None,
            }));
        }
    }

    /// Gives connections that have room to calls that wait.
    fn serve_waiting(self: &Arc<Self>) {
        loop {
            let matched = self.state().next_match();
            let Some((waiter, id, connection)) = matched else {
                return;
            };
            // A lease that nobody takes any more is dropped here, which releases it.
            let _ = waiter.send(Ok(Lease::new(self, id, connection)));
        }
    }

    fn dialled(self: &Arc<Self>, id: Id, connection: Connection) {
        self.state().dial_succeeded(id, connection, Instant::now());
        self.after_dial();
    }

    fn dial_failed(self: &Arc<Self>, id: Id, error: &Arc<std::io::Error>) {
        let unserved = self.state().dial_failed(id, Instant::now());
        for waiter in unserved {
            let _ = waiter.send(Err(failure::not_connected(error)));
        }
        self.after_dial();
    }

    fn after_dial(self: &Arc<Self>) {
        self.serve_waiting();
        self.dial_as_needed();
        self.dial_ended.notify_waiters();
    }

    fn closed(self: &Arc<Self>, id: Id) {
        self.state().closed(id, Instant::now());
        self.dial_as_needed();
    }

    fn state(&self) -> MutexGuard<'_, State<Connection, Waiter>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let upkeep = self
            .upkeep
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(upkeep) = upkeep {
            upkeep.abort();
        }
    }
}

/// A call's place on a connection. Dropping it gives the place to the next call.
pub(super) struct Lease {
    pool: Arc<Pool>,
    id: Id,
    connection: Connection,
    waited: Duration,
}

impl Lease {
    fn new(pool: &Arc<Pool>, id: Id, connection: Connection) -> Self {
        Self {
            pool: Arc::clone(pool),
            id,
            connection,
            waited: Duration::ZERO,
        }
    }

    /// How long the call waited for it.
    pub(super) fn waited(&self) -> Duration {
        self.waited
    }

    pub(super) fn id(&self) -> Id {
        self.id
    }

    pub(super) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let calls_wait = {
            let mut state = self.pool.state();
            if self.connection.is_usable() {
                state.release(self.id, Instant::now())
            } else {
                drop(state.retire(self.id));
                true
            }
        };
        if calls_wait {
            self.pool.serve_waiting();
            self.pool.dial_as_needed();
        }
    }
}

/// A call that waits for a connection.
struct Waiting<'a> {
    id: Id,
    pool: &'a Pool,
    given: oneshot::Receiver<Result<Lease, CallError>>,
}

impl Waiting<'_> {
    async fn given(mut self) -> Result<Lease, CallError> {
        let ended = |_| CallError::from(FailOpenReason::Internal);
        (&mut self.given).await.map_err(ended)?
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.pool.state().stop_waiting(self.id);
    }
}

/// One dial. It tells the pool how it ended, also when its runtime ends in the middle of it.
struct Dial {
    pool: Weak<Pool>,
    origin: Arc<Origin>,
    id: Id,
    result: Option<Result<Connection, Arc<std::io::Error>>>,
}

async fn dial(mut dial: Dial) {
    let connecting = async {
        let (protocol, io) = dial.origin.connect().await?;
        Connection::handshake(protocol, io).await
    };
    let dialled = tokio::time::timeout(DIAL_TIMEOUT, connecting).await;
    match dialled.unwrap_or_else(|elapsed| Err(elapsed.into())) {
        Ok((connection, driver)) => {
            let closed = Closed {
                pool: dial.pool.clone(),
                id: dial.id,
            };
            dial.result = Some(Ok(connection));
            // The pool knows the connection before it can end.
            drop(dial);
            // A task of its own: this one has room for a handshake as long as it lives.
            tokio::spawn(async move {
                driver.await;
                drop(closed);
            });
        }
        Err(error) => dial.result = Some(Err(Arc::new(error))),
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        let Some(pool) = self.pool.upgrade() else {
            return;
        };
        match self.result.take() {
            Some(Ok(connection)) => pool.dialled(self.id, connection),
            Some(Err(error)) => pool.dial_failed(self.id, &error),
            None => pool.dial_failed(self.id, &Arc::new(std::io::ErrorKind::Interrupted.into())),
        }
    }
}

/// Tells the pool that a connection exists no longer.
struct Closed {
    pool: Weak<Pool>,
    id: Id,
}

impl Drop for Closed {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.closed(self.id);
        }
    }
}

/// Keeps the pool warm while nothing else happens.
async fn upkeep<F: Fn(&Arc<Pool>)>(runtime: RuntimeGuard<F>) {
    loop {
        let Some(pool) = runtime.pool.upgrade() else {
            return;
        };
        let (expired, next) = {
            let mut state = pool.state();
            let now = Instant::now();
            (state.take_expired(now), state.next_upkeep(now))
        };
        drop(expired);
        // Not `dial_as_needed`, which wakes this task.
        pool.start_dials();
        let changed = Arc::clone(&pool.changed);
        drop(pool);
        let _ = tokio::time::timeout_at(next, changed.notified()).await;
    }
}

/// Lives in a task, so it is dropped when the runtime ends.
struct RuntimeGuard<F: Fn(&Arc<Pool>)> {
    pool: Weak<Pool>,
    ended: F,
}

impl<F: Fn(&Arc<Pool>)> Drop for RuntimeGuard<F> {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            (self.ended)(&pool);
        }
    }
}
