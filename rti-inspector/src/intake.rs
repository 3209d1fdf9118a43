//! What the thread does with a batch of decisions: add to the counts, keep, show to readers of the stream, write.

use std::sync::Arc;
use std::time::SystemTime;
#[cfg(feature = "sqlite")]
use std::time::{Duration, Instant};

use rti_core::{CircuitState, Decision};

#[cfg(feature = "sqlite")]
use crate::file::File;
use crate::record::Record;
use crate::store::Shared;
use crate::tally::Counted;

/// So often the file is written.
#[cfg(feature = "sqlite")]
const WRITE_INTERVAL: Duration = Duration::from_secs(5);

pub(crate) struct Intake {
    shared: Arc<Shared>,
    #[cfg(feature = "sqlite")]
    file: Option<File>,
    #[cfg(feature = "sqlite")]
    unwritten: Vec<Arc<Record>>,
    #[cfg(feature = "sqlite")]
    written: Instant,
}

impl Intake {
    pub(crate) fn new(shared: Arc<Shared>, #[cfg(feature = "sqlite")] file: Option<File>) -> Self {
        Self {
            shared,
            #[cfg(feature = "sqlite")]
            file,
            #[cfg(feature = "sqlite")]
            unwritten: Vec::new(),
            #[cfg(feature = "sqlite")]
            written: Instant::now(),
        }
    }

    pub(crate) fn circuit_changed(&mut self, state: CircuitState) {
        self.shared.store().circuit = state;
    }

    pub(crate) fn take(&mut self, batch: Vec<(SystemTime, Decision)>, counted: &Counted) {
        if !counted.counts.is_empty() {
            let mut store = self.shared.store();
            store.aggregates.add(SystemTime::now(), &counted.counts);
            store.not_kept += counted.not_kept;
        }
        let mut recorded = Vec::with_capacity(batch.len());
        for (time, decision) in batch {
            // Not one lock for all: a reader waits for one decision at most.
            recorded.push(self.shared.store().record(time, decision));
        }
        self.show(&recorded);
        #[cfg(feature = "sqlite")]
        self.note_unwritten(recorded);
    }

    fn show(&self, recorded: &[Arc<Record>]) {
        if self.shared.stream.receiver_count() == 0 {
            return;
        }
        for record in recorded {
            // The last reader may just have left.
            _ = self.shared.stream.send(Arc::clone(record));
        }
    }
}

#[cfg(feature = "sqlite")]
impl Intake {
    fn note_unwritten(&mut self, recorded: Vec<Arc<Record>>) {
        if self.file.is_none() {
            return;
        }
        self.unwritten.extend(recorded);
        if self.written.elapsed() >= WRITE_INTERVAL {
            self.write();
        }
    }

    pub(crate) fn write(&mut self) {
        let Some(file) = &mut self.file else {
            return;
        };
        self.written = Instant::now();
        let records = std::mem::take(&mut self.unwritten);
        let batch = crate::file::Batch::take(&self.shared, records);
        if let Err(error) = file.write(&batch) {
            tracing::warn!(target: "rti", %error, "inspector_file: cannot write; this batch is lost");
        }
    }
}
