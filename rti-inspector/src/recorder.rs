//! The observer: it counts each decision and what happens to challenges, and puts some of them into a bounded queue for a thread to keep.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rti_core::{ChallengeEvent, CircuitState, Config, ConfigError, Decision, Observer};

use crate::record::size_of_decision;
use crate::store::Shared;
use crate::tally::Tally;
use crate::{Anonymize, InspectorError, Intake};

/// How many messages wait at most. The thread takes them every 50 ms.
const QUEUE: usize = 8192;
/// So long the thread sleeps between two batches: a request must not pay for waking it.
const BATCH_INTERVAL: Duration = Duration::from_millis(50);
/// So often it looks after what is due without decisions.
const IDLE_INTERVAL: Duration = Duration::from_secs(1);
/// So long `flush` waits at most.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct Recorder {
    queue: SyncSender<Message>,
    pending: Arc<Pending>,
    shared: Arc<Shared>,
}

pub(crate) enum Message {
    Decided(SystemTime, Decision),
    Circuit(CircuitState),
    Flush(SyncSender<()>),
}

/// What was counted since the thread last took it. A lock for each decision, held for some ten
/// nanoseconds; a queue of all decisions was the alternative, and took a fifth of the throughput of a busy site.
#[derive(Default)]
struct Pending(Mutex<Tally>);

impl Recorder {
    pub(crate) fn start(intake: Intake, shared: Arc<Shared>) -> Result<Self, InspectorError> {
        let (queue, messages) = sync_channel(QUEUE);
        let pending = Arc::new(Pending::default());
        let of_thread = Arc::clone(&pending);
        thread::Builder::new()
            .name("rti-inspector".to_owned())
            .spawn(move || take_all(intake, &messages, &of_thread))
            .map_err(InspectorError::Thread)?;
        Ok(Self {
            queue,
            pending,
            shared,
        })
    }

    pub(crate) fn flush(&self) {
        let (done, waiting) = sync_channel(1);
        if self.queue.send(Message::Flush(done)).is_ok() {
            // After the timeout, or without a thread, there is nothing to wait for.
            _ = waiting.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

impl Observer for Recorder {
    fn decided(&self, decision: &Decision) {
        if !self.pending.tally().count(decision, Instant::now()) {
            return;
        }
        let message = Message::Decided(SystemTime::now(), decision.clone());
        if self.queue.try_send(message).is_err() {
            self.pending.tally().refused(size_of_decision(decision));
        }
    }

    fn challenge(&self, event: &ChallengeEvent) {
        self.pending.tally().count_challenge(event);
    }

    fn circuit_changed(&self, state: CircuitState) {
        // Of a full queue the thread learns the next change; what the page shows of a watched engine is its own state.
        _ = self.queue.try_send(Message::Circuit(state));
    }

    fn config_reloaded(&self, result: Result<&Config, &ConfigError>) {
        self.shared.configured().reloaded(result);
    }

    fn wants_exchange(&self) -> bool {
        self.shared.anonymize == Anonymize::Off
    }
}

impl Pending {
    /// No panic leaves it half changed, or a count is off by one.
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread: until the engine and the inspector are gone.
fn take_all(mut intake: Intake, messages: &Receiver<Message>, pending: &Pending) {
    loop {
        let first = match messages.recv_timeout(IDLE_INTERVAL) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if matches!(first, Some(Message::Decided(..))) {
            thread::sleep(BATCH_INTERVAL);
        }
        let mut batch = Vec::new();
        let mut waiting = Vec::new();
        // A batch is at most what the queue held, so that it ends under load too.
        for message in first.into_iter().chain(messages.try_iter()).take(QUEUE) {
            match message {
                Message::Decided(time, decision) => batch.push((time, decision)),
                Message::Circuit(state) => intake.circuit_changed(state),
                Message::Flush(done) => waiting.push(done),
            }
        }
        let size = batch
            .iter()
            .map(|(_, decision)| size_of_decision(decision))
            .sum();
        // After the queue: what is kept is counted as well.
        let counted = pending.tally().take(size);
        intake.take(batch, &counted);
        #[cfg(feature = "sqlite")]
        if !waiting.is_empty() {
            intake.write();
        }
        for done in waiting {
            // Whoever waited may have given up.
            _ = done.try_send(());
        }
    }
    #[cfg(feature = "sqlite")]
    intake.write();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Bounds, Store};
    use rti_core::testing::{DecisionBuilder, VerdictBuilder};

    #[test]
    fn a_full_queue_drops_and_counts_and_does_not_wait() {
        let (queue, messages) = sync_channel(2);
        let pending = Arc::new(Pending::default());
        let store = Store::new(Bounds {
            decisions: 1,
            bytes: 1,
        });
        let recorder = Recorder {
            queue,
            pending: Arc::clone(&pending),
            shared: Arc::new(Shared::new(store, Anonymize::Off).unwrap()),
        };
        let decision = DecisionBuilder::evaluated(VerdictBuilder::valid().build()).build();
        for _ in 0..5 {
            recorder.decided(&decision);
        }
        assert_eq!(messages.try_iter().count(), 2);
        let counted = pending.tally().take(2 * size_of_decision(&decision));
        assert_eq!(counted.counts.total, 5, "all are counted");
        assert_eq!(counted.not_kept, 3);
        assert_eq!(pending.tally().waiting_bytes(), 0);
    }
}
