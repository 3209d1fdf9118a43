//! What can be switched while a proxy runs, and what it counts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use super::Fate;
use super::line::Line;

/// The state of one proxy.
#[derive(Debug)]
pub(super) struct Controls {
    round_trip_micros: AtomicU64,
    pub(super) to_service: Line,
    pub(super) to_client: Line,
    accepted: AtomicU64,
    limit: AtomicUsize,
    connections: Mutex<Connections>,
}

#[derive(Debug)]
struct Connections {
    new: Fate,
    open: HashMap<u64, watch::Sender<Fate>>,
}

/// A connection's fate, told to it; while this lives the connection counts as open.
#[derive(Debug)]
pub(super) struct Told {
    number: u64,
    controls: Arc<Controls>,
    pub(super) fate: watch::Receiver<Fate>,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            round_trip_micros: AtomicU64::new(0),
            to_service: Line::default(),
            to_client: Line::default(),
            accepted: AtomicU64::new(0),
            limit: AtomicUsize::new(usize::MAX),
            connections: Mutex::new(Connections {
                new: Fate::Carry,
                open: HashMap::new(),
            }),
        }
    }
}

impl Controls {
    pub(super) fn set_round_trip(&self, time: Duration) {
        let micros = time.as_micros().try_into().unwrap();
        self.round_trip_micros.store(micros, Ordering::Relaxed);
    }

    pub(super) fn round_trip(&self) -> Duration {
        Duration::from_micros(self.round_trip_micros.load(Ordering::Relaxed))
    }

    pub(super) fn set_bandwidth(&mut self, bytes_per_second: u32) {
        self.to_service = Line::with_bandwidth(bytes_per_second);
        self.to_client = Line::with_bandwidth(bytes_per_second);
    }

    pub(super) fn set_limit(&self, connections: usize) {
        self.limit.store(connections, Ordering::Relaxed);
    }

    pub(super) fn set_new(&self, fate: Fate) {
        self.connections.lock().unwrap().new = fate;
    }

    pub(super) fn set_open(&self, fate: Fate) {
        for told in self.connections.lock().unwrap().open.values() {
            told.send_replace(fate);
        }
    }

    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    pub(super) fn open(&self) -> usize {
        self.connections.lock().unwrap().open.len()
    }

    /// Counts a connection; past the limit its fate is to be reset.
    pub(super) fn admit(self: &Arc<Self>) -> Told {
        let number = self.accepted.fetch_add(1, Ordering::Relaxed);
        let mut connections = self.connections.lock().unwrap();
        let is_within = connections.open.len() < self.limit.load(Ordering::Relaxed);
        let (told, fate) = watch::channel(if is_within {
            connections.new
        } else {
            Fate::Reset
        });
        connections.open.insert(number, told);
        Told {
            number,
            controls: Arc::clone(self),
            fate,
        }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let mut connections = self.controls.connections.lock().unwrap();
        connections.open.remove(&self.number);
    }
}
