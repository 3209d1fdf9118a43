//! What an ideal client would obtain.
//!
//! An ideal client begins to connect when the engine is made, notices what happens to a connection
//! as soon as news of it can have travelled, replaces it at once, has as many connections as the
//! calls of this moment need, and sends no call twice that the service may have acted on. It does
//! not know the future. A visitor's verdict was obtainable if such a client had it within the
//! deadline:
//!
//! - With a connection at hand a call takes the round-trip time and the service time.
//! - A connection over TLS 1.3 takes two round-trip times and what the service adds to the
//!   handshake.
//! - Over HTTP/1.1 a connection carries one call at a time. A burst that nothing announced finds the
//!   four that are kept idle, and those that are made meanwhile; the same burst again finds enough.
//! - Where calls fail at random, those that do not fail are obtainable.
//!
//! Each round trip counts with 2 ms more than was asked for, which the proxy's timers take.

use std::time::Duration;

use super::constants::DEADLINE;

/// What the timers add to each round trip.
const TIMERS: Duration = Duration::from_millis(2);

/// The options' default of connections that are kept without need.
const KEPT_IDLE: u32 = 4;

/// A stretch of time during which a service is up, from the engine's start.
pub(super) type Up = (Duration, Duration);

/// The path and the service, as they are to an ideal client. Times are from the engine's start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ideal {
    round_trip: Duration,
    handshake: Duration,
}

impl Ideal {
    pub(super) fn at(round_trip: Duration) -> Self {
        Self {
            round_trip: round_trip + TIMERS,
            handshake: Duration::ZERO,
        }
    }

    /// What the service adds to each handshake.
    pub(super) fn with_handshake(self, handshake: Duration) -> Self {
        Self { handshake, ..self }
    }

    fn connect(&self) -> Duration {
        2 * self.round_trip + self.handshake
    }

    /// Of a service that answers at once.
    fn call(&self) -> Duration {
        self.round_trip
    }

    /// For a visitor at `visit`, where connecting could begin at `from` and not before.
    pub(super) fn connecting(&self, from: Duration, visit: Duration) -> bool {
        visit.max(from + self.connect()) + self.call() <= visit + DEADLINE
    }

    /// For a visitor at `visit`, where the service closes all connections at `closing`: what has not
    /// reached it by then is lost, and the client learns of it half a round trip later.
    pub(super) fn closing(&self, closing: Duration, visit: Duration) -> bool {
        let reaches = visit + self.round_trip / 2;
        reaches < closing || self.connecting(closing + self.round_trip / 2, visit)
    }

    /// For a visitor at `visit`, where all connections go silent at `silence`. Only a deadline that
    /// passes can tell: that of the first visitor from then on.
    pub(super) fn silence(&self, silence: Duration, visit: Duration) -> bool {
        visit + self.call() <= silence || self.connecting(silence + DEADLINE, visit)
    }

    /// For a visitor at `visit`, where the service is up at these times, and no connection outlives
    /// the end of one of them.
    pub(super) fn flapping(&self, ups: &[Up], visit: Duration) -> bool {
        ups.iter().any(|(begins, ends)| {
            let answered = visit.max(*begins + self.connect()) + self.call();
            answered <= (visit + DEADLINE).min(*ends)
        })
    }

    /// How many of a first burst over HTTP/1.1, which nothing announced.
    pub(super) fn first_burst(&self, visitors: u32) -> u32 {
        if self.connect() + self.call() <= DEADLINE {
            return visitors;
        }
        let calls_in_turn = DEADLINE.as_micros() / self.call().as_micros();
        visitors.min(KEPT_IDLE * calls_in_turn as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn from_cold_the_first_visitors_of_a_far_service_come_too_early() {
        let far = Ideal::at(ms(40));
        assert!(!far.connecting(ms(0), ms(0)));
        assert!(!far.connecting(ms(0), ms(25)));
        assert!(far.connecting(ms(0), ms(26)));
        assert!(Ideal::at(ms(20)).connecting(ms(0), ms(0)));
    }

    #[test]
    fn around_a_close_the_new_connection_must_be_there() {
        let slow = Ideal::at(ms(20)).with_handshake(ms(150));
        assert!(slow.closing(ms(1000), ms(980)));
        assert!(!slow.closing(ms(1000), ms(990)));
        // Learnt at 1011, connected at 1205, in time for whoever came 78 ms earlier.
        assert!(!slow.closing(ms(1000), ms(1126)));
        assert!(slow.closing(ms(1000), ms(1127)));
    }

    #[test]
    fn silence_costs_a_deadline() {
        let near = Ideal::at(ms(20));
        assert!(near.silence(ms(1000), ms(978)));
        assert!(!near.silence(ms(1000), ms(1065)));
        assert!(near.silence(ms(1000), ms(1066)));
    }

    #[test]
    fn a_flapping_service_must_stay_up_for_connect_and_call() {
        let near = Ideal::at(ms(20));
        let ups = [(ms(1000), ms(1100))];
        assert!(!near.flapping(&ups, ms(960)));
        assert!(near.flapping(&ups, ms(970)));
        assert!(near.flapping(&ups, ms(1070)));
        assert!(!near.flapping(&ups, ms(1080)));
    }

    #[test]
    fn a_first_burst_finds_the_connections_that_are_kept() {
        let burst = |round_trip| Ideal::at(ms(round_trip)).first_burst(50);
        assert_eq!([1, 20, 40, 60, 80].map(burst), [50, 50, 8, 4, 4]);
    }
}
