//! How long decisions took: a histogram of fixed size, from which percentiles are read.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::approximate;

/// Four buckets for each doubling from 64 µs up to 67 s: a percentile is off by a tenth at most.
const BUCKETS: usize = 80;
const PER_DOUBLING: f64 = 4.0;
const FIRST_MS: f64 = 0.064;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Latency(Vec<u64>);

impl Default for Latency {
    fn default() -> Self {
        Self(vec![0; BUCKETS])
    }
}

impl Latency {
    pub(super) fn record(&mut self, elapsed: Duration) {
        if let Some(count) = self.0.get_mut(bucket(elapsed.as_secs_f64() * 1e3)) {
            *count += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let pairs = self.0.iter_mut().zip(&other.0);
        pairs.for_each(|(count, more)| *count += more);
    }

    /// In milliseconds; `None` where there was nothing to measure.
    pub(crate) fn percentile(&self, share: f64) -> Option<f64> {
        let total: u64 = self.0.iter().sum();
        if total == 0 {
            return None;
        }
        let wanted = share * approximate(total);
        let mut seen = 0.0;
        for (index, count) in self.0.iter().enumerate() {
            let count = approximate(*count);
            if count > 0.0 && seen + count >= wanted {
                let (from, to) = bounds(index);
                let place = ((wanted - seen) / count).clamp(0.0, 1.0);
                return Some(round(from + (to - from) * place));
            }
            seen += count;
        }
        None
    }

    /// The buckets between the first and the last that count anything: up to so many milliseconds, so many.
    pub(crate) fn histogram(&self) -> Vec<(f64, u64)> {
        let first = self.0.iter().position(|count| *count > 0);
        let last = self.0.iter().rposition(|count| *count > 0);
        let (Some(first), Some(last)) = (first, last) else {
            return Vec::new();
        };
        let counted = self.0.iter().enumerate().take(last + 1).skip(first);
        counted
            .map(|(index, count)| (round(bounds(index).1), *count))
            .collect()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
fn bucket(millis: f64) -> usize {
    let place = ((millis / FIRST_MS).log2() * PER_DOUBLING).ceil();
    (place.max(0.0) as usize).min(BUCKETS - 1)
}

fn bounds(index: usize) -> (f64, f64) {
    let upper = |index: f64| FIRST_MS * (index / PER_DOUBLING).exp2();
    let index = approximate(index as u64);
    let from = if index == 0.0 {
        0.0
    } else {
        upper(index - 1.0)
    };
    (from, upper(index))
}

fn round(millis: f64) -> f64 {
    (millis * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_near_what_was_measured() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentile(0.5), None);
        for millis in 1..=1000 {
            latency.record(Duration::from_millis(millis));
        }
        for (share, expected) in [(0.5, 500.0), (0.9, 900.0), (0.99, 990.0)] {
            let found = latency.percentile(share).unwrap();
            assert!((found / expected - 1.0).abs() < 0.1, "{share}: {found}");
        }
        let counted: u64 = latency.histogram().iter().map(|(_, count)| count).sum();
        assert_eq!(counted, 1000);
    }

    #[test]
    fn extremes_have_a_bucket() {
        let mut latency = Latency::default();
        latency.record(Duration::ZERO);
        latency.record(Duration::MAX);
        assert_eq!(latency.0.iter().sum::<u64>(), 2);
    }
}
