//! The cap on calls in flight.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts calls in flight, up to a cap. Past it a request goes on at once: it would otherwise
/// queue past its deadline, or open one more connection to a service that cannot keep up.
#[derive(Debug)]
pub(crate) struct InFlight {
    calls: AtomicUsize,
    most: usize,
}

/// One call's place; dropping it frees the place.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a InFlight);

impl InFlight {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            calls: AtomicUsize::new(0),
            most,
        }
    }

    pub(crate) fn enter(&self) -> Option<Place<'_>> {
        let place = Place(self);
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        (before < self.most).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_and_come_back() {
        let in_flight = InFlight::new(2);
        let first = in_flight.enter().unwrap();
        let _second = in_flight.enter().unwrap();
        assert!(in_flight.enter().is_none());
        assert!(in_flight.enter().is_none());
        drop(first);
        assert!(in_flight.enter().is_some());
    }
}
