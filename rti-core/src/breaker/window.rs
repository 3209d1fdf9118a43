//! A sliding window of call results, without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use super::CallResult;

/// A bucket a second; what lies further back than ten is forgotten.
const BUCKETS: usize = 10;
const BUCKET_MILLIS: u64 = 1000;

#[cfg(test)]
pub(super) const SPAN: std::time::Duration = std::time::Duration::from_secs(10);

/// A second's count, packed into one word so that it changes at once: the second in the upper 24
/// bits, calls and failed calls in 20 each. Past a million a second they stand still.
#[derive(Debug, Default)]
pub(super) struct Window([AtomicU64; BUCKETS]);

const COUNT_BITS: u32 = 20;
const MOST: u64 = (1 << COUNT_BITS) - 1;
const EPOCHS: u64 = 1 << 24;

impl Window {
    pub(super) fn count(&self, now_millis: u64, result: CallResult) {
        let epoch = epoch(now_millis);
        let index = usize::try_from(epoch % BUCKETS as u64);
        let Some(bucket) = index.ok().and_then(|index| self.0.get(index)) else {
            return;
        };
        let failed = u64::from(result == CallResult::Failed);
        let counted = |word: u64| {
            let (of, calls, failures) = unpack(word);
            let (calls, failures) = if of == epoch {
                (calls, failures)
            } else {
                (0, 0)
            };
            Some(pack(
                epoch,
                (calls + 1).min(MOST),
                (failures + failed).min(MOST),
            ))
        };
        // The closure never refuses.
        let _ = bucket.fetch_update(Ordering::Relaxed, Ordering::Relaxed, counted);
    }

    /// Calls and failed calls in the window.
    pub(super) fn sum(&self, now_millis: u64) -> (u64, u64) {
        let now = epoch(now_millis);
        self.0
            .iter()
            .map(|bucket| unpack(bucket.load(Ordering::Relaxed)))
            .fold((0, 0), |sum, (of, calls, failed)| {
                let age = (now + EPOCHS - of) % EPOCHS;
                if age < BUCKETS as u64 {
                    (sum.0 + calls, sum.1 + failed)
                } else {
                    sum
                }
            })
    }

    pub(super) fn clear(&self) {
        for bucket in &self.0 {
            bucket.store(0, Ordering::Relaxed);
        }
    }
}

fn epoch(now_millis: u64) -> u64 {
    (now_millis / BUCKET_MILLIS) % EPOCHS
}

fn pack(epoch: u64, calls: u64, failed: u64) -> u64 {
    epoch << (2 * COUNT_BITS) | calls << COUNT_BITS | failed
}

fn unpack(word: u64) -> (u64, u64, u64) {
    (
        word >> (2 * COUNT_BITS),
        (word >> COUNT_BITS) & MOST,
        word & MOST,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_slides() {
        let window = Window::default();
        for second in 0..30 {
            let now = second * BUCKET_MILLIS + 7;
            window.count(now, CallResult::Failed);
            window.count(now, CallResult::Answered);
            let seconds = (second + 1).min(BUCKETS as u64);
            assert_eq!(window.sum(now), (2 * seconds, seconds));
        }
        window.clear();
        assert_eq!(window.sum(29_007), (0, 0));
    }
}
