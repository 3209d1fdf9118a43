//! A process without a descriptor left. Alone in its program, since the limit is the process's.

#![cfg(unix)]
// The functions between the tests state what must hold as well.
#![allow(clippy::unwrap_used)]

#[path = "checking/mod.rs"]
mod checking;

use std::fs::File;
use std::time::Duration;

use rti_core::FailOpenReason::Local;
use rti_core::{Outcome, Rti};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, lookup_host};

use crate::checking::{check, config};

/// Longer than it takes to open the circuit.
const A_WHILE: Duration = Duration::from_secs(1);

/// The resolver needs descriptors too, and does not say that it found none.
#[tokio::test]
async fn a_service_with_a_name_is_not_held_to_have_failed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = config(&format!("http://localhost:{port}")).timeout(A_WHILE);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    // What the resolver loads once is loaded.
    drop(lookup_host(("localhost", port)).await.unwrap());
    let maximum = getrlimit(Resource::Nofile).maximum;
    let current = Some(64);
    setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
    let taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    for _ in 0..12 {
        let decision = check(&rti).await;
        let outcome = decision.outcome().clone();
        assert_eq!(outcome, Outcome::FailedOpen(Local));
        tokio::time::sleep(A_WHILE / 10).await;
    }
    drop(taken);
}
