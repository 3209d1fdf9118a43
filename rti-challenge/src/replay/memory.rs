//! Used solutions in the memory of this process.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Claim, ReplayStore, StoreError, WAITED};

/// Keeps used solutions in memory, for a site of one process.
///
/// It is bounded. When it is full of ids that have not expired, further solutions are refused until some
/// have: a cache such as moka would forget one instead, which could then be used again. Only valid
/// solutions take a place, so that filling it costs the work of as many challenges. Visitors who waited in place
/// of working have as many places of their own: theirs cost nothing, and must not be those of others.
///
/// ```
/// let store = rti_challenge::MemoryStore::with_capacity(10_000);
/// ```
#[derive(Debug)]
pub struct MemoryStore {
    solved: Mutex<Used>,
    waited: Mutex<Used>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Used {
    ids: HashSet<Arc<str>>,
    by_expiry: BTreeSet<(Instant, Arc<str>)>,
}

impl Default for MemoryStore {
    /// For 100 000 solutions within the time that a challenge is valid: about 40 MB when full.
    fn default() -> Self {
        Self::with_capacity(100_000)
    }
}

impl MemoryStore {
    /// For this many solutions within the time that a challenge is valid.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            solved: Mutex::default(),
            waited: Mutex::default(),
            capacity,
        }
    }

    fn claim_at(&self, id: &str, ttl: Duration, now: Instant) -> Result<Claim, StoreError> {
        // A panic while it was held leaves a set, whichever it is.
        let used = if id.starts_with(WAITED) {
            &self.waited
        } else {
            &self.solved
        };
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((expiry, _)) = used.by_expiry.first()
            && *expiry <= now
        {
            if let Some((_, id)) = used.by_expiry.pop_first() {
                used.ids.remove(&id);
            }
        }
        if used.ids.contains(id) {
            return Ok(Claim::Replayed);
        }
        if used.ids.len() >= self.capacity {
            return Err(StoreError::new("it is full"));
        }
        let id: Arc<str> = id.into();
        used.ids.insert(Arc::clone(&id));
        used.by_expiry.insert((now + ttl, id));
        Ok(Claim::First)
    }
}

#[async_trait]
impl ReplayStore for MemoryStore {
    async fn claim(&self, id: &str, ttl: Duration) -> Result<Claim, StoreError> {
        self.claim_at(id, ttl, Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(60);

    #[test]
    fn an_id_is_claimed_once_while_it_is_kept() {
        let (store, now) = (MemoryStore::default(), Instant::now());
        assert_eq!(store.claim_at("a", TTL, now).unwrap(), Claim::First);
        assert_eq!(store.claim_at("a", TTL, now).unwrap(), Claim::Replayed);
        assert_eq!(store.claim_at("b", TTL, now).unwrap(), Claim::First);
        assert_eq!(store.claim_at("a", TTL, now + TTL).unwrap(), Claim::First);
        assert_eq!(store.solved.lock().unwrap().ids.len(), 1);
    }

    #[test]
    fn a_full_store_refuses_instead_of_forgetting() {
        let (store, now) = (MemoryStore::with_capacity(2), Instant::now());
        for id in ["a", "b"] {
            assert_eq!(store.claim_at(id, TTL, now).unwrap(), Claim::First);
        }
        assert!(store.claim_at("c", TTL, now).is_err());
        assert_eq!(store.claim_at("a", TTL, now).unwrap(), Claim::Replayed);
        assert_eq!(store.claim_at("c", TTL, now + TTL).unwrap(), Claim::First);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_100_claims_at_once_one_is_the_first() {
        let store = Arc::new(MemoryStore::default());
        let claims = (0..100).map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.claim("id", TTL).await.unwrap() })
        });
        let mut first = 0;
        for claim in claims.collect::<Vec<_>>() {
            first += u32::from(claim.await.unwrap() == Claim::First);
        }
        assert_eq!(first, 1);
    }
}
