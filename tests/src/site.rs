//! A protected application and the service it asks, both running.

use std::net::SocketAddr;
use std::sync::Arc;

use rti_core::{ApiVersion, ConfigBuilder, Rti};
use rti_simulator::{Answer, Received, Rule, Simulator};

use crate::application::Application;
use crate::client::{Connection, Request, Response};
use crate::harness::Server;
use crate::stage::complete;

/// A protected application, and the stand-in verdict service that it asks.
pub(crate) struct Site {
    /// The service.
    pub(crate) simulator: Arc<Simulator>,
    /// The application, as the framework serves it.
    pub(crate) server: Server,
    /// What is behind the routes.
    pub(crate) application: Application,
    /// What the application is protected with.
    pub(crate) rti: Rti,
    protocol: ApiVersion,
}

impl Site {
    pub(crate) fn new(
        simulator: Arc<Simulator>,
        server: Server,
        application: Application,
        rti: Rti,
        protocol: ApiVersion,
    ) -> Self {
        Self {
            simulator,
            server,
            application,
            rti,
            protocol,
        }
    }

    /// Puts other options in force while the application runs.
    pub(crate) fn reload(&self, configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder) {
        let origin = self.simulator.origin();
        let config = complete(self.protocol, &origin, ConfigBuilder::default());
        self.rti.reload(configure(config).build().unwrap()).unwrap();
    }

    /// Where the application listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// From now on answers every payload with this verdict or fault.
    pub(crate) fn answer(&self, answer: impl Into<Answer>) {
        self.simulator.set_rules([Rule::always().then(answer)]);
    }

    /// A new connection to the application.
    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address()).await
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(&self, request: &Request) -> Response {
        self.connect().await.send(request).await
    }

    /// Gets a path on a connection of its own.
    pub(crate) async fn get(&self, target: &str) -> Response {
        self.send(&Request::get(target)).await
    }

    /// The decision that the handler of `/verdict` sees.
    pub(crate) async fn decision(&self) -> serde_json::Value {
        let response = self.get("/verdict").await;
        assert_eq!(response.status, 200, "{response:?}");
        response.json()
    }

    /// How many calls have reached the service.
    pub(crate) fn calls(&self) -> u64 {
        self.simulator.requests_arrived()
    }

    /// The one payload that has reached the service.
    pub(crate) fn payload(&self) -> Received {
        let journal = self.simulator.journal();
        assert_eq!(journal.len(), 1, "one payload and no more: {journal:?}");
        journal[0].clone()
    }

    /// Sends a request, and gives what the service was sent for it.
    pub(crate) async fn payload_of(&self, request: &Request) -> Received {
        let asked = self.calls();
        let response = self.send(request).await;
        assert!(response.status < 500, "{response:?}");
        assert_eq!(self.calls(), asked + 1, "one payload for one request");
        self.simulator.journal().pop().unwrap()
    }
}
