//! Counts of all decisions over time, of fixed size: for each window a ring of slots.

mod counts;
mod latency;
mod reasons;
mod top;
mod window;

pub(crate) use self::counts::{ByAction, Counts};
pub(crate) use self::top::Top;
pub(crate) use self::window::{Slot, Window};

use std::time::SystemTime;

use rti_core::{Action, Decision};

/// The counts of every window there is.
pub(crate) struct Aggregates {
    windows: Vec<Series>,
}

/// One window's slots. A slot's place follows from its start, so that an old one is overwritten.
struct Series {
    window: Window,
    slots: Vec<Slot>,
}

impl Aggregates {
    pub(crate) fn new(windows: &[Window]) -> Self {
        let series = |window: &Window| Series {
            window: *window,
            slots: vec![Slot::default(); window.slots()],
        };
        Self {
            windows: windows.iter().map(series).collect(),
        }
    }

    /// Adds what was counted up to now.
    pub(crate) fn add(&mut self, time: SystemTime, counts: &Counts) {
        let seconds = seconds(time);
        let slots = self.windows.iter_mut();
        for slot in slots.filter_map(|series| series.slot_at(seconds)) {
            slot.counts.merge(counts);
        }
    }

    /// Adds a decision to the lists of those that blocking acts on, where it is one.
    pub(crate) fn add_acted_on(&mut self, time: SystemTime, decision: &Decision) {
        if decision.policy_action() == Action::Allow {
            return;
        }
        let seconds = seconds(time);
        let acted = ActedOn::new(decision);
        let slots = self.windows.iter_mut();
        for slot in slots.filter_map(|series| series.slot_at(seconds)) {
            slot.top.paths.add(&acted.path);
            slot.top.event_types.add(&acted.event_type);
            slot.top.user_agents.add(&acted.user_agent);
            slot.top.networks.add(&acted.network);
        }
    }

    pub(crate) fn windows(&self) -> impl Iterator<Item = Window> {
        self.windows.iter().map(|series| series.window)
    }

    /// The slots of a window up to now, the oldest first; empty ones too.
    pub(crate) fn slots(&self, window: Window, now: SystemTime) -> Vec<Slot> {
        let Some(series) = self.windows.iter().find(|series| series.window == window) else {
            return Vec::new();
        };
        let starts = window.starts(seconds(now));
        let slot = |start| match series.slots.get(window.index(start)) {
            Some(slot) if slot.start == start => slot.clone(),
            _ => Slot {
                start,
                ..Slot::default()
            },
        };
        starts.map(slot).collect()
    }

    /// Those that changed since they were last asked for.
    #[cfg(feature = "sqlite")]
    pub(crate) fn changed(&mut self) -> Vec<(Window, Slot)> {
        let mut changed = Vec::new();
        for series in &mut self.windows {
            let dirty = series.slots.iter_mut().filter(|slot| slot.is_changed);
            for slot in dirty {
                slot.is_changed = false;
                changed.push((series.window, slot.clone()));
            }
        }
        changed
    }

    #[cfg(feature = "sqlite")]
    pub(crate) fn restore(&mut self, window: Window, slot: Slot) {
        let mut all = self.windows.iter_mut();
        if let Some(series) = all.find(|series| series.window == window)
            && let Some(place) = series.slots.get_mut(window.index(slot.start))
            && place.start < slot.start
        {
            *place = slot;
        }
    }
}

impl Series {
    /// `None` for a time that is older than what the place holds: the clock was set back.
    fn slot_at(&mut self, seconds: u64) -> Option<&mut Slot> {
        let start = self.window.start_of(seconds);
        let slot = self.slots.get_mut(self.window.index(start))?;
        if slot.start < start {
            *slot = Slot {
                start,
                ..Slot::default()
            };
        }
        slot.is_changed = true;
        (slot.start == start).then_some(slot)
    }
}

/// What the lists of the would-be-blocked count.
struct ActedOn {
    path: String,
    event_type: String,
    user_agent: String,
    network: String,
}

impl ActedOn {
    fn new(decision: &Decision) -> Self {
        let unknown = || "(unknown)".to_owned();
        Self {
            path: decision.path().to_owned(),
            event_type: decision
                .event_type()
                .map_or_else(unknown, |event| event.as_str().to_owned()),
            user_agent: decision
                .user_agent()
                .map_or_else(|| "(none)".to_owned(), str::to_owned),
            network: decision
                .client_ip()
                .map_or_else(unknown, crate::anonymize::network),
        }
    }
}

/// A count as a number to calculate with. It is exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "no count is that high")]
pub(crate) fn approximate(count: u64) -> f64 {
    count as f64
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
