//! What every measurement over sockets has: one thread for load and verdict service.

use std::future::Future;
use std::time::{Duration, Instant};

use rti_bench::sample::Sample;

use crate::load::{Answered, Load};
use crate::process;
use crate::server::Server;

/// Runs a measurement in the harness's thread.
pub(crate) fn run<F: Future>(measurement: F) -> F::Output {
    process::keep_apart_from_servers();
    process::raise_descriptor_limit(45_000);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .expect("a runtime can be built")
        .block_on(measurement)
}

/// One round on one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    pub(crate) connections: usize,
    pub(crate) warm_up: Duration,
    pub(crate) duration: Duration,
}

/// What came of a round.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) answered: Answered,
    /// The server's time on its processor, in microseconds a request.
    pub(crate) cpu: f64,
    /// How much of its processor the server used.
    pub(crate) busy: f64,
}

impl Round {
    pub(crate) async fn on(self, server: &Server) -> Found {
        let load = Load {
            address: server.address,
            connections: self.connections,
            warm_up: self.warm_up,
            duration: self.duration,
        };
        let request = Sample::browser().wire();
        let now = || (process::cpu_time(server.pid()), Instant::now());
        let (answered, (before, began)) = load.run(&request, now).await;
        let (after, ended) = now();
        let cpu = after.saturating_sub(before).as_secs_f64();
        Found {
            cpu: cpu * 1e6 / answered.requests as f64,
            busy: cpu / ended.duration_since(began).as_secs_f64(),
            answered,
        }
    }
}
