//! The cap on calls in flight, and each client's share of it.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use rti_core::FailOpenReason::Saturated;
use rti_core::{Decision, Rti};
use rti_simulator::{Fault, Rule, Simulator, Verdict};
use tokio::task::JoinSet;

use crate::checking::{GENEROUS, Page, check, config};
use crate::outcome::assert_failed_open;
use crate::simulated::{Reply, Simulated};

const CAP: usize = 8;

/// Checks a request of the visitor with this address.
async fn check_from(rti: Rti, peer: Option<IpAddr>) -> Decision {
    let page = Page {
        peer,
        ..Page::default()
    };
    rti.decide(rti.inspect(&page)).await
}

/// The address of one of many visitors.
fn address(number: u32) -> IpAddr {
    Ipv4Addr::from_bits(0x0a00_0000 + number).into()
}

#[tokio::test]
async fn past_the_cap_requests_go_on_at_once() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    simulator.set_rules([Rule::always().then(Fault::Hang)]);
    let config = config(&simulator.origin()).max_in_flight(CAP);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    let mut in_flight = JoinSet::new();
    for number in 0..8 {
        in_flight.spawn(check_from(rti.clone(), Some(address(number))));
    }
    simulator.wait_for(CAP as u64).await;
    for _ in 0..1000 {
        let decision = check(&rti).await;
        assert_failed_open(&decision, Saturated);
        assert!(decision.elapsed() < GENEROUS / 2, "it queued");
    }
    assert_eq!(simulator.requests_arrived(), CAP as u64);
    assert_eq!(simulator.connections_accepted(), CAP as u64);

    in_flight.shutdown().await;
    simulator.set_rules([Rule::always().then(Verdict::valid())]);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
}

/// A crowd is not the service's fault: it does not open the circuit.
#[tokio::test]
async fn a_crowd_does_not_open_the_circuit() {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let config = config(&simulator.origin()).max_in_flight(1);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    let mut crowd = JoinSet::new();
    for _ in 0..100 {
        let rti = rti.clone();
        crowd.spawn(async move { check(&rti).await });
    }
    let decisions = crowd.join_all().await;
    let evaluated = |decision: &&rti_core::Decision| decision.outcome().as_str() == "evaluated";
    assert!(decisions.iter().any(|decision| evaluated(&decision)));
    for decision in decisions.iter().filter(|decision| !evaluated(decision)) {
        assert_failed_open(decision, Saturated);
    }
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
}

/// A crowd of visitors, and one client that sends far more than its share.
#[tokio::test(start_paused = true)]
async fn one_client_leaves_half_of_the_places_to_others() {
    let service = Simulated::new(|_| Reply::Verdict(Duration::from_millis(50)));
    let rti = service.engine_with(|config| config.max_in_flight(1024));
    for attacker in [Some(address(u32::MAX >> 8)), None] {
        let flood = (0..1600).map(|_| check_from(rti.clone(), attacker));
        let visitors = (0..400).map(|number| check_from(rti.clone(), Some(address(number))));
        let (flood, visitors) = tokio::join!(
            futures_util::future::join_all(flood),
            futures_util::future::join_all(visitors),
        );
        let evaluated = flood
            .iter()
            .filter(|decision| decision.outcome().as_str() == "evaluated");
        assert_eq!(evaluated.count(), 512);
        // One in 4096 shares the attacker's counter by chance.
        let unchecked = visitors
            .iter()
            .filter(|decision| decision.outcome().as_str() != "evaluated");
        assert!(unchecked.count() <= 2);
    }
}
