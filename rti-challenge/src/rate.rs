//! How many challenges and failed solutions a client network may have in a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::visitor::Network;

/// How many networks are counted in a minute. One beyond is not limited: an attacker with so many
/// networks is not one that a limit per network stops, and visitors must not pay for it.
const MAX_NETWORKS: usize = 100_000;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// A challenge was issued, or its page.
    Challenge,
    /// A solution was refused, or is being judged.
    Failure,
}

/// At most so many a minute and client network (IPv4 /24, IPv6 /48).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) challenges: u32,
    pub(crate) failures: u32,
}

#[derive(Debug)]
pub(crate) struct Rates {
    limits: Limits,
    window: Mutex<Window>,
}

/// The counts of one minute of the clock. Fixed minutes let a client have twice the limit around the
/// turn of one, and are forgotten as a whole.
#[derive(Debug, Default)]
struct Window {
    minute: u64,
    counts: HashMap<Network, Counts>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    challenges: u32,
    failures: u32,
}

impl Rates {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            window: Mutex::default(),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// Counts one. `false` where the limit is reached.
    #[must_use]
    pub(crate) fn count(&self, network: Network, counted: Counted, now: u64) -> bool {
        self.with_counts(network, now, |counts, limits| {
            let (count, limit) = match counted {
                Counted::Challenge => (&mut counts.challenges, limits.challenges),
                Counted::Failure => (&mut counts.failures, limits.failures),
            };
            let within = *count < limit;
            *count += u32::from(within);
            within
        })
    }

    /// Takes back a failure that was counted at `counted_at`, within the same minute.
    pub(crate) fn forgive(&self, network: Network, counted_at: u64) {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.minute == counted_at / 60
            && let Some(counts) = window.counts.get_mut(&network)
        {
            counts.failures = counts.failures.saturating_sub(1);
        }
    }

    fn with_counts(
        &self,
        network: Network,
        now: u64,
        look: impl FnOnce(&mut Counts, Limits) -> bool,
    ) -> bool {
        let minute = now / 60;
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.minute != minute {
            *window = Window {
                minute,
                counts: HashMap::new(),
            };
        }
        if window.counts.len() >= MAX_NETWORKS && !window.counts.contains_key(&network) {
            return true;
        }
        look(window.counts.entry(network).or_default(), self.limits)
    }
}

/// The seconds until the next minute begins, for `Retry-After`.
pub(crate) fn seconds_left(now: u64) -> u64 {
    60 - now % 60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> Network {
        Network::of(ip.parse().ok())
    }

    #[test]
    fn a_network_is_limited_within_a_minute() {
        let rates = Rates::new(Limits {
            challenges: 2,
            failures: 1,
        });
        let (one, same, other) = (
            network("192.0.2.1"),
            network("192.0.2.2"),
            network("198.51.100.1"),
        );
        assert!(rates.count(one, Counted::Challenge, 60));
        assert!(rates.count(same, Counted::Challenge, 61));
        assert!(!rates.count(one, Counted::Challenge, 119));
        assert!(rates.count(other, Counted::Challenge, 119));
        assert!(rates.count(one, Counted::Failure, 119));
        assert!(!rates.count(same, Counted::Failure, 119));
        assert!(rates.count(other, Counted::Failure, 119));
        rates.forgive(one, 59);
        assert!(
            !rates.count(one, Counted::Failure, 119),
            "of another minute"
        );
        rates.forgive(one, 60);
        assert!(rates.count(one, Counted::Failure, 119));
        assert!(rates.count(one, Counted::Challenge, 120), "the next minute");
        assert_eq!((seconds_left(60), seconds_left(119)), (60, 1));
    }

    #[test]
    fn its_memory_is_bounded() {
        let rates = Rates::new(Limits {
            challenges: 1,
            failures: 1,
        });
        for index in 0..150_000_u32 {
            let [_, a, b, c] = index.to_be_bytes();
            let _ = rates.count(Network::V4([a, b, c]), Counted::Challenge, 0);
        }
        assert_eq!(rates.window.lock().unwrap().counts.len(), MAX_NETWORKS);
    }
}
