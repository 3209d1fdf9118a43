//! The cap on calls in flight, and the share of it that one client may hold.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;

use super::sync::{AtomicU32, Ordering};

/// How many counters there are for clients. Two clients may share one, which can only refuse more:
/// while one client is held at its share, one in so many others is refused with it. 16 KiB.
const COUNTERS: usize = 4096;

/// Counts calls in flight, up to a cap. Past it a request continues at once: it would otherwise
/// queue past its deadline, or open one more connection to a service that cannot keep up.
///
/// One client address may hold half of the cap, so that it cannot push all others past it. Behind
/// a proxy that is not configured as trusted, all visitors have one address: half of the cap must
/// then serve them.
#[derive(Debug)]
pub(crate) struct InFlight {
    calls: AtomicU32,
    most: u32,
    /// The most of one client.
    share: u32,
    /// Counters instead of a map from address to count: no lock, no allocation, and clients cannot
    /// make it grow.
    clients: Box<[AtomicU32]>,
    /// With a key of its own, so that nobody can choose an address that shares another's counter.
    hasher: RandomState,
}

/// One call's place; dropping it frees the place.
#[derive(Debug)]
pub(crate) struct InFlightGuard<'a> {
    calls: &'a AtomicU32,
    client: &'a AtomicU32,
}

impl InFlight {
    pub(crate) fn new(most: usize) -> Self {
        Self::with_counters(most, COUNTERS)
    }

    pub(crate) fn with_counters(most: usize, counters: usize) -> Self {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        Self {
            calls: AtomicU32::new(0),
            most,
            share: (most / 2).max(1),
            clients: (0..counters).map(|_| AtomicU32::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// `None` where there is no place. A client is an address, or over IPv6 a network, in which it may choose
    /// any address. Visitors of unknown address count as one client.
    pub(crate) fn enter(&self, client: Option<IpAddr>) -> Option<InFlightGuard<'_>> {
        let client = self.counter(client)?;
        // The client's share first: what is refused there touches no counter of the others.
        if !count(client, self.share) {
            return None;
        }
        if !count(&self.calls, self.most) {
            client.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(InFlightGuard {
            calls: &self.calls,
            client,
        })
    }

    /// How many calls are in flight, now.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }

    fn counter(&self, client: Option<IpAddr>) -> Option<&AtomicU32> {
        let hash = self.hasher.hash_one(client);
        let counters = u64::try_from(self.clients.len()).ok()?;
        let index = usize::try_from(hash.checked_rem(counters)?).ok()?;
        self.clients.get(index)
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        self.calls.fetch_sub(1, Ordering::Relaxed);
        self.client.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts one more, if there are fewer than `most`.
fn count(counter: &AtomicU32, most: u32) -> bool {
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < most).then_some(count + 1)
        })
        .is_ok()
}
