//! What is recorded, and what the page and the observer share.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rti_core::{CircuitState, Config, Decision};
use tokio::sync::broadcast;

use crate::aggregates::{Aggregates, Window};
use crate::engine::Configured;
use crate::record::Record;
use crate::ring::Ring;
use crate::{Anonymize, InspectorError};

/// So many decisions may be marked as wrong.
pub(crate) const MAX_MARKS: usize = 1000;
/// So many events wait for a reader of the stream; then it loses the oldest.
const STREAM_QUEUE: usize = 256;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) decisions: usize,
    pub(crate) bytes: usize,
}

/// Shared by the thread that records and those that show.
pub(crate) struct Shared {
    store: Mutex<Store>,
    configured: Mutex<Configured>,
    pub(crate) anonymize: Anonymize,
    pub(crate) stream: broadcast::Sender<Arc<Record>>,
    pub(crate) token: String,
}

pub(crate) struct Store {
    pub(crate) ring: Ring,
    pub(crate) aggregates: Aggregates,
    /// A marked decision stays, also when the ring has dropped it.
    pub(crate) marks: BTreeMap<u64, Mark>,
    pub(crate) circuit: CircuitState,
    /// How many decisions are counted and were not kept.
    pub(crate) not_kept: u64,
    pub(crate) since: SystemTime,
    pub(super) next_id: u64,
    pub(super) marks_changed: bool,
}

/// A decision that someone holds to be wrong.
pub(crate) struct Mark {
    pub(crate) record: Arc<Record>,
    pub(crate) time: SystemTime,
    pub(crate) note: Option<String>,
}

impl Shared {
    pub(crate) fn new(store: Store, anonymize: Anonymize) -> Result<Self, InspectorError> {
        Ok(Self {
            store: Mutex::new(store),
            configured: Mutex::default(),
            anonymize,
            stream: broadcast::Sender::new(STREAM_QUEUE),
            token: token()?,
        })
    }

    /// No panic leaves it half changed, or what is shown is off by one decision.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration of the engine, once it observes one.
    pub(crate) fn config(&self) -> Option<Config> {
        self.configured().config()
    }

    pub(crate) fn configured(&self) -> MutexGuard<'_, Configured> {
        let configured = self.configured.lock();
        configured.unwrap_or_else(PoisonError::into_inner)
    }

    /// The recorded decisions, the newest first, so that no lock is held while they are read.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.store().ring.newest_first().cloned().collect()
    }
}

impl Store {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self::with_windows(bounds, Window::IN_MEMORY)
    }

    pub(super) fn with_windows(bounds: Bounds, windows: &[Window]) -> Self {
        Self {
            ring: Ring::new(bounds),
            aggregates: Aggregates::new(windows),
            marks: BTreeMap::new(),
            circuit: CircuitState::Closed,
            not_kept: 0,
            since: SystemTime::now(),
            next_id: 1,
            marks_changed: false,
        }
    }

    /// Keeps a decision that is counted already.
    pub(crate) fn record(&mut self, time: SystemTime, decision: Decision) -> Arc<Record> {
        self.aggregates.add_acted_on(time, &decision);
        let record = Arc::new(Record::made(self.next_id, time, decision));
        self.next_id += 1;
        self.ring.push(Arc::clone(&record));
        record
    }

    pub(crate) fn find(&self, id: u64) -> Option<Arc<Record>> {
        let marked = self.marks.get(&id).map(|mark| &mark.record);
        self.ring.find(id).or(marked).cloned()
    }

    pub(crate) fn set_mark(&mut self, id: u64, mark: Option<Mark>) {
        match mark {
            Some(mark) => drop(self.marks.insert(id, mark)),
            None => drop(self.marks.remove(&id)),
        }
        self.marks_changed = true;
    }
}

/// 256 random bits, in hex.
fn token() -> Result<String, InspectorError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| InspectorError::Random(error.to_string()))?;
    let mut token = String::new();
    for byte in bytes {
        // Writing to a string does not fail.
        _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}
