//! Visitors, and what became of each.

use std::time::Duration;

use rti_bench::sample::Sample;
use rti_core::{Decision, Rti};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// An engine, and since when it is there.
#[derive(Debug, Clone)]
pub(super) struct Engine {
    pub(super) rti: Rti,
    pub(super) began: Instant,
}

/// What became of one visitor.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// When, from the engine's start.
    pub(super) at: Duration,
    pub(super) took: Duration,
    /// Why there was no verdict.
    pub(super) without: Option<String>,
}

impl Engine {
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn decide(&self) -> impl Future<Output = Decision> + Send + 'static {
        self.rti.decide(self.rti.inspect(&Sample::browser()))
    }

    pub(super) async fn visit(&self) -> Visit {
        let at = self.age();
        let decision = self.decide().await;
        Visit {
            at,
            took: self.age().saturating_sub(at),
            without: decision.outcome().reason(),
        }
    }

    /// So many visitors a second from now on, whether or not those before have been served.
    pub(super) async fn steady(&self, per_second: u32, lasting: Duration) -> Vec<Visit> {
        let mut visiting = JoinSet::new();
        let mut next = Instant::now();
        let ends = next + lasting;
        while next < ends {
            sleep_until(next).await;
            let engine = self.clone();
            visiting.spawn(async move { engine.visit().await });
            next += Duration::from_secs(1) / per_second;
        }
        visiting.join_all().await
    }

    /// So many visitors at once.
    pub(super) async fn burst(&self, visitors: u32) -> Vec<Visit> {
        let mut visiting = JoinSet::new();
        for _ in 0..visitors {
            let engine = self.clone();
            visiting.spawn(async move { engine.visit().await });
        }
        visiting.join_all().await
    }
}
