//! Logging when verdicts stop coming and when they come again: once, not once a request.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::CallError;

/// At least this long between two warnings: where every other call fails, there would otherwise
/// be a pair of lines for every other request.
const QUIET: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Health {
    failing: AtomicBool,
    began: Instant,
    /// Milliseconds since `began`, plus one; zero when there was none.
    last_warning: AtomicU64,
    failed: AtomicU64,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            failing: AtomicBool::new(false),
            began: Instant::now(),
            last_warning: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        }
    }
}

impl Health {
    pub(crate) fn failed_open(&self, error: &CallError) {
        if self.begins_to_fail() {
            tracing::warn!(
                target: "rti",
                reason = %error.kind(),
                error = %error,
                "failing open: requests continue without a verdict"
            );
        }
    }

    pub(crate) fn failed_closed(&self, error: &CallError) {
        if self.begins_to_fail() {
            tracing::warn!(
                target: "rti",
                reason = %error.kind(),
                error = %error,
                "failing closed: requests are refused without a verdict, as on_failure says"
            );
        }
    }

    /// Counts a failure; whether it is to be logged.
    fn begins_to_fail(&self) -> bool {
        self.failed.fetch_add(1, Ordering::Relaxed);
        !self.failing.load(Ordering::Relaxed)
            && self.may_warn()
            && !self.failing.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn evaluated(&self) {
        if self.failing.load(Ordering::Relaxed) && self.failing.swap(false, Ordering::Relaxed) {
            let failed = self.failed.swap(0, Ordering::Relaxed);
            tracing::info!(target: "rti", failed, "verdicts flow again");
        }
    }

    fn may_warn(&self) -> bool {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1;
        let last = self.last_warning.load(Ordering::Relaxed);
        let quiet = u64::try_from(QUIET.as_millis()).unwrap_or(u64::MAX);
        if last != 0 && now.saturating_sub(last) < quiet {
            return false;
        }
        self.last_warning.store(now, Ordering::Relaxed);
        true
    }
}
