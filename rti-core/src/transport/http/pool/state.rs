//! What a pool knows, and the rules of who gets which connection and when to dial. There is no I/O
//! in here, so that random sequences of events can be played against it.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::transport::ConnectionCounts;

/// A dial that takes longer than this no longer keeps others from being started: its packets may
/// have been lost, and TCP repeats them after a second at the earliest.
const SLOW_DIAL: Duration = Duration::from_millis(500);

/// The most dials at a time before the first one has told whether the service speaks HTTP/2, where
/// one connection carries what takes fifty over HTTP/1.1.
const DIALS_BEFORE_PROTOCOL_IS_KNOWN: usize = 8;

/// Between dials that keep the pool warm while dials fail: the first and the longest pause. The
/// longest bounds how long the service is back before the pool knows.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
const LONGEST_BACKOFF: Duration = Duration::from_millis(400);

/// A connection that is closed before this, without having carried a call, counts as a failed dial: a
/// service that accepts connections and closes them at once would otherwise be dialled in a loop.
const SHORT_LIFE: Duration = Duration::from_millis(500);

/// An HTTP/1.1 connection that was not used for this long is replaced: proxies and address
/// translators forget idle connections without a word, most after a minute or more.
const REPLACE_IDLE_AFTER: Duration = Duration::from_secs(30);

/// How often the number of connections that the recent peak needed shrinks, and by which part. It
/// halves in about three minutes.
const DECAY_INTERVAL: Duration = Duration::from_secs(15);
const DECAY_DIVISOR: usize = 16;

/// How often a pool in which nothing happens is looked after.
const CALM_UPKEEP: Duration = Duration::from_secs(5);

/// The most connections that are kept for the next peak.
const MAX_KEPT: usize = 256;

pub(in crate::transport::http) type Id = u64;

/// What a connection is to the pool.
pub(in crate::transport::http) trait Slot {
    /// How many calls it can carry at a time, now: 1 over HTTP/1.1, the service's limit over HTTP/2.
    fn capacity(&self) -> usize;

    /// Whether it is probed by its protocol while it is idle, as HTTP/2 is by PING.
    fn is_probed_when_idle(&self) -> bool;
}

/// Bounds of a pool. `min_idle` of zero means that nothing is dialled unless a call waits for it.
#[derive(Debug, Clone, Copy)]
pub(in crate::transport::http) struct Limits {
    pub(in crate::transport::http) min_idle: usize,
    pub(in crate::transport::http) max_connections: usize,
}

/// `C` is a connection, `W` the place where a waiting call is given one.
pub(super) struct State<C, W> {
    limits: Limits,
    /// Connections that can be used, those used last at the end.
    open: Vec<Entry<C>>,
    /// How many of them are late.
    late: usize,
    /// How many connections exist beside those in `open`: retired ones, until they are closed.
    draining: usize,
    waiting: BTreeMap<Id, W>,
    dials: BTreeMap<Id, Instant>,
    next_id: Id,
    /// Calls on connections in `open`.
    calls: usize,
    /// The capacity of the connection that was dialled last.
    last_capacity: Option<usize>,
    failed_dials: u32,
    /// Connections in a row that were closed soon and unused.
    short_lived: u32,
    next_warm_dial: Option<Instant>,
    /// The most calls under way since the last decay, and what is left of earlier peaks.
    peak: usize,
    kept: usize,
    next_decay: Instant,
}

struct Entry<C> {
    id: Id,
    connection: C,
    in_use: usize,
    /// Its call has given up; the response is still being read.
    is_late: bool,
    idle_since: Instant,
    opened: Instant,
    has_served: bool,
}

impl<C: Slot> Entry<C> {
    fn has_room(&self) -> bool {
        self.in_use < self.connection.capacity()
    }
}

