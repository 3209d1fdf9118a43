//! A kept connection that the service closes: retried once, on a fresh one.

use std::time::Duration;

use rti_core::FailOpenReason::{Connect, Malformed, Timeout};

use crate::checking::{GENEROUS, check};
use crate::outcome::{assert_continues, assert_failed_open, assert_within};
use crate::service::{Connection, Service};

/// The first connection gives one verdict, and `then` ends it at the next request; the second one
/// does what `second` says; later ones give verdicts.
async fn stale<T, S>(then: fn(Connection) -> T, second: fn(Connection) -> S) -> Service
where
    T: Future<Output = ()> + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    Service::start(move |mut connection| async move {
        match connection.number {
            0 => {
                connection.answer().await;
                connection.read_request().await;
                then(connection).await;
            }
            1 => second(connection).await,
            _ => connection.answer().await,
        }
    })
    .await
}

async fn closes(connection: Connection) {
    drop(connection);
}

async fn resets(connection: Connection) {
    connection.reset();
}

async fn answers(mut connection: Connection) {
    connection.answer().await;
    connection.hung_up().await;
}

async fn reads_and_closes(mut connection: Connection) {
    connection.read_request().await;
}

async fn hangs(mut connection: Connection) {
    connection.read_request().await;
    connection.hung_up().await;
}

#[tokio::test]
async fn the_call_is_made_once_more_on_a_fresh_connection() {
    for service in [stale(closes, answers).await, stale(resets, answers).await] {
        let rti = service.engine_within(GENEROUS);
        for _ in 0..2 {
            assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
        }
        assert_eq!(service.accepted(), 2);
    }
}

#[tokio::test]
async fn it_is_not_made_a_third_time() {
    let service = stale(closes, reads_and_closes).await;
    let rti = service.engine_within(GENEROUS);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    assert_failed_open(&check(&rti).await, Connect);
    assert_eq!(service.accepted(), 2);
}

#[tokio::test]
async fn a_fresh_connection_that_is_closed_is_not_stale() {
    for how in [drop, Connection::reset] {
        let service = Service::start(move |mut connection| async move {
            connection.read_request().await;
            how(connection);
        })
        .await;
        let decision = check(&service.engine_within(GENEROUS)).await;
        assert_failed_open(&decision, Connect);
        assert_eq!(service.accepted(), 1, "requested again");
    }
}

/// One deadline over both.
#[tokio::test]
async fn the_second_call_has_what_is_left_of_the_deadline() {
    const DEADLINE: Duration = Duration::from_millis(800);
    async fn closes_late(connection: Connection) {
        tokio::time::sleep(DEADLINE / 2).await;
        drop(connection);
    }
    let service = stale(closes_late, hangs).await;
    let rti = service.engine_within(DEADLINE);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    let decision = check(&rti).await;
    assert_failed_open(&decision, Timeout);
    assert_within(&decision, DEADLINE);
}

/// The service has taken the request and begun to answer: nothing is stale about that.
#[tokio::test]
async fn a_response_that_began_is_not_requested_again() {
    async fn begins_a_head(mut connection: Connection) {
        connection.write(b"HTTP/1.1 20").await.unwrap();
    }
    async fn begins_a_body(mut connection: Connection) {
        let answer = crate::service::answer();
        connection.write(&answer[..answer.len() - 9]).await.unwrap();
    }
    let service = stale(begins_a_head, answers).await;
    let rti = service.engine_within(GENEROUS);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    assert_continues(&check(&rti).await);
    assert_eq!(service.accepted(), 1, "requested again behind half a head");

    let service = stale(begins_a_body, answers).await;
    let rti = service.engine_within(GENEROUS);
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    assert_failed_open(&check(&rti).await, Malformed);
    assert_eq!(service.accepted(), 1, "requested again behind half a body");
}
