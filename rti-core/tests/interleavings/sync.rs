//! Loom's types under the names that the crate uses, and a clock that stands still.

use std::cell::Cell;
use std::time::Duration;

pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
pub(crate) use loom::sync::{Mutex, MutexGuard};

thread_local! {
    /// The threads of a model are coroutines of one thread, which is the test's own.
    static NOW: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

#[derive(Debug)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        Self(NOW.get())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        NOW.get().abs_diff(self.0)
    }
}

pub(crate) fn advance(time: Duration) {
    NOW.set(NOW.get() + time);
}
