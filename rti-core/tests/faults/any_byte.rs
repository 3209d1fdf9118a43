//! A service that stops at any byte of its answer.

use std::time::Duration;

use rti_core::FailOpenReason::{Connect, Malformed, Timeout};
use rti_core::Outcome;

use crate::checking::{GENEROUS, check};
use crate::outcome::{assert_continues, assert_failed_open, assert_within};
use crate::service::{Service, answer, head_length};

const DEADLINE: Duration = Duration::from_millis(300);

/// Reads the request, and writes as many bytes of the answer as there were connections before.
async fn hangs_up_after_some_bytes(how: fn(crate::service::Connection)) -> Service {
    Service::start(move |mut connection| async move {
        connection.read_request().await;
        let bytes = usize::try_from(connection.number).unwrap();
        connection.write(&answer()[..bytes]).await.unwrap();
        how(connection);
    })
    .await
}

#[tokio::test]
async fn hanging_costs_the_deadline() {
    let service = Service::start(|mut connection| async move {
        connection.read_request().await;
        let bytes = usize::try_from(connection.number).unwrap();
        connection.write(&answer()[..bytes]).await.unwrap();
        connection.hung_up().await;
    })
    .await;
    let rti = service.engine_within(DEADLINE);
    let mut checking = tokio::task::JoinSet::new();
    for _ in 0..answer().len() {
        let rti = rti.clone();
        checking.spawn(async move { check(&rti).await });
    }
    for decision in checking.join_all().await {
        assert_failed_open(&decision, Timeout);
        assert_within(&decision, DEADLINE);
    }
}

#[tokio::test]
async fn closing_is_noticed_at_once() {
    let service = hangs_up_after_some_bytes(drop).await;
    let rti = service.engine_within(GENEROUS);
    for bytes in 0..answer().len() {
        let decision = check(&rti).await;
        let in_head = bytes < head_length();
        assert_failed_open(&decision, if in_head { Connect } else { Malformed });
    }
    assert_eq!(service.accepted(), answer().len() as u64, "requested again");
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
}

/// A reset may overtake the bytes before it, so the reason depends on who is faster.
#[tokio::test]
async fn a_reset_is_noticed_at_once() {
    let service = hangs_up_after_some_bytes(crate::service::Connection::reset).await;
    let rti = service.engine_within(GENEROUS);
    for bytes in 0..answer().len() {
        let decision = check(&rti).await;
        if bytes < head_length() {
            assert_failed_open(&decision, Connect);
        }
        assert_continues(&decision);
        let Outcome::FailedOpen(reason) = decision.outcome() else {
            panic!("{decision:?}");
        };
        assert!(matches!(reason, Connect | Malformed), "{reason}");
    }
    assert_eq!(service.accepted(), answer().len() as u64, "requested again");
}

#[tokio::test]
async fn a_drip_costs_the_deadline() {
    let service = Service::start(|mut connection| async move {
        connection.read_request().await;
        for byte in answer() {
            if connection.write(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(DEADLINE / 10).await;
        }
    })
    .await;
    let decision = check(&service.engine_within(DEADLINE)).await;
    assert_failed_open(&decision, Timeout);
    assert_within(&decision, DEADLINE);
}

/// Interim answers without end are not an answer.
#[tokio::test]
async fn interim_responses_count_against_the_deadline() {
    let service = Service::start(|mut connection| async move {
        connection.read_request().await;
        let interim = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        while connection.write(interim).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let decision = check(&service.engine_within(DEADLINE)).await;
    assert_failed_open(&decision, Timeout);
    assert_within(&decision, DEADLINE);
}
