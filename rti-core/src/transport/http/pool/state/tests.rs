//! Random sequences of events, played against the state and against a plain account of them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// A connection that carries so many calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fake {
    capacity: usize,
}

impl Slot for Fake {
    fn capacity(&self) -> usize {
        self.capacity
    }

    fn is_probed_when_idle(&self) -> bool {
        self.capacity > 1
    }
}

#[derive(Debug, Clone)]
enum Event {
    Call,
    GiveUpWaiting(usize),
    Release(usize),
    /// A call on an HTTP/1.1 connection gives up; its response is still read.
    Detach(usize),
    Retire(usize),
    Close(usize),
    DialSucceeds(usize),
    DialFails(usize),
    Advance(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let any = 0..1000_usize;
    let event = prop_oneof![
        6 => Just(Event::Call),
        1 => any.clone().prop_map(Event::GiveUpWaiting),
        5 => any.clone().prop_map(Event::Release),
        1 => any.clone().prop_map(Event::Detach),
        1 => any.clone().prop_map(Event::Retire),
        1 => any.clone().prop_map(Event::Close),
        5 => any.clone().prop_map(Event::DialSucceeds),
        1 => any.prop_map(Event::DialFails),
        2 => (0..40_000_u64).prop_map(Event::Advance),
    ];
    proptest::collection::vec(event, 0..200)
}

/// What a bystander would write down.
struct Account {
    state: State<Fake, Id>,
    now: Instant,
    capacity: usize,
    limits: Limits,
    waiting: BTreeSet<Id>,
    dials: BTreeSet<Id>,
    /// Every connection that exists, with its calls; `None` once it is out of use.
    connections: BTreeMap<Id, Option<usize>>,
    late: BTreeSet<Id>,
    calls: Vec<Id>,
    callers: Id,
}

fn pick<T: Copy>(from: impl IntoIterator<Item = T>, index: usize) -> Option<T> {
    let all: Vec<T> = from.into_iter().collect();
    all.get(index.checked_rem(all.len())?).copied()
}

impl Account {
    fn new(capacity: usize, limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            state: State::new(limits, now),
            now,
            capacity,
            limits,
            waiting: BTreeSet::new(),
            dials: BTreeSet::new(),
            connections: BTreeMap::new(),
            late: BTreeSet::new(),
            calls: Vec::new(),
            callers: 0,
        }
    }

    fn play(&mut self, event: &Event) {
        match *event {
            Event::Call => {
                if let Some((id, _)) = self.state.acquire() {
                    self.begin(id);
                } else {
                    self.callers += 1;
                    let id = self.state.wait(self.callers);
                    self.waiting.insert(id);
                }
            }
            Event::GiveUpWaiting(n) => {
                if let Some(id) = pick(self.waiting.clone(), n) {
                    self.state.stop_waiting(id);
                    self.waiting.remove(&id);
                }
            }
            Event::Release(n) => {
                if let Some(index) = n.checked_rem(self.calls.len()) {
                    let id = self.calls.swap_remove(index);
                    self.late.remove(&id);
                    if let Some(Some(calls)) = self.connections.get_mut(&id) {
                        *calls -= 1;
                    }
                    self.state.release(id, self.now);
                }
            }
            Event::Detach(n) => {
                if let (1, Some(id)) = (self.capacity, pick(self.calls.clone(), n)) {
                    self.state.detach(id);
                    if self.connections.get(&id).is_some_and(Option::is_some) {
                        self.late.insert(id);
                    }
                }
            }
            Event::Retire(n) => {
                if let Some(id) = pick(self.connections.keys().copied(), n) {
                    let retired = self.state.retire(id);
                    assert_eq!(retired.is_some(), self.connections[&id].is_some());
                    self.connections.insert(id, None);
                    self.late.remove(&id);
                }
            }
            Event::Close(n) => {
                if let Some(id) = pick(self.connections.keys().copied(), n) {
                    self.state.closed(id, self.now);
                    self.connections.remove(&id);
                    self.late.remove(&id);
                }
            }
            Event::DialSucceeds(n) => {
                if let Some(id) = pick(self.dials.clone(), n) {
                    self.dials.remove(&id);
                    self.connections.insert(id, Some(0));
                    let capacity = self.capacity;
                    self.state.dial_succeeded(id, Fake { capacity }, self.now);
                }
            }
            Event::DialFails(n) => {
                if let Some(id) = pick(self.dials.clone(), n) {
                    self.dials.remove(&id);
                    let failed = self.state.dial_failed(id, self.now);
                    let none_open = self.serviceable() == 0;
                    assert!(none_open || failed.is_empty(), "failed beside a connection");
                    let last = none_open && self.dials.is_empty();
                    assert!(
                        !last || failed.len() == self.waiting.len(),
                        "left without a dial"
                    );
                    for _ in failed {
                        self.waiting.pop_first();
                    }
                }
            }
            Event::Advance(millis) => {
                self.now += Duration::from_millis(millis);
                let expired = self.state.take_expired(self.now).len();
                assert_eq!(self.note_expired(), expired);
            }
        }
        self.settle();
        self.check();
    }

