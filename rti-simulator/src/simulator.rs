//! The running simulator.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::listener::{Connections, listen};
use crate::protocol::TELEMETRY_PATH;
use crate::received::Received;
use crate::rule::Rule;
use crate::service::Service;
use crate::telemetry::TelemetryMessage;

/// A verdict service on loopback, for as long as this exists.
///
/// Dropping it closes the listener and all connections at the next chance of the runtime;
/// [`shutdown`](Self::shutdown) waits for that.
///
/// ```
/// use rti_simulator::{Fault, Rule, Simulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rti_simulator::Error> {
/// let simulator = Simulator::start().await?;
/// println!("point a client at {}", simulator.origin());
///
/// simulator.set_rules([Rule::always().then(Fault::status(503))]);
/// assert_eq!(simulator.requests_arrived(), 0);
/// simulator.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping the simulator stops it"]
pub struct Simulator {
    address: SocketAddr,
    service: Arc<Service>,
    connections: Arc<Connections>,
    /// Dropping it stops the listener.
    stop: oneshot::Sender<()>,
    listening: JoinHandle<()>,
}

impl Simulator {
    pub(crate) fn run(listener: TcpListener, address: SocketAddr, service: Service) -> Self {
        let service = Arc::new(service);
        let connections = Arc::new(Connections::default());
        let (stop, stopped) = oneshot::channel();
        let listening = listen(
            listener,
            Arc::clone(&service),
            Arc::clone(&connections),
            stopped,
        );
        Self {
            address,
            service,
            connections,
            stop,
            listening: tokio::spawn(listening),
        }
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin to point a client at, such as `http://127.0.0.1:41235`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL to send telemetry messages to: `/telemetry` at this origin.
    pub fn telemetry_url(&self) -> String {
        format!("{}{TELEMETRY_PATH}", self.origin())
    }

    /// Replaces the rules, for every request that has not been read yet.
    pub fn set_rules(&self, rules: impl IntoIterator<Item = Rule>) {
        self.service.set_rules(rules.into_iter().collect());
    }

    /// Every request that arrived, in order, including refused ones and telemetry.
    pub fn journal(&self) -> Vec<Received> {
        self.service.journal.all()
    }

    /// The telemetry messages of the journal, in order.
    pub fn telemetry(&self) -> Vec<TelemetryMessage> {
        let journal = self.journal();
        let messages = journal.iter().filter_map(Received::telemetry);
        messages.cloned().collect()
    }

    /// The requests of the journal that were refused: in strict mode none, if the client keeps to the
    /// specification.
    pub fn refusals(&self) -> Vec<Received> {
        let mut journal = self.journal();
        journal.retain(|received| received.refusal().is_some());
        journal
    }

    /// Clears the journal. [`requests_arrived`](Self::requests_arrived) keeps its count.
    pub fn clear_journal(&self) {
        self.service.journal.clear();
    }

    /// The number of requests that have arrived since the start.
    pub fn requests_arrived(&self) -> u64 {
        self.service.journal.arrived()
    }

    /// Waits until this many requests have arrived since the start.
    pub async fn wait_for(&self, requests: u64) {
        self.service.journal.wait_for(requests).await;
    }

    /// The number of connections accepted since the start.
    pub fn connections_accepted(&self) -> u64 {
        self.connections.accepted()
    }

    /// The number of connections that are open now.
    pub fn connections_open(&self) -> u64 {
        self.connections.open()
    }

    /// Waits until this many connections have been accepted since the start.
    pub async fn wait_for_connections(&self, connections: u64) {
        self.connections.wait_for_accepted(connections).await;
    }

    /// Waits until no connection is open, which may already be so.
    pub async fn wait_for_no_connections(&self) {
        self.connections.wait_for_none_open().await;
    }

    /// Closes the listener and all connections, and waits until they are closed.
    pub async fn shutdown(self) {
        drop(self.stop);
        // The task ends by itself or with its runtime; both close everything.
        let _ = self.listening.await;
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("origin", &self.origin())
            .field("requests_arrived", &self.requests_arrived())
            .finish_non_exhaustive()
    }
}
