//! What the service does, another thing every few milliseconds.

use std::net::SocketAddr;
use std::time::Duration;

use fastrand::Rng;
use rti_simulator::{Fault, Rule, Simulator, Verdict};
use tokio::time::sleep;

/// The service, while there is one.
pub(super) struct Weather {
    address: SocketAddr,
    simulator: Option<Simulator>,
    random: Rng,
}

impl Weather {
    pub(super) fn new(simulator: Simulator) -> Self {
        Self {
            address: simulator.address(),
            simulator: Some(simulator),
            // The same faults in every run: one that breaks can be run again.
            random: Rng::with_seed(1),
        }
    }

    /// Another fault, or none, or no service at all, and a while of it.
    pub(super) async fn change(&mut self) {
        let while_ = Duration::from_millis(20 + self.random.u64(..60));
        match self.random.u64(..10) {
            0 => self.vanish().await,
            1..5 => self.clear().await,
            _ => {
                let faults = faults();
                let chosen = self.random.usize(..faults.len());
                self.behave(Rule::always().then(faults[chosen].clone()))
                    .await;
            }
        }
        sleep(while_).await;
    }

    /// A service that is well.
    pub(super) async fn clear(&mut self) {
        self.behave(Rule::always().then(Verdict::valid())).await;
    }

    /// Nobody listens any more, and all connections are closed.
    pub(super) async fn vanish(&mut self) {
        if let Some(simulator) = self.simulator.take() {
            simulator.shutdown().await;
        }
    }

    async fn behave(&mut self, rule: Rule) {
        let simulator = match self.simulator.take() {
            Some(simulator) => simulator,
            None => simulator(self.address).await,
        };
        simulator.set_rules([rule]);
        self.simulator = Some(simulator);
    }
}

/// A simulator that forgets: a journal would grow as nothing else may.
pub(super) async fn simulator(address: SocketAddr) -> Simulator {
    let builder = Simulator::builder().strict().bind(address);
    builder
        .journal_capacity(1)
        .start()
        .await
        .expect("the port is free")
}

fn faults() -> Vec<Fault> {
    let pause = Duration::from_millis(3);
    vec![
        Fault::Hang,
        Fault::HangUnread,
        Fault::Reset,
        Fault::Close,
        Fault::status(204),
        Fault::status_with_body(503, "under maintenance"),
        Fault::body("not JSON"),
        Fault::MalformedJson,
        Fault::WrongTypes,
        Fault::TruncatedBody,
        Fault::TruncatedHead,
        Fault::SlowHead(pause),
        Fault::SlowBody(pause),
        Fault::OversizeBody(128 * 1024),
        Fault::EndlessBody,
        Fault::redirect("http://127.0.0.1:9/"),
        Fault::WrongContentLength,
        Fault::Garbage,
        Fault::CloseAfterAnswer(Verdict::valid()),
        Fault::CloseOnNextRequest(Verdict::valid()),
    ]
}
