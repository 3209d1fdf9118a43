//! The circuit breaker, as a site sees it.

use std::time::Duration;

use rti_core::FailOpenReason::{CircuitOpen, Connect, Status};
use rti_core::{CircuitBreaker, Rti};
use rti_simulator::{Fault, Rule, Simulator, Verdict};

use crate::asking::{ask, config};
use crate::outcome::assert_failed_open;
use crate::scripted::{Script, Scripted};

/// What opens it, and for how long: documented in `CircuitBreaker`.
const FAILURES: u64 = 10;
const OPEN: Duration = Duration::from_secs(5);
const NOT_YET: Duration = Duration::from_millis(4990);

async fn opened(service: &Scripted) -> Rti {
    let rti = service.engine();
    service.play(Script::Fails);
    for _ in 0..FAILURES {
        assert_failed_open(&ask(&rti).await, Connect);
    }
    assert_failed_open(&ask(&rti).await, CircuitOpen);
    rti
}

#[tokio::test]
async fn an_outage_opens_it_and_then_costs_no_call() {
    let simulator = Simulator::start().await.unwrap();
    simulator.set_rules([Rule::always().then(Fault::status(503))]);
    let rti = Rti::new(config(&simulator.origin()).build().unwrap()).unwrap();
    for _ in 0..FAILURES {
        assert_failed_open(&ask(&rti).await, Status(503));
    }
    simulator.set_rules([Rule::always().then(Verdict::threat(3))]);
    for _ in 0..FAILURES {
        assert_failed_open(&ask(&rti).await, CircuitOpen);
    }
    assert_eq!(simulator.requests_arrived(), FAILURES);
}

#[tokio::test]
async fn switched_off_it_never_opens() {
    let simulator = Simulator::start().await.unwrap();
    simulator.set_rules([Rule::always().then(Fault::status(503))]);
    let config = config(&simulator.origin()).circuit_breaker(CircuitBreaker::Off);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    for _ in 0..4 * FAILURES {
        assert_failed_open(&ask(&rti).await, Status(503));
    }
    assert_eq!(simulator.requests_arrived(), 4 * FAILURES);
}

#[tokio::test(start_paused = true)]
async fn one_probe_closes_it() {
    let service = Scripted::default();
    let rti = opened(&service).await;
    service.play(Script::Answers);
    tokio::time::advance(NOT_YET).await;
    assert_failed_open(&ask(&rti).await, CircuitOpen);
    assert_eq!(service.calls(), FAILURES);
    tokio::time::advance(Duration::from_millis(20)).await;
    for _ in 0..FAILURES {
        assert_eq!(ask(&rti).await.outcome().as_str(), "evaluated");
    }
    assert_eq!(service.calls(), 2 * FAILURES);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_leaves_it_open() {
    let service = Scripted::default();
    let rti = opened(&service).await;
    for probes in 1..4 {
        tokio::time::advance(OPEN).await;
        assert_failed_open(&ask(&rti).await, Connect);
        for _ in 0..FAILURES {
            assert_failed_open(&ask(&rti).await, CircuitOpen);
        }
        assert_eq!(service.calls(), FAILURES + probes);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_else_asks_while_a_probe_is_under_way() {
    let service = Scripted::default();
    let rti = opened(&service).await;
    service.play(Script::Hangs);
    tokio::time::advance(OPEN).await;
    let probe = tokio::spawn({
        let rti = rti.clone();
        async move { ask(&rti).await }
    });
    while service.calls() == FAILURES {
        tokio::task::yield_now().await;
    }
    for _ in 0..FAILURES {
        assert_failed_open(&ask(&rti).await, CircuitOpen);
    }
    assert_eq!(service.calls(), FAILURES + 1);
    assert_failed_open(&probe.await.unwrap(), rti_core::FailOpenReason::Timeout);
}
