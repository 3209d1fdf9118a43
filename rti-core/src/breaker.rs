//! The circuit breaker: after many failed calls, no calls for a while.
//!
//! A service that hangs costs every request its whole deadline, and every timed-out HTTP/1 call a
//! connection. So when most calls fail, requests go on at once and a single probe asks, now and
//! then, whether the service is back.

mod window;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use self::window::Window;

/// Fewer calls than this say nothing: two of three may be chance, ten of twenty are not. A shop
/// with a visitor a second pays the deadline for a few of them and is then spared.
const LEAST_CALLS: u64 = 10;

/// Open when at least this part of the calls failed, in percent: with half the verdicts missing,
/// most visitors wait for nothing.
const FAILED_PERCENT: u64 = 50;

/// How long it stays open before a probe: short enough to notice within seconds that the service
/// is back, long enough that a probe's deadline (100 ms) is no cost.
const OPEN: Duration = Duration::from_secs(5);

const CLOSED: u64 = 0;
const PROBING: u64 = u64::MAX;

/// Closed: one atomic load a call, one atomic add a result.
#[derive(Debug)]
pub(crate) struct Breaker {
    began: Instant,
    /// [`CLOSED`], [`PROBING`], or the millisecond until which it is open.
    state: AtomicU64,
    window: Window,
}

/// Leave to make one call. It reports how the call went; dropped without a report, as when the
/// visitor leaves, it counts for nothing, and a probe's place is free again.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    breaker: &'a Breaker,
    kind: PassKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PassKind {
    Usual,
    Probe,
    Reported,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallResult {
    Answered,
    Failed,
}

impl Breaker {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            state: AtomicU64::new(CLOSED),
            window: Window::default(),
        }
    }

    /// Leave to call, or `None` while the circuit is open.
    pub(crate) fn admit(&self) -> Option<Pass<'_>> {
        let state = self.state.load(Ordering::Acquire);
        let kind = match state {
            CLOSED => PassKind::Usual,
            PROBING => return None,
            until if self.now() < until => return None,
            // Of all who find the time passed, one becomes the probe.
            _ => {
                self.state
                    .compare_exchange(state, PROBING, Ordering::AcqRel, Ordering::Relaxed)
                    .ok()?;
                PassKind::Probe
            }
        };
        Some(Pass {
            breaker: self,
            kind,
        })
    }

    fn count(&self, result: CallResult) {
        let now = self.now();
        self.window.count(now, result);
        if result == CallResult::Answered {
            return;
        }
        let (calls, failed) = self.window.sum(now);
        if calls < LEAST_CALLS || failed * 100 < calls * FAILED_PERCENT {
            return;
        }
        let opened = self.state.compare_exchange(
            CLOSED,
            self.reopening(),
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        if opened.is_ok() {
            tracing::warn!(target: "rti", calls, failed, open_ms = millis(OPEN), "circuit opened: requests go on without asking");
        }
    }

    fn probed(&self, result: CallResult) {
        match result {
            CallResult::Answered => {
                self.window.clear();
                self.state.store(CLOSED, Ordering::Release);
                tracing::info!(target: "rti", "circuit closed: the service answers again");
            }
            CallResult::Failed => self.state.store(self.reopening(), Ordering::Release),
        }
    }

    fn reopening(&self) -> u64 {
        self.now() + millis(OPEN)
    }

    /// Milliseconds since the start, from one, so that no time is mistaken for [`CLOSED`].
    fn now(&self) -> u64 {
        millis(self.began.elapsed()) + 1
    }
}

impl Pass<'_> {
    pub(crate) fn report(mut self, result: CallResult) {
        match std::mem::replace(&mut self.kind, PassKind::Reported) {
            PassKind::Usual => self.breaker.count(result),
            PassKind::Probe => self.breaker.probed(result),
            PassKind::Reported => {}
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.kind == PassKind::Probe {
            self.breaker
                .state
                .store(self.breaker.now(), Ordering::Release);
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(breaker: &Breaker, result: CallResult) -> bool {
        breaker.admit().map(|pass| pass.report(result)).is_some()
    }

    fn opened() -> Breaker {
        let breaker = Breaker::new();
        for _ in 0..LEAST_CALLS {
            assert!(call(&breaker, CallResult::Failed));
        }
        assert!(
            !call(&breaker, CallResult::Failed),
            "not open after {LEAST_CALLS} failures"
        );
        breaker
    }

    #[tokio::test(start_paused = true)]
    async fn few_failures_open_nothing() {
        let breaker = Breaker::new();
        for _ in 1..LEAST_CALLS {
            assert!(call(&breaker, CallResult::Failed));
        }
        assert!(breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_minority_of_failures_opens_nothing() {
        let breaker = Breaker::new();
        for _ in 0..100 {
            assert!(call(&breaker, CallResult::Answered));
            assert!(call(&breaker, CallResult::Answered));
            assert!(call(&breaker, CallResult::Failed));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_of_long_ago_are_forgotten() {
        let breaker = Breaker::new();
        for _ in 0..5 {
            for _ in 1..LEAST_CALLS {
                assert!(call(&breaker, CallResult::Failed));
            }
            tokio::time::advance(window::SPAN).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_at_a_time_decides() {
        let breaker = opened();
        tokio::time::advance(OPEN).await;
        let probe = breaker.admit().unwrap();
        assert!(breaker.admit().is_none(), "a second probe");
        probe.report(CallResult::Failed);
        assert!(breaker.admit().is_none(), "closed by a failed probe");
        tokio::time::advance(OPEN).await;
        assert!(call(&breaker, CallResult::Answered));
        assert!(
            call(&breaker, CallResult::Failed),
            "one failure after closing opened it again"
        );
        assert!(breaker.admit().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_is_given_up_leaves_its_place() {
        let breaker = opened();
        tokio::time::advance(OPEN).await;
        drop(breaker.admit().unwrap());
        assert!(
            call(&breaker, CallResult::Answered),
            "no other probe was let through"
        );
    }
}
