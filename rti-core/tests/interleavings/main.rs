//! Every interleaving of a few threads in the circuit breaker and in the cap on calls in flight,
//! by loom. Their files are compiled here once more, with loom's atomics and locks in place of the
//! standard library's: unlike loom's usual `--cfg`, this needs no second build of all that the
//! crate depends on, so it runs with the other tests.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something does not hold"
)]

#[path = "../../src/reliability/circuit.rs"]
mod circuit;
#[path = "../../src/reliability/in_flight.rs"]
#[allow(dead_code, reason = "the number of counters is chosen here")]
mod in_flight;
mod sync;

use std::sync::Arc;
use std::time::Duration;

use loom::thread;

use self::circuit::{Admission, CallResult, Circuit, Permit, Probe, Rules};
use self::in_flight::InFlight;

/// Two failures open it, however close together.
fn circuit() -> Arc<Circuit> {
    Arc::new(Circuit::new(Rules {
        min_calls: 2,
        window: Duration::ZERO,
        max_probe_interval: Duration::from_millis(500),
        timeout: Duration::from_millis(100),
    }))
}

fn call(circuit: &Arc<Circuit>) -> Permit<'_> {
    match circuit.admit() {
        Admission::Call(permit) => permit,
        other => panic!("{other:?}"),
    }
}

fn probe(circuit: &Arc<Circuit>) -> Probe {
    match circuit.admit() {
        Admission::Probe(probe) => probe,
        other => panic!("{other:?}"),
    }
}

fn open(circuit: &Arc<Circuit>) {
    call(circuit).report(CallResult::Failed);
    call(circuit).report(CallResult::Failed);
    assert!(circuit.is_announced_open());
}

fn is_closed(circuit: &Arc<Circuit>) -> bool {
    matches!(circuit.admit(), Admission::Call(_))
}

/// Does this in another thread.
fn meanwhile<T: 'static>(
    circuit: &Arc<Circuit>,
    what: impl FnOnce(&Arc<Circuit>) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let circuit = Arc::clone(circuit);
    thread::spawn(move || what(&circuit))
}

#[test]
fn of_visitors_at_once_one_lends_its_request_to_a_probe() {
    loom::model(|| {
        let circuit = circuit();
        open(&circuit);
        let is_probe = |circuit: &Arc<Circuit>| match circuit.admit() {
            // Under way for as long as the model lasts.
            Admission::Probe(probe) => {
                std::mem::forget(probe);
                1
            }
            Admission::Open => 0,
            Admission::Call(permit) => panic!("{permit:?}"),
        };
        let others = [meanwhile(&circuit, is_probe), meanwhile(&circuit, is_probe)];
        let probes = others.map(|other| other.join().unwrap());
        assert_eq!(is_probe(&circuit) + probes.iter().sum::<i32>(), 1);
    });
}

#[test]
fn a_probe_that_is_given_up_leaves_its_place() {
    loom::model(|| {
        let circuit = circuit();
        open(&circuit);
        let probe = probe(&circuit);
        let given_up = thread::spawn(move || drop(probe));
        assert!(matches!(circuit.admit(), Admission::Open));
        given_up.join().unwrap();
        sync::advance(Duration::from_millis(50));
        self::probe(&circuit).report(CallResult::Answered);
        assert!(is_closed(&circuit));
    });
}

#[test]
fn a_late_failure_does_not_count_after_the_circuit_closed() {
    loom::model(|| {
        let circuit = circuit();
        let late = call(&circuit);
        open(&circuit);
        let probe = probe(&circuit);
        let closing = thread::spawn(move || probe.report(CallResult::Answered));
        late.report(CallResult::Failed);
        closing.join().unwrap();
        call(&circuit).report(CallResult::Failed);
        assert!(is_closed(&circuit), "two failures were counted");
    });
}

#[test]
fn two_failures_at_once_open_it_once() {
    loom::model(|| {
        let circuit = circuit();
        let other = meanwhile(&circuit, |circuit| call(circuit).report(CallResult::Failed));
        call(&circuit).report(CallResult::Failed);
        other.join().unwrap();
        assert!(!is_closed(&circuit), "a failure was lost");
    });
}

#[test]
fn a_service_that_asks_not_to_be_called_gets_no_probe() {
    loom::model(|| {
        let circuit = circuit();
        let refused = meanwhile(&circuit, |circuit| {
            let wait = Duration::from_secs(10);
            call(circuit).report(CallResult::RetryAfter(wait));
        });
        assert!(!matches!(circuit.admit(), Admission::Probe(_)));
        refused.join().unwrap();
        assert!(matches!(circuit.admit(), Admission::Open));
    });
}

/// Whichever comes first, what comes later is counted from the answer on.
#[test]
fn a_response_beside_a_failure_leaves_at_most_one_failure() {
    loom::model(|| {
        let circuit = circuit();
        let answered = call(&circuit);
        let other = meanwhile(&circuit, |circuit| call(circuit).report(CallResult::Failed));
        answered.report(CallResult::Answered);
        other.join().unwrap();
        assert!(is_closed(&circuit));
        call(&circuit).report(CallResult::Answered);
        call(&circuit).report(CallResult::Failed);
        assert!(is_closed(&circuit), "an answer was not seen");
    });
}

#[test]
fn visitors_after_a_quiet_time_are_all_checked() {
    loom::model(|| {
        let circuit = circuit();
        open(&circuit);
        sync::advance(Duration::from_secs(2));
        let other = meanwhile(&circuit, |circuit| {
            call(circuit).report(CallResult::Answered);
        });
        call(&circuit).report(CallResult::Answered);
        other.join().unwrap();
        call(&circuit).report(CallResult::Failed);
        assert!(is_closed(&circuit), "it is still half forgotten");
    });
}

#[test]
fn no_more_calls_than_allowed_are_in_flight_at_once() {
    loom::model(|| {
        // A client's share of two places is one.
        let in_flight = Arc::new(InFlight::with_counters(2, 1));
        let inside = Arc::new(sync::AtomicU32::new(0));
        let visit = |in_flight: &InFlight, inside: &sync::AtomicU32| {
            if let Some(_place) = in_flight.enter(None) {
                assert_eq!(inside.fetch_add(1, sync::Ordering::SeqCst), 0);
                inside.fetch_sub(1, sync::Ordering::SeqCst);
            }
        };
        let other = {
            let (in_flight, inside) = (Arc::clone(&in_flight), Arc::clone(&inside));
            thread::spawn(move || visit(&in_flight, &inside))
        };
        visit(&in_flight, &inside);
        other.join().unwrap();
        assert!(in_flight.enter(None).is_some(), "a place was lost");
    });
}
