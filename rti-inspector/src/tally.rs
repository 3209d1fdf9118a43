//! What is counted between two batches, and which decisions are kept beside it.
//!
//! Every decision is counted. Kept whole, with what was sent and what came back, are so many a second: it
//! costs memory that is not in the processor's cache, and of thousands a second nobody reads each.

use std::time::{Duration, Instant};

use rti_core::{Action, ChallengeEvent, Decision};

use crate::aggregates::Counts;
use crate::record::size_of_decision;

/// One decision in so much time is kept of those that continue, and one of those that blocking acts on:
/// neither kind takes the other's place. `docs/inspector.md` gives the number.
const KEEP_INTERVAL: Duration = Duration::from_millis(2);
/// So many at once, after a time without any.
const KEEP_AT_ONCE: u32 = 1000;
/// How many bytes of decisions may wait for the thread.
const WAITING_BYTES: usize = 16 << 20;

#[derive(Default)]
pub(crate) struct Tally {
    counted: Counted,
    waiting_bytes: usize,
    continued: Allowance,
    acted_on: Allowance,
}

/// What was counted since it was last taken.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) counts: Counts,
    /// How many of them are counted and not kept.
    pub(crate) not_kept: u64,
}

impl Tally {
    /// Counts the decision; whether it is to be kept as well.
    pub(crate) fn count(&mut self, decision: &Decision, now: Instant) -> bool {
        self.counted.counts.record(decision);
        let allowance = match decision.policy_action() {
            Action::Allow => &mut self.continued,
            _ => &mut self.acted_on,
        };
        if allowance.is_used_up(now) {
            self.counted.not_kept += 1;
            return false;
        }
        let size = size_of_decision(decision);
        if self.waiting_bytes + size > WAITING_BYTES {
            self.counted.not_kept += 1;
            return false;
        }
        allowance.use_one(now);
        self.waiting_bytes += size;
        true
    }

    pub(crate) fn count_challenge(&mut self, event: &ChallengeEvent) {
        self.counted.counts.record_challenge(event);
    }

    /// One that was to be kept found no place in the queue.
    pub(crate) fn refused(&mut self, size: usize) {
        self.waiting_bytes = self.waiting_bytes.saturating_sub(size);
        self.counted.not_kept += 1;
    }

    /// What was counted, when decisions of so many bytes were taken from the queue.
    pub(crate) fn take(&mut self, taken_bytes: usize) -> Counted {
        self.waiting_bytes = self.waiting_bytes.saturating_sub(taken_bytes);
        std::mem::take(&mut self.counted)
    }

    #[cfg(test)]
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }
}

/// A rate with a bound on how many pass at once (the generic cell rate algorithm): the time from which on
/// the next one is due moves by the interval with each, and lags behind now by so many at most.
#[derive(Default)]
struct Allowance {
    next: Option<Instant>,
}

impl Allowance {
    fn is_used_up(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| next > now)
    }

    fn use_one(&mut self, now: Instant) {
        let earliest = now.checked_sub(KEEP_INTERVAL * (KEEP_AT_ONCE - 1));
        let from = self.next.max(earliest).unwrap_or(now);
        self.next = Some(from + KEEP_INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rti_core::ThreatType;
    use rti_core::testing::{DecisionBuilder, VerdictBuilder};

    fn kept(tally: &mut Tally, decision: &Decision, now: Instant, count: u32) -> u32 {
        let kept = (0..count).filter(|_| tally.count(decision, now));
        u32::try_from(kept.count()).unwrap()
    }

    #[test]
    fn all_are_counted_and_so_many_a_second_are_kept() {
        let valid = DecisionBuilder::evaluated(VerdictBuilder::valid().build()).build();
        let vpn = VerdictBuilder::invalid(ThreatType::Vpn).build();
        let blocked = DecisionBuilder::blocked(vpn).build();
        let mut tally = Tally::default();
        let start = Instant::now();
        assert_eq!(kept(&mut tally, &valid, start, 5000), KEEP_AT_ONCE);
        // The others have an allowance of their own.
        assert_eq!(kept(&mut tally, &blocked, start, 10), 10);
        let later = start + Duration::from_secs(1);
        assert_eq!(kept(&mut tally, &valid, later, 5000), 500);
        let much_later = start + Duration::from_secs(3600);
        assert_eq!(kept(&mut tally, &valid, much_later, 5000), KEEP_AT_ONCE);
        let counted = tally.take(0);
        assert_eq!(counted.counts.total, 15_010);
        assert_eq!(counted.not_kept, 15_000 - 2500);
    }

    #[test]
    fn what_waits_is_bounded_in_bytes() {
        let valid = DecisionBuilder::evaluated(VerdictBuilder::valid().build()).build();
        let size = size_of_decision(&valid);
        let mut tally = Tally {
            waiting_bytes: WAITING_BYTES - size,
            ..Tally::default()
        };
        let now = Instant::now();
        assert_eq!(kept(&mut tally, &valid, now, 3), 1);
        tally.take(size);
        assert_eq!(kept(&mut tally, &valid, now, 3), 1);
    }
}