    /// What the pool does after each event: serve those who wait, and dial.
    fn settle(&mut self) {
        while let Some((_, id, _)) = self.state.next_match() {
            self.waiting.pop_last();
            self.begin(id);
        }
        for _ in 0..self.state.dials_wanted(self.now) {
            let id = self.state.dial_started(self.now);
            self.dials.insert(id);
        }
    }

    fn begin(&mut self, id: Id) {
        let calls = self.connections.get_mut(&id).and_then(Option::as_mut);
        *calls.expect("a call on a connection that is not open") += 1;
        self.calls.push(id);
    }

    /// Expired connections are out of use; how many there are.
    fn note_expired(&mut self) -> usize {
        let open: BTreeSet<Id> = self.state.open.iter().map(|entry| entry.id).collect();
        let mut expired = 0;
        for (id, calls) in &mut self.connections {
            if calls.is_some() && !open.contains(id) {
                assert_eq!(*calls, Some(0), "a connection in use expired");
                *calls = None;
                expired += 1;
            }
        }
        expired
    }

    fn serviceable(&self) -> usize {
        let open = self.connections.values().filter(|calls| calls.is_some());
        open.count() - self.late.len()
    }

    fn check(&self) {
        let open: Vec<_> = self.connections.values().flatten().copied().collect();
        assert!(
            open.iter().all(|calls| *calls <= self.capacity),
            "overloaded"
        );
        let has_room = open.iter().any(|calls| *calls < self.capacity);
        assert!(
            self.waiting.is_empty() || !has_room,
            "waits beside a connection with room"
        );
        let existing = self.connections.len() + self.dials.len();
        assert!(existing <= self.limits.max_connections, "more than allowed");
        assert_eq!(self.state.open.len(), open.len());
        assert_eq!(self.state.late, self.late.len());
        assert_eq!(self.state.draining, self.connections.len() - open.len());
        let idle = open.iter().filter(|calls| **calls == 0).count();
        let busy = self.connections.len() - idle;
        let counts = ConnectionCounts::new(idle, busy, self.dials.len());
        assert_eq!(self.state.connections(), counts);
        let calls: usize = open.iter().sum();
        assert_eq!(self.state.calls, calls - self.late.len());
        assert_eq!(self.state.waiting.len(), self.waiting.len());
        let is_full = existing == self.limits.max_connections;
        let has_hope = self.serviceable() > 0 || !self.dials.is_empty() || is_full;
        assert!(self.waiting.is_empty() || has_hope, "waits for nothing");
        assert!(
            self.state.next_upkeep(self.now) > self.now,
            "upkeep in a loop"
        );
    }
}

proptest! {
    #[test]
    fn no_sequence_of_events_breaks_the_rules(
        events in events(),
        capacity in prop_oneof![Just(1_usize), 2..20_usize],
        min_idle in 0..6_usize,
        max_connections in 1..40_usize,
    ) {
        let mut account = Account::new(capacity, Limits { min_idle, max_connections });
        account.settle();
        for event in &events {
            account.play(event);
        }
    }

    /// Whatever happened: where dials succeed and calls end, the pool is warm again.
    #[test]
    fn the_pool_gets_warm_again(events in events(), min_idle in 1..6_usize) {
        let mut account = Account::new(1, Limits { min_idle, max_connections: 40 });
        for event in &events {
            account.play(event);
        }
        for _ in 0..100 {
            account.play(&Event::Release(0));
            account.play(&Event::Advance(500));
            let retired = |(id, calls): (&Id, &Option<usize>)| calls.is_none().then_some(*id);
            for id in account.connections.iter().filter_map(retired).collect::<Vec<_>>() {
                account.state.closed(id, account.now);
                account.connections.remove(&id);
            }
            while !account.dials.is_empty() {
                account.play(&Event::DialSucceeds(0));
            }
        }
        prop_assert!(account.state.is_warm());
        prop_assert!(account.waiting.is_empty());
    }
}

