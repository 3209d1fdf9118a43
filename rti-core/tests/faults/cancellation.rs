//! A visitor who leaves frees everything at once.

use std::sync::Arc;
use std::time::Duration;

use rti_core::FailOpenReason::Saturated;
use rti_core::Rti;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::checking::{GENEROUS, check, config};
use crate::outcome::assert_failed_open;
use crate::scripted::{Script, Scripted};
use crate::service::Service;
use crate::simulated::{Reply, Simulated, visits};

/// A visitor whose request waits for its decision, until `abort`.
fn visitor(rti: &Rti) -> JoinHandle<()> {
    let rti = rti.clone();
    tokio::spawn(async move { drop(check(&rti).await) })
}

/// The visitor leaves, and is gone.
async fn leave(visitor: JoinHandle<()>) {
    visitor.abort();
    assert!(visitor.await.unwrap_err().is_cancelled());
}

async fn until_called(service: &Scripted, calls: u64) {
    while service.calls() < calls {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_connection_is_closed() {
    let (asked, gone) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let events = (Arc::clone(&asked), Arc::clone(&gone));
    let service = Service::start(move |mut connection| {
        let (asked, gone) = events.clone();
        async move {
            connection.read_request().await;
            asked.notify_one();
            connection.hung_up().await;
            gone.notify_one();
        }
    })
    .await;
    let visitor = visitor(&service.engine_within(GENEROUS));
    asked.notified().await;
    leave(visitor).await;
    tokio::time::timeout(GENEROUS / 2, gone.notified())
        .await
        .expect("the connection stays open though nobody waits for it");
}

#[tokio::test]
async fn the_place_in_flight_is_free_again() {
    let service = Scripted::default();
    service.play(Script::Hangs);
    let config = config("http://127.0.0.1:9").max_in_flight(1);
    let rti = Rti::with_transport(config.build().unwrap(), service.clone());
    let first = visitor(&rti);
    until_called(&service, 1).await;
    assert_failed_open(&check(&rti).await, Saturated);
    leave(first).await;
    service.play(Script::Answers);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
}

/// Clients that leave before the service can answer, again and again, keep no probe from its end.
#[tokio::test(start_paused = true)]
async fn visitors_who_leave_do_not_keep_the_circuit_open() {
    const OUTAGE: Duration = Duration::from_secs(2);
    const PATIENCE: Duration = Duration::from_millis(30);
    let service = Simulated::new(|now| match now {
        now if now < OUTAGE => Reply::Never,
        _ => Reply::Verdict(2 * PATIENCE),
    });
    let rti = service.engine();
    visits(&rti, 20, OUTAGE).await;
    let mut clients = JoinSet::new();
    for _ in 0..8 {
        let rti = rti.clone();
        clients.spawn(async move {
            loop {
                // Dropped at the end of its time: that is what leaving is.
                let left = tokio::time::timeout(PATIENCE, check(&rti)).await;
                if left.is_ok() {
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    clients.shutdown().await;
}

/// Who leaves says nothing about the service.
#[tokio::test(start_paused = true)]
async fn visitors_who_leave_do_not_open_the_circuit() {
    let service = Scripted::default();
    let rti = service.engine();
    service.play(Script::Hangs);
    for calls in 1..100 {
        let visitor = visitor(&rti);
        until_called(&service, calls).await;
        leave(visitor).await;
    }
    service.play(Script::Answers);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
}

/// Nothing is sent for a decision that nobody waits for.
#[tokio::test]
async fn a_decision_that_is_never_awaited_costs_no_call() {
    let service = Scripted::default();
    let rti = service.engine();
    drop(rti.decide(rti.inspect(&crate::checking::Page::default())));
    assert_eq!(service.calls(), 0);
}
