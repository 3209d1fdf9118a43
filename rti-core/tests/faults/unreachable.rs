//! A service that cannot be reached.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use rti_core::FailOpenReason::{Connect, Timeout};
use rti_core::{FailOpenReason, Outcome, Rti};
use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::authority::Authority;
use crate::checking::{GENEROUS, check, config};
use crate::outcome::{assert_continues, assert_failed_open, assert_within};

const DEADLINE: Duration = Duration::from_millis(300);

fn engine(origin: &str, deadline: Duration) -> Rti {
    // So that the test runs on a machine without certificates as well.
    let config = config(origin).ca_certificates(Authority::new().pem());
    Rti::new(config.timeout(deadline).build().unwrap()).unwrap()
}

#[tokio::test]
async fn a_full_backlog_costs_the_deadline() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    listener.bind(&any_port.into()).unwrap();
    listener.listen(1).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    // Nobody accepts. What does not fit the backlog any more hangs in the connect.
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(DEADLINE, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    for scheme in ["http", "https"] {
        let rti = engine(&format!("{scheme}://{address}"), DEADLINE);
        let decision = check(&rti).await;
        assert_failed_open(&decision, Timeout);
        assert_within(&decision, DEADLINE);
    }
}

#[tokio::test]
async fn a_refused_connection_is_noticed_at_once() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    for scheme in ["http", "https"] {
        let rti = engine(&format!("{scheme}://{address}"), GENEROUS);
        assert_failed_open(&check(&rti).await, Connect);
    }
}

/// Where a resolver is slow to say no, the deadline comes first.
#[tokio::test]
async fn a_name_that_does_not_resolve_costs_the_deadline_at_most() {
    let rti = engine("https://does-not-exist.invalid", DEADLINE);
    let decision = check(&rti).await;
    assert_continues(&decision);
    assert_within(&decision, DEADLINE);
    let reason = match decision.outcome() {
        Outcome::FailedOpen(reason) => *reason,
        other => panic!("{other:?}"),
    };
    let in_time = decision.elapsed() < DEADLINE;
    let expected: FailOpenReason = if in_time { Connect } else { Timeout };
    assert_eq!(reason, expected);
}
