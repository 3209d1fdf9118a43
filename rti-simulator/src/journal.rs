//! The requests that arrived, in order and bounded.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::received::{Arrival, Received};

pub(crate) struct Journal {
    capacity: usize,
    records: Mutex<VecDeque<Received>>,
    arrived: watch::Sender<u64>,
}

impl Journal {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            records: Mutex::default(),
            arrived: watch::Sender::new(0),
        }
    }

    /// Gives the request its number and keeps it; beyond the capacity the oldest is dropped.
    pub(crate) fn record(&self, arrival: Arrival) -> Received {
        let mut records = self.records();
        let received = Received::new(*self.arrived.borrow(), arrival);
        records.push_back(received.clone());
        if records.len() > self.capacity {
            records.pop_front();
        }
        // Under the lock, so that numbers and order match.
        self.arrived.send_modify(|arrived| *arrived += 1);
        received
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.records().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.records().clear();
    }

    pub(crate) fn arrived(&self) -> u64 {
        *self.arrived.borrow()
    }

    pub(crate) async fn wait_for(&self, requests: u64) {
        let mut arrived = self.arrived.subscribe();
        // The sender is in `self`, so the channel cannot close meanwhile.
        let _ = arrived.wait_for(|arrived| *arrived >= requests).await;
    }

    /// A panic cannot leave a record incomplete, so a poisoned lock is usable.
    fn records(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
