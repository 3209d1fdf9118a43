//! How many connections there were, and are.

use std::sync::Arc;

use tokio::sync::watch;

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    accepted: u64,
    open: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Connections(watch::Sender<Counts>);

impl Connections {
    pub(crate) fn accepted(&self) -> u64 {
        self.0.borrow().accepted
    }

    pub(crate) fn open(&self) -> u64 {
        self.0.borrow().open
    }

    pub(crate) async fn wait_for_accepted(&self, connections: u64) {
        self.wait_until(|counts| counts.accepted >= connections)
            .await;
    }

    pub(crate) async fn wait_for_none_open(&self) {
        self.wait_until(|counts| counts.open == 0).await;
    }

    async fn wait_until(&self, holds: impl Fn(&Counts) -> bool) {
        let mut counts = self.0.subscribe();
        // The sender is in `self`, so the channel cannot close meanwhile.
        let _ = counts.wait_for(|counts| holds(counts)).await;
    }
}

/// A connection that counts as open while this lives.
pub(crate) struct OpenConnection {
    connections: Arc<Connections>,
    number: u64,
}

impl OpenConnection {
    pub(crate) fn count(connections: Arc<Connections>) -> Self {
        let number = connections.accepted();
        connections.0.send_modify(|counts| {
            counts.accepted += 1;
            counts.open += 1;
        });
        Self {
            connections,
            number,
        }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.connections.0.send_modify(|counts| counts.open -= 1);
    }
}
