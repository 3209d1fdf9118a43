//! The windows of time, and the slots that they are made of.

use serde::{Deserialize, Serialize};

use super::counts::Counts;
use super::top::TopLists;

/// The last so much time. The oldest slot counts as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Window {
    FiveMinutes,
    Hour,
    Day,
    Week,
}

impl Window {
    /// What memory holds. A week is of use only where counts survive a restart.
    pub(crate) const IN_MEMORY: &[Self] = &[Self::FiveMinutes, Self::Hour, Self::Day];
    #[cfg(feature = "sqlite")]
    pub(crate) const IN_FILE: &[Self] = &[Self::FiveMinutes, Self::Hour, Self::Day, Self::Week];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::FiveMinutes => "5m",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let all = [Self::FiveMinutes, Self::Hour, Self::Day, Self::Week];
        all.into_iter().find(|window| window.as_str() == text)
    }

    pub(crate) fn seconds(self) -> u64 {
        match self {
            Self::FiveMinutes => 300,
            Self::Hour => 3600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
        }
    }

    /// Some sixty to a hundred slots a window, as many as a chart shows.
    pub(crate) fn slot_seconds(self) -> u64 {
        match self {
            Self::FiveMinutes => 5,
            Self::Hour => 60,
            Self::Day => 900,
            Self::Week => 7200,
        }
    }

    /// One more than the window holds: the present slot has only begun.
    pub(super) fn slots(self) -> usize {
        usize::try_from(self.seconds() / self.slot_seconds()).unwrap_or_default() + 1
    }

    pub(super) fn start_of(self, seconds: u64) -> u64 {
        seconds - seconds % self.slot_seconds()
    }

    pub(super) fn index(self, start: u64) -> usize {
        let index = start / self.slot_seconds() % (self.seconds() / self.slot_seconds() + 1);
        usize::try_from(index).unwrap_or_default()
    }

    /// Where the slots of the window up to now start, the oldest first.
    pub(super) fn starts(self, now: u64) -> impl Iterator<Item = u64> {
        let last = self.start_of(now);
        let first = last.saturating_sub(self.seconds());
        let step = usize::try_from(self.slot_seconds()).unwrap_or(usize::MAX);
        (first..=last).step_by(step)
    }
}

/// What happened in a part of a window.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// Seconds since 1970.
    pub(crate) start: u64,
    pub(crate) counts: Counts,
    pub(crate) top: TopLists,
    #[serde(skip)]
    pub(super) is_changed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_a_window_have_places_of_their_own() {
        for window in [Window::FiveMinutes, Window::Hour, Window::Day, Window::Week] {
            let starts: Vec<_> = window.starts(1_764_000_123).collect();
            let mut places: Vec<_> = starts.iter().map(|start| window.index(*start)).collect();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), starts.len());
            assert_eq!(starts.len(), window.slots());
            assert_eq!(Window::parse(window.as_str()), Some(window));
        }
    }
}
