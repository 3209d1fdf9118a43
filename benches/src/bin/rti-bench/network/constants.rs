//! What all conditions have in common: the deadline, the distances, the protocols.

use std::time::Duration;

use rti_test_network::Http;

/// The deadline of a verdict: the options' default.
pub(super) const DEADLINE: Duration = Duration::from_millis(100);

/// From when on the targets hold.
pub(super) const SETTLED: Duration = Duration::from_secs(1);

/// Near enough that a cold connection brings a verdict in time.
pub(super) const NEAR: Duration = Duration::from_millis(20);

/// So far that it does not.
pub(super) const FAR: Duration = Duration::from_millis(40);

/// Of the path to the service, in milliseconds.
pub(super) const ROUND_TRIPS: [u64; 5] = [1, 20, 40, 60, 80];

pub(super) const PROTOCOLS: [Http; 2] = [Http::One, Http::Two];

/// What a protocol is called.
pub(super) fn name(http: Http) -> &'static str {
    match http {
        Http::One => "HTTP/1.1",
        Http::Two => "HTTP/2",
    }
}
