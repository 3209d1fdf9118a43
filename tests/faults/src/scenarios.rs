//! Everything that can be the matter with a service.

use std::time::Duration;

use rti_core::CircuitBreaker;
use rti_simulator::{Fault, Rule, Verdict};

use crate::scenario::{Before, DEADLINE, Scenario, Service};

const PAUSE: Duration = Duration::from_millis(20);

/// The first is the service that is well.
pub(crate) fn all() -> Vec<Scenario> {
    let mut scenarios = vec![Scenario::answering("none", "evaluated", Verdict::valid())];
    scenarios.extend(unreachable());
    scenarios.extend(silent());
    scenarios.extend(broken_off());
    scenarios.extend(wrong());
    scenarios.extend(endless());
    scenarios.extend(spared());
    scenarios
}

/// A name that does not resolve is not among them: how long that takes is the resolver's affair.
fn unreachable() -> [Scenario; 3] {
    [
        Scenario::new("connection refused", "connect", Service::Nobody),
        Scenario::new("backlog full", "timeout", Service::FullBacklog),
        Scenario::new("no TLS on the port", "tls", Service::WithoutTls),
    ]
}

fn silent() -> [Scenario; 5] {
    let late = Rule::always().then(Verdict::threat(3)).after(5 * DEADLINE);
    [
        Scenario::answering("accepts and does not read", "timeout", Fault::HangUnread),
        Scenario::answering("reads and does not answer", "timeout", Fault::Hang),
        Scenario::new(
            "verdict comes late",
            "timeout",
            Service::Simulator(Box::new(late)),
        ),
        Scenario::answering("head drips", "timeout", Fault::SlowHead(PAUSE)),
        Scenario::answering("body drips", "timeout", Fault::SlowBody(PAUSE)),
    ]
}

fn broken_off() -> [Scenario; 6] {
    let stale = Fault::CloseOnNextRequest(Verdict::valid());
    [
        Scenario::answering("resets the connection", "connect", Fault::Reset),
        Scenario::answering("closes the connection", "connect", Fault::Close),
        Scenario::answering("breaks off in the head", "connect", Fault::TruncatedHead),
        Scenario::answering("breaks off in the body", "malformed", Fault::TruncatedBody),
        // Asked once more, on a fresh connection.
        Scenario::answering("closes a kept connection", "evaluated", stale),
        Scenario::answering("not HTTP", "malformed", Fault::Garbage),
    ]
}

fn wrong() -> [Scenario; 8] {
    let redirect = Fault::redirect("http://127.0.0.1:9/");
    [
        Scenario::answering("status 302", "status_302", redirect),
        Scenario::answering("status 401", "status_401", Fault::status(401)),
        Scenario::answering("status 429", "status_429", Fault::status(429)),
        Scenario::answering("status 500", "status_500", Fault::status(500)),
        Scenario::answering("status 503", "status_503", Fault::status(503)),
        Scenario::answering("broken JSON", "malformed", Fault::MalformedJson),
        Scenario::answering("wrong types", "malformed", Fault::WrongTypes),
        Scenario::answering("wrong length", "malformed", Fault::WrongContentLength),
    ]
}

fn endless() -> [Scenario; 2] {
    [
        Scenario::answering("a mebibyte of JSON", "oversize", Fault::oversize_body()),
        Scenario::answering("body without end", "oversize", Fault::EndlessBody),
    ]
}

/// No call is made at all.
fn spared() -> [Scenario; 2] {
    let mut open = Scenario::answering("circuit open", "circuit_open", Fault::status(503));
    open.before = Before::UntilExpected;
    open.configure = |config| {
        config
            .circuit_breaker(CircuitBreaker::On)
            .circuit_breaker_window(Duration::from_millis(1))
    };
    let mut crowd = Scenario::answering("too many in flight", "saturated", Fault::Hang);
    crowd.before = Before::InFlight;
    crowd.configure = |config| config.max_in_flight(1).timeout(Duration::from_secs(60));
    [open, crowd]
}
