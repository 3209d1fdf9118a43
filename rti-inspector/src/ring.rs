//! The last decisions, bounded in number and bytes.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::record::Record;
use crate::store::Bounds;

pub(crate) struct Ring {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
    bounds: Bounds,
}

impl Ring {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            records: VecDeque::new(),
            bytes: 0,
            bounds,
        }
    }

    /// Their ids grow.
    pub(crate) fn push(&mut self, record: Arc<Record>) {
        self.bytes += record.size;
        self.records.push_back(record);
        while self.records.len() > self.bounds.decisions || self.bytes > self.bounds.bytes {
            let Some(oldest) = self.records.pop_front() else {
                break;
            };
            self.bytes -= oldest.size;
        }
    }

    /// The newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.records.iter().rev()
    }

    pub(crate) fn find(&self, id: u64) -> Option<&Arc<Record>> {
        let index = self.records.binary_search_by_key(&id, |record| record.id);
        self.records.get(index.ok()?)
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn oldest_id(&self) -> Option<u64> {
        self.records.front().map(|record| record.id)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }
}
