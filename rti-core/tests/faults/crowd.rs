//! The cap on calls in flight.

use rti_core::FailOpenReason::Saturated;
use rti_core::Rti;
use rti_simulator::{Fault, Rule, Simulator, Verdict};
use tokio::task::JoinSet;

use crate::asking::{GENEROUS, ask, config};
use crate::outcome::assert_failed_open;

const CAP: usize = 8;

#[tokio::test]
async fn past_the_cap_requests_go_on_at_once() {
    let simulator = Simulator::start().await.unwrap();
    simulator.set_rules([Rule::always().then(Fault::Hang)]);
    let config = config(&simulator.origin()).max_in_flight(CAP);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    let mut in_flight = JoinSet::new();
    for _ in 0..CAP {
        let rti = rti.clone();
        in_flight.spawn(async move { ask(&rti).await });
    }
    simulator.wait_for(CAP as u64).await;
    for _ in 0..1000 {
        let decision = ask(&rti).await;
        assert_failed_open(&decision, Saturated);
        assert!(decision.elapsed() < GENEROUS / 2, "it queued");
    }
    assert_eq!(simulator.requests_arrived(), CAP as u64);
    assert_eq!(simulator.connections_accepted(), CAP as u64);

    in_flight.shutdown().await;
    simulator.set_rules([Rule::always().then(Verdict::valid())]);
    assert_eq!(ask(&rti).await.outcome().as_str(), "evaluated");
}

/// A crowd is not the service's fault: it does not open the circuit.
#[tokio::test]
async fn a_crowd_does_not_open_the_circuit() {
    let simulator = Simulator::start().await.unwrap();
    let config = config(&simulator.origin()).max_in_flight(1);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..100 {
        let rti = rti.clone();
        crowd.spawn(async move { ask(&rti).await });
    }
    let decisions = crowd.join_all().await;
    let evaluated = |decision: &&rti_core::Decision| decision.outcome().as_str() == "evaluated";
    assert!(decisions.iter().any(|decision| evaluated(&decision)));
    for decision in decisions.iter().filter(|decision| !evaluated(decision)) {
        assert_failed_open(decision, Saturated);
    }
    assert_eq!(ask(&rti).await.outcome().as_str(), "evaluated");
}
