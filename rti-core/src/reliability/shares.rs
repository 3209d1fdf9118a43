//! Tests of the cap on calls in flight and of a client's share. They are not at the end of its file
//! since `tests/interleavings` compiles that with loom's types, which work inside a model alone.

use std::net::IpAddr;

use super::in_flight::InFlight;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn places_are_limited_and_come_back() {
    let in_flight = InFlight::new(2);
    let first = in_flight.enter(Some(ip("192.0.2.1"))).unwrap();
    let _second = in_flight.enter(Some(ip("192.0.2.2"))).unwrap();
    assert!(in_flight.enter(Some(ip("192.0.2.3"))).is_none());
    assert!(in_flight.enter(Some(ip("192.0.2.3"))).is_none());
    drop(first);
    assert!(in_flight.enter(Some(ip("192.0.2.3"))).is_some());
}

#[test]
fn one_client_has_half_of_the_places() {
    for client in [Some(ip("192.0.2.1")), Some(ip("2001:db8::1")), None] {
        let in_flight = InFlight::new(9);
        let places: Vec<_> = (0..9).filter_map(|_| in_flight.enter(client)).collect();
        assert_eq!(places.len(), 4, "{client:?}");
        assert!(in_flight.enter(Some(ip("192.0.2.77"))).is_some());
        drop(places);
        assert!(in_flight.enter(client).is_some());
    }
}

#[test]
fn a_single_place_is_for_everybody() {
    let in_flight = InFlight::new(1);
    assert!(in_flight.enter(None).is_some());
    assert!(in_flight.enter(Some(ip("192.0.2.1"))).is_some());
}