impl<C: Slot + Clone, W> State<C, W> {
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            open: Vec::new(),
            late: 0,
            draining: 0,
            waiting: BTreeMap::new(),
            dials: BTreeMap::new(),
            next_id: 0,
            calls: 0,
            last_capacity: None,
            failed_dials: 0,
            short_lived: 0,
            next_warm_dial: None,
            peak: 0,
            kept: 0,
            next_decay: now + DECAY_INTERVAL,
        }
    }

    pub(super) fn next_id(&mut self) -> Id {
        self.next_id += 1;
        self.next_id
    }

    pub(super) fn connections(&self) -> ConnectionCounts {
        let idle = self.open.iter().filter(|entry| entry.in_use == 0).count();
        let busy = self.open.len() - idle + self.draining;
        ConnectionCounts::new(idle, busy, self.dials.len())
    }

    /// A connection with room for a call, and the call's place on it. The one with the fewest calls,
    /// and of those the one used last: over HTTP/1.1 the same few stay busy, over HTTP/2 a connection
    /// that went silent, and so collects calls, is passed over.
    pub(super) fn acquire(&mut self) -> Option<(Id, C)> {
        let mut best: Option<(usize, usize)> = None;
        for (index, entry) in self.open.iter().enumerate().rev() {
            if entry.has_room() && best.is_none_or(|(_, least)| entry.in_use < least) {
                best = Some((index, entry.in_use));
                if entry.in_use == 0 {
                    break;
                }
            }
        }
        best.and_then(|(index, _)| self.occupy(index))
    }

    /// A connection for a call that is repeated: not the one that failed it, and the one dialled last,
    /// since a service that closes one idle connection may be closing the others too.
    pub(super) fn acquire_other(&mut self, failed: Id) -> Option<(Id, C)> {
        let others = self.open.iter().enumerate();
        let others = others.filter(|(_, entry)| entry.id != failed && entry.has_room());
        let (index, _) = others.max_by_key(|(_, entry)| entry.id)?;
        self.occupy(index)
    }

    fn occupy(&mut self, index: usize) -> Option<(Id, C)> {
        let entry = self.open.get_mut(index)?;
        entry.in_use += 1;
        self.calls += 1;
        let occupied = (entry.id, entry.connection.clone());
        self.note_peak();
        Some(occupied)
    }

    pub(super) fn wait(&mut self, waiter: W) -> Id {
        let id = self.next_id();
        self.waiting.insert(id, waiter);
        self.note_peak();
        id
    }

    pub(super) fn stop_waiting(&mut self, waiter: Id) {
        self.waiting.remove(&waiter);
    }

    /// A waiting call and a connection for it. The newest first: calls share one deadline, so where
    /// there are too few connections the oldest would get theirs too late, and nobody a verdict.
    pub(super) fn next_match(&mut self) -> Option<(W, Id, C)> {
        if self.waiting.is_empty() {
            return None;
        }
        let (id, connection) = self.acquire()?;
        let (_, waiter) = self.waiting.pop_last()?;
        Some((waiter, id, connection))
    }

    /// A call is over, and its connection can carry another one. True when calls wait for one.
    pub(super) fn release(&mut self, id: Id, now: Instant) -> bool {
        if let Some(index) = self.position(id) {
            if let Some(entry) = self.open.get_mut(index) {
                entry.in_use = entry.in_use.saturating_sub(1);
                entry.idle_since = now;
                entry.has_served = true;
                self.short_lived = 0;
                if std::mem::take(&mut entry.is_late) {
                    self.late = self.late.saturating_sub(1);
                } else {
                    self.calls = self.calls.saturating_sub(1);
                }
            }
            if let Some(used_last) = self.open.get_mut(index..) {
                used_last.rotate_left(1);
            }
        }
        !self.waiting.is_empty()
    }

    /// Takes a connection out of use; it still exists until [`closed`](Self::closed).
    pub(super) fn retire(&mut self, id: Id) -> Option<C> {
        let retired = self.remove(id)?;
        self.draining += 1;
        Some(retired.connection)
    }

    /// The call on an HTTP/1.1 connection has given up, and its response is read all the same. Until
    /// it is released the connection does not count as one that calls can hope for.
    pub(super) fn detach(&mut self, id: Id) {
        let index = self.position(id);
        if let Some(entry) = index.and_then(|index| self.open.get_mut(index))
            && !std::mem::replace(&mut entry.is_late, true)
        {
            self.late += 1;
            self.calls = self.calls.saturating_sub(1);
        }
    }

    /// A connection exists no longer. It was in use or retired.
    pub(super) fn closed(&mut self, id: Id, now: Instant) {
        match self.remove(id) {
            Some(entry) if !entry.has_served && now < entry.opened + SHORT_LIFE => {
                self.short_lived = self.short_lived.saturating_add(1);
                self.pause_dials(self.short_lived, now);
            }
            Some(_) => {}
            None => self.draining = self.draining.saturating_sub(1),
        }
    }

    pub(super) fn dial_started(&mut self, now: Instant) -> Id {
        let id = self.next_id();
        self.dials.insert(id, now);
        id
    }

    pub(super) fn dial_succeeded(&mut self, id: Id, connection: C, now: Instant) {
        self.dials.remove(&id);
        self.failed_dials = 0;
        if self.short_lived == 0 {
            self.next_warm_dial = None;
        }
        self.last_capacity = Some(connection.capacity());
        self.insert(id, connection, now);
    }

    /// The calls that a failed dial leaves without a connection. None while connections are in use,
    /// which will be free again; else a fair part of those who wait, with the dials still under way.
    pub(super) fn dial_failed(&mut self, id: Id, now: Instant) -> Vec<W> {
        self.dials.remove(&id);
        self.failed_dials = self.failed_dials.saturating_add(1);
        self.pause_dials(self.failed_dials, now);
        if self.serviceable() > 0 {
            return Vec::new();
        }
        let part = self.waiting.len().div_ceil(self.dials.len() + 1);
        std::iter::from_fn(|| self.waiting.pop_first())
            .map(|(_, waiter)| waiter)
            .take(part)
            .collect()
    }

    /// How many dials are to be started now.
    pub(super) fn dials_wanted(&self, now: Instant) -> usize {
        let recent = self.recent_dials(now);
        let for_calls = match self.next_warm_dial {
            // They wait for a connection in use; dialling for them again at once would be a storm.
            Some(at) if now < at && self.serviceable() > 0 => 0,
            // The service takes no calls on the connections there are, and would on no others.
            _ if self.capacity() == Some(0) => 0,
            _ => self.waiting.len().div_ceil(self.usual_capacity()),
        };
        let wanted = for_calls.max(self.warm_dials_wanted(now, recent));
        let wanted = match self.last_capacity {
            Some(_) => wanted,
            None => wanted.min(DIALS_BEFORE_PROTOCOL_IS_KNOWN),
        };
        let connections = self.open.len() + self.draining + self.dials.len();
        wanted
            .saturating_sub(recent)
            .min(self.limits.max_connections.saturating_sub(connections))
    }

    /// Dials, with those under way, that bring the pool to its target. One at a time while they fail.
    fn warm_dials_wanted(&self, now: Instant, recent: usize) -> usize {
        let missing = self.target().saturating_sub(self.serviceable());
        let replaces_aged = missing == 0 && self.open.len() <= self.target() && self.has_aged(now);
        let missing = missing + usize::from(replaces_aged);
        match self.next_warm_dial {
            None => missing,
            Some(at) if now >= at && recent == 0 => missing.min(1),
            Some(_) => 0,
        }
    }

    /// How many connections are kept, with or without calls.
    pub(super) fn target(&self) -> usize {
        let Limits {
            min_idle,
            max_connections,
        } = self.limits;
        if min_idle == 0 {
            return 0;
        }
        let for_peak = match self.capacity() {
            Some(0) => 0,
            _ => self.kept.max(self.peak).div_ceil(self.usual_capacity()),
        };
        let max_kept = MAX_KEPT.min(max_connections / 2);
        min_idle.max(for_peak.min(max_kept)).min(max_connections)
    }

    pub(super) fn is_warm(&self) -> bool {
        self.serviceable() >= self.target()
    }

    pub(super) fn is_failing(&self) -> bool {
        self.failed_dials > 0 || self.short_lived > 0
    }

    /// Lets earlier peaks fade, and returns the idle connections that are to be closed: those beyond
    /// the target that were not used for a while, and those replaced by a newer one.
    pub(super) fn take_expired(&mut self, now: Instant) -> Vec<C> {
        while now >= self.next_decay {
            self.next_decay += DECAY_INTERVAL;
            let faded = self.kept - self.kept.div_ceil(DECAY_DIVISOR);
            self.kept = faded.max(std::mem::take(&mut self.peak));
        }
        let mut expired = Vec::new();
        while self.open.len() > self.target()
            && let Some(index) = self.open.iter().position(|entry| is_unused(entry, now))
        {
            self.draining += 1;
            expired.push(self.open.remove(index).connection);
        }
        expired
    }

    /// When something is to be done again though nothing happens.
    pub(super) fn next_upkeep(&self, now: Instant) -> Instant {
        let calm = now + CALM_UPKEEP;
        if self.waiting.is_empty() && self.is_warm() {
            return calm;
        }
        let slow = self.dials.values().map(|started| *started + SLOW_DIAL);
        slow.chain(self.next_warm_dial)
            .filter(|at| *at > now)
            .min()
            .unwrap_or(calm)
            .min(calm)
    }

    fn insert(&mut self, id: Id, connection: C, now: Instant) {
        self.open.push(Entry {
            id,
            connection,
            in_use: 0,
            is_late: false,
            idle_since: now,
            opened: now,
            has_served: false,
        });
    }

    fn remove(&mut self, id: Id) -> Option<Entry<C>> {
        let entry = self.open.remove(self.position(id)?);
        let is_late = usize::from(entry.is_late);
        self.late = self.late.saturating_sub(is_late);
        self.calls = self.calls.saturating_sub(entry.in_use - is_late);
        Some(entry)
    }

    fn position(&self, id: Id) -> Option<usize> {
        self.open.iter().rposition(|entry| entry.id == id)
    }

    fn serviceable(&self) -> usize {
        self.open.len() - self.late
    }

    /// How many calls a connection carries, as far as it is known.
    fn capacity(&self) -> Option<usize> {
        let open = self.open.last().map(|entry| entry.connection.capacity());
        open.or(self.last_capacity)
    }

    fn usual_capacity(&self) -> usize {
        self.capacity().unwrap_or(1).max(1)
    }

    fn pause_dials(&mut self, failures: u32, now: Instant) {
        let pause = FIRST_BACKOFF.saturating_mul(1 << (failures - 1).min(8));
        self.next_warm_dial = Some(now + pause.min(LONGEST_BACKOFF));
    }

    /// Dials that are likely to end soon.
    fn recent_dials(&self, now: Instant) -> usize {
        let recent = |started: &&Instant| now.duration_since(**started) < SLOW_DIAL;
        self.dials.values().rev().take_while(recent).count()
    }

    fn has_aged(&self, now: Instant) -> bool {
        let aged =
            |entry: &Entry<C>| is_unused(entry, now) && !entry.connection.is_probed_when_idle();
        self.limits.min_idle > 0 && self.open.iter().any(aged)
    }

    fn note_peak(&mut self) {
        self.peak = self.peak.max(self.calls + self.waiting.len());
    }
}

fn is_unused<C>(entry: &Entry<C>, now: Instant) -> bool {
    entry.in_use == 0 && now.duration_since(entry.idle_since) >= REPLACE_IDLE_AFTER
}

#[cfg(test)]
mod tests;
