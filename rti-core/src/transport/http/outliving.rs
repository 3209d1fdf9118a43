//! Connections that are made to the end, whatever becomes of the call that asked for them.
//!
//! TCP and TLS take three round trips. Where that is longer than the deadline, a call that takes its
//! connection down with it leaves the next one as cold as it was, and no verdict ever comes. So an
//! attempt whose call is over goes on for a while, and the connection it makes waits for a call.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hyper::Uri;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tower_service::Service;

/// How long an attempt may take, whoever waits for it.
const LONGEST: Duration = Duration::from_secs(5);

/// After this an attempt makes room for a newer one.
const HOPELESS: Duration = Duration::from_secs(1);

/// How long a connection waits for a call, as long as an idle one does in the pool.
const KEPT: Duration = super::POOL_IDLE;

/// The most attempts without a call. A service that takes no connections gets no storm of them.
const MOST: usize = 8;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A connector whose attempts outlive their calls.
pub(super) struct Outliving<C: Service<Uri>> {
    connector: C,
    parked: Parked<C::Response>,
}

impl<C: Service<Uri>> Outliving<C> {
    pub(super) fn new(connector: C) -> Self {
        Self {
            connector,
            parked: Parked(Arc::default()),
        }
    }
}

impl<C: Service<Uri> + Clone> Clone for Outliving<C> {
    fn clone(&self) -> Self {
        Self {
            connector: self.connector.clone(),
            parked: self.parked.clone(),
        }
    }
}

impl<C> Service<Uri> for Outliving<C>
where
    C: Service<Uri, Error = BoxError, Response: Send + 'static, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<C::Response, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let parked = self.parked.clone();
        let connecting = self.connector.call(destination);
        async move {
            while let Some(attempt) = parked.take_finished() {
                // One that failed meanwhile says nothing about now.
                if let Ok(connection) = attempt.waiting(&parked).await {
                    return Ok(connection);
                }
            }
            Attempt::begin(connecting).waiting(&parked).await
        }
        .boxed()
    }
}

struct Attempt<T> {
    begun: Instant,
    task: JoinHandle<Result<T, BoxError>>,
}

impl<T: Send + 'static> Attempt<T> {
    fn begin(connecting: impl Future<Output = Result<T, BoxError>> + Send + 'static) -> Self {
        let bounded = async { tokio::time::timeout(LONGEST, connecting).await? };
        Self {
            begun: Instant::now(),
            task: tokio::spawn(bounded),
        }
    }

    fn waiting(self, parked: &Parked<T>) -> Waiting<T> {
        Waiting {
            attempt: Some(self),
            parked: parked.clone(),
        }
    }
}

/// Waits for an attempt, and parks it when nobody waits any more.
struct Waiting<T> {
    attempt: Option<Attempt<T>>,
    parked: Parked<T>,
}

impl<T> Future for Waiting<T> {
    type Output = Result<T, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(attempt) = &mut self.attempt else {
            return Poll::Pending;
        };
        let made = ready!(attempt.task.poll_unpin(cx));
        self.attempt = None;
        Poll::Ready(made.unwrap_or_else(|ended| Err(ended.into())))
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            self.parked.park(attempt);
        }
    }
}

/// Attempts without a call, the oldest first.
struct Parked<T>(Arc<Mutex<Attempts<T>>>);

impl<T> Parked<T> {
    /// An attempt that is through. One that is not is left to go on: it may never be.
    fn take_finished(&self) -> Option<Attempt<T>> {
        let mut attempts = self.attempts();
        attempts.0.retain(|attempt| attempt.begun.elapsed() < KEPT);
        let finished = attempts
            .0
            .iter()
            .position(|attempt| attempt.task.is_finished())?;
        attempts.0.remove(finished)
    }

    /// Where there is no room, the one that is closest to its end stays.
    fn park(&self, attempt: Attempt<T>) {
        let mut attempts = self.attempts();
        if attempts.0.len() >= MOST {
            let hopeless =
                |other: &Attempt<T>| !other.task.is_finished() && other.begun.elapsed() > HOPELESS;
            match attempts.0.iter().position(hopeless) {
                Some(index) => drop(attempts.0.remove(index).map(|other| other.task.abort())),
                None => return attempt.task.abort(),
            }
        }
        attempts.0.push_back(attempt);
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Parked<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Attempts<T>(VecDeque<Attempt<T>>);

impl<T> Default for Attempts<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Drop for Attempts<T> {
    fn drop(&mut self) {
        for attempt in &self.0 {
            attempt.task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connector that takes its time.
    #[derive(Clone)]
    struct Slow(Duration);

    impl Service<Uri> for Slow {
        type Response = Instant;
        type Error = BoxError;
        type Future = BoxFuture<'static, Result<Instant, BoxError>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Uri) -> Self::Future {
            let takes = self.0;
            async move {
                tokio::time::sleep(takes).await;
                Ok(Instant::now())
            }
            .boxed()
        }
    }

    const DEADLINE: Duration = Duration::from_millis(100);

    async fn called(connector: &mut Outliving<Slow>) -> bool {
        let connecting = connector.call(Uri::from_static("http://127.0.0.1"));
        tokio::time::timeout(DEADLINE, connecting).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_comes_too_late_serves_the_next_call() {
        let mut connector = Outliving::new(Slow(Duration::from_millis(120)));
        assert!(!called(&mut connector).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(called(&mut connector).await);
        assert!(
            !called(&mut connector).await,
            "one connection served two calls"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn many_calls_at_once_warm_up_all_the_same() {
        let mut connector = Outliving::new(Slow(Duration::from_millis(120)));
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..400 {
            let connecting = connector.call(Uri::from_static("http://127.0.0.1"));
            calls.spawn(tokio::time::timeout(DEADLINE, connecting));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let served = calls.join_all().await.into_iter().flatten().count();
        assert!(served >= MOST, "{served} of 400 calls got a connection");
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_without_end_are_bounded() {
        let mut connector = Outliving::new(Slow(Duration::from_secs(3600)));
        for _ in 0..3 * MOST {
            assert!(!called(&mut connector).await);
        }
        let parked = connector.parked.clone();
        assert_eq!(parked.attempts().0.len(), MOST);
        tokio::time::sleep(LONGEST).await;
        connector.connector.0 = Duration::ZERO;
        assert!(
            called(&mut connector).await,
            "an attempt that failed was taken for one of now"
        );
    }
}
