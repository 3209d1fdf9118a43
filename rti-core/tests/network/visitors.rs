//! Visitors, and how many of them got a verdict.

use std::collections::BTreeMap;
use std::time::Duration;

use rti_core::{Decision, Rti};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::checking::check;

/// What became of some visitors.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    visitors: u32,
    evaluated: u32,
    /// How many went without a verdict, by reason.
    without: BTreeMap<String, u32>,
}

impl Tally {
    /// At least this part of the visitors got a verdict, in percent.
    #[track_caller]
    pub(crate) fn assert_evaluated(&self, percent: u32, what: &str) {
        // ResponseKind with `--nocapture`.
        println!("{what}: {self:?}");
        let is_enough = self.evaluated * 100 >= self.visitors * percent;
        assert!(
            is_enough,
            "{what}: not {percent} % of the visitors: {self:?}"
        );
    }

    pub(crate) fn count(&mut self, decision: &Decision) {
        self.visitors += 1;
        match decision.outcome().reason() {
            None => self.evaluated += 1,
            Some(reason) => *self.without.entry(reason).or_default() += 1,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.visitors += other.visitors;
        self.evaluated += other.evaluated;
        for (reason, count) in other.without {
            *self.without.entry(reason).or_default() += count;
        }
    }
}

/// So many visitors a second from now on, whether or not those before have been served.
pub(crate) async fn steady(rti: &Rti, per_second: u32, lasting: Duration) -> Tally {
    let began = Instant::now();
    let mut checking = JoinSet::new();
    let mut next = began;
    while next < began + lasting {
        sleep_until(next).await;
        let rti = rti.clone();
        checking.spawn(async move { check(&rti).await });
        next += Duration::from_secs(1) / per_second;
    }
    tally(checking).await
}

/// So many visitors at once.
pub(crate) async fn burst(rti: &Rti, visitors: u32) -> Tally {
    let mut checking = JoinSet::new();
    for _ in 0..visitors {
        let rti = rti.clone();
        checking.spawn(async move { check(&rti).await });
    }
    tally(checking).await
}

async fn tally(checking: JoinSet<Decision>) -> Tally {
    let mut tally = Tally::default();
    for decision in checking.join_all().await {
        tally.count(&decision);
    }
    tally
}
