//! Resident bytes per request in flight.

mod figures;

use std::time::Duration;

use futures_util::future::try_join_all;
use rti_bench::sample::Sample;
use tokio::time::sleep;

use self::figures::Taken;
use crate::arguments::Arguments;
use crate::harness;
use crate::load::Connection;
use crate::process;
use crate::report::Report;
use crate::server::{Options, Server};
use crate::service::{Behaviour, Service};
use crate::subject::{Framework, Subject, Way};

/// Longer than any round takes: nothing ends of itself.
const DEADLINE: Duration = Duration::from_secs(60);
/// What the harness, the service and the server need beside a connection each way.
const OTHER_DESCRIPTORS: u64 = 200;

pub(crate) fn run(arguments: &Arguments) -> Report {
    let counts = arguments.pace.pick(vec![1000], vec![1000, 10_000]);
    let (found, limit) = harness::run(async {
        let limit = process::raise_descriptor_limit(45_000);
        let most = (limit.saturating_sub(OTHER_DESCRIPTORS) / 2) as usize;
        let mut found = Vec::new();
        for framework in Framework::ALL {
            for way in [Way::Timer, Way::Reqwest, Way::Rti] {
                for count in &counts {
                    let subject = framework.with(way);
                    found.push((subject, taken(subject, *count.min(&most)).await));
                }
            }
        }
        (found, limit)
    });
    figures::report(arguments, &found, limit)
}

async fn taken(subject: Subject, requests: usize) -> Taken {
    let service = Service::start();
    let mut options = Options::new(subject, service.address);
    options.timeout = DEADLINE;
    // All visitors have one address, which may hold half of them.
    options.max_in_flight = 2 * requests;
    let server = Server::start(options);
    let resident = || process::resident(server.pid()) as f64;
    let asks = subject.way != Way::Timer;

    // What all requests have in common is paid by the first few.
    if asks {
        let mut few = open(&server, AT_A_TIME).await;
        send(&mut few).await;
        receive(&mut few).await;
        drop(few);
        close_idle(&service).await;
    }
    settle().await;
    let before = resident();

    let (idle, in_flight) = wave(&server, &service, requests, asks).await;
    let after = resident();
    let (_, again) = wave(&server, &service, requests, asks).await;
    let each = |bytes: f64| (bytes - before) / requests as f64;
    Taken {
        requests,
        idle: each(idle),
        in_flight: each(in_flight),
        after: after / before,
        again: again / in_flight,
    }
}

/// So many requests in flight, and ended again: the memory with idle connections, and at the most.
async fn wave(server: &Server, service: &Service, requests: usize, asks: bool) -> (f64, f64) {
    let resident = || process::resident(server.pid()) as f64;
    service.behave(Behaviour::Hang);
    let mut connections = open(server, requests).await;
    settle().await;
    let idle = resident();
    let asked = service.requests();
    send(&mut connections).await;
    if asks {
        until(|| service.requests() >= asked + requests as u64).await;
    } else {
        sleep(Duration::from_millis(500)).await;
    }
    settle().await;
    let in_flight = resident();

    service.behave(Behaviour::Answer(Duration::ZERO));
    if asks {
        receive(&mut connections).await;
    }
    drop(connections);
    close_idle(service).await;
    (idle, in_flight)
}

/// So many at once, so that they do not wait for one another's turn on a processor.
const AT_A_TIME: usize = 100;

async fn open(server: &Server, count: usize) -> Vec<Connection> {
    let mut connections = Vec::with_capacity(count);
    while connections.len() < count {
        let some = AT_A_TIME.min(count - connections.len());
        let some = (0..some).map(|_| Connection::open(server.address));
        let some = try_join_all(some).await;
        connections.extend(some.expect("the server accepts every connection"));
    }
    connections
}

async fn send(connections: &mut [Connection]) {
    let request = Sample::browser().wire();
    for some in connections.chunks_mut(AT_A_TIME) {
        let sent = some.iter_mut().map(|connection| connection.send(&request));
        try_join_all(sent)
            .await
            .expect("the server reads every request");
    }
}

async fn receive(connections: &mut [Connection]) {
    for some in connections.chunks_mut(AT_A_TIME) {
        let received = some.iter_mut().map(Connection::receive);
        try_join_all(received)
            .await
            .expect("the server answers every request");
    }
}

/// The service closes what the pool would keep for twenty seconds.
async fn close_idle(service: &Service) {
    service.behave(Behaviour::Refuse);
    settle().await;
    service.behave(Behaviour::Answer(Duration::ZERO));
    settle().await;
}

async fn settle() {
    sleep(Duration::from_millis(200)).await;
}

async fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("not all requests reached the service")
}