fn connected(state: &mut State<Fake, Id>, now: Instant, count: usize) {
    for _ in 0..count {
        let id = state.dial_started(now);
        state.dial_succeeded(id, Fake { capacity: 1 }, now);
    }
}

const LIMITS: Limits = Limits {
    min_idle: 4,
    max_connections: 1024,
};

#[test]
fn a_burst_is_remembered_and_fades() {
    let mut now = Instant::now();
    let mut state = State::<Fake, Id>::new(LIMITS, now);
    connected(&mut state, now, 4);
    for caller in 0..50 {
        if state.acquire().is_none() {
            state.wait(caller);
        }
    }
    assert_eq!(state.target(), 50);
    assert_eq!(state.dials_wanted(now), 46);
    for waiter in 0..200 {
        state.stop_waiting(waiter);
    }
    for id in 0..200 {
        state.release(id, now);
    }
    now += Duration::from_secs(60);
    state.take_expired(now);
    assert!(state.target() >= 35, "{}", state.target());
    now += Duration::from_secs(1800);
    state.take_expired(now);
    assert_eq!(state.target(), 4);
}

#[test]
fn a_repeated_call_gets_the_connection_dialled_last() {
    let now = Instant::now();
    let mut state = State::<Fake, Id>::new(LIMITS, now);
    connected(&mut state, now, 3);
    let (failed, _) = state.acquire().unwrap();
    let (other, _) = state.acquire_other(failed).unwrap();
    state.release(other, now);
    let (third, _) = state.acquire().unwrap();
    assert_eq!(third, other, "the one used last");
    state.retire(failed);
    connected(&mut state, now, 1);
    let (newest, _) = state.acquire_other(third).unwrap();
    assert!(newest > failed.max(other));
}

#[test]
fn the_newest_call_is_served_first() {
    let now = Instant::now();
    let mut state = State::<Fake, Id>::new(LIMITS, now);
    let (first, second) = (state.wait(1), state.wait(2));
    assert!(first < second);
    connected(&mut state, now, 1);
    assert_eq!(state.next_match().map(|(waiter, ..)| waiter), Some(2));
}

#[test]
fn a_connection_that_nobody_used_is_replaced_before_it_is_closed() {
    let mut now = Instant::now();
    let mut state = State::<Fake, Id>::new(LIMITS, now);
    connected(&mut state, now, 4);
    now += REPLACE_IDLE_AFTER;
    assert!(
        state.take_expired(now).is_empty(),
        "closed before it is replaced"
    );
    assert_eq!(state.dials_wanted(now), 1);
    connected(&mut state, now, 1);
    assert_eq!(state.take_expired(now).len(), 1);
    assert!(state.is_warm());
}

/// Counts the dials of ten seconds to a service that does this with each of them.
fn dials_in_ten_seconds(mut dialled: impl FnMut(&mut State<Fake, Id>, Id, Instant)) -> u32 {
    let mut now = Instant::now();
    let mut state = State::<Fake, Id>::new(LIMITS, now);
    let (mut dials, end) = (0, now + Duration::from_secs(10));
    while now < end {
        for _ in 0..state.dials_wanted(now) {
            let id = state.dial_started(now);
            dialled(&mut state, id, now);
            dials += 1;
        }
        now = state.next_upkeep(now);
    }
    dials
}

#[test]
fn failing_dials_are_not_repeated_at_once() {
    let dials = dials_in_ten_seconds(|state, id, now| drop(state.dial_failed(id, now)));
    assert!((20..60).contains(&dials), "{dials} dials");
}

#[test]
fn connections_that_are_closed_at_once_are_not_dialled_in_a_loop() {
    let dials = dials_in_ten_seconds(|state, id, now| {
        state.dial_succeeded(id, Fake { capacity: 1 }, now);
        state.closed(id, now);
    });
    assert!((20..60).contains(&dials), "{dials} dials");
}

#[test]
fn a_service_that_takes_no_calls_is_not_dialled_for_each_call() {
    let now = Instant::now();
    let mut state = State::<Fake, Id>::new(LIMITS, now);
    for _ in 0..4 {
        let id = state.dial_started(now);
        state.dial_succeeded(id, Fake { capacity: 0 }, now);
    }
    for caller in 0..100 {
        assert!(state.acquire().is_none());
        state.wait(caller);
    }
    assert_eq!(state.dials_wanted(now), 0);
}
