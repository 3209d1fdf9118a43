//! A protected application behind a proxy, the service that it asks, and ways to reach it.

use std::net::SocketAddr;
use std::time::Duration;

use rti_conformance::client::{Connection, Http2, Request, Response};
use rti_conformance::{Application, Harness, Server, Setup};
use rti_core::{Config, Mode, Rti};
use rti_simulator::{Received, Rule, Simulator, Verdict, field};
use rti_test_network as network;

use crate::certificate::Certificate;
use crate::proxy::{Proxy, Running};
use crate::tunnel;

/// So long that a loaded machine answers in time.
const GENEROUS: Duration = Duration::from_secs(5);

/// What a verdict sets.
pub(crate) const COOKIE: &str = "_cheq_rti=from-the-service; Path=/";

/// What a check runs with.
#[derive(Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) proxy: Proxy,
    pub(crate) framework: &'static dyn Harness,
}

impl Setting {
    /// Starts all of it. Visitors that call themselves a bot are blocked, all others are valid.
    pub(crate) async fn start(self) -> Site {
        let (simulator, server, application) = self.protected().await;
        let upstream = server.address();
        Site::new(self.proxy, upstream, simulator, server, application).await
    }

    /// The same, with something between proxy and application that counts connections.
    pub(crate) async fn start_counted(self) -> (Site, network::Proxy) {
        let (simulator, server, application) = self.protected().await;
        let counting = network::Proxy::to(server.address()).start();
        let upstream = counting.address();
        let site = Site::new(self.proxy, upstream, simulator, server, application).await;
        (site, counting)
    }

    async fn protected(self) -> (Simulator, Server, Application) {
        let bots = field("UserAgent").contains("bot");
        let rules = [
            Rule::when(bots).then(Verdict::threat(3).set_cookie(COOKIE)),
            Rule::always().then(Verdict::valid().set_cookie(COOKIE)),
        ];
        let simulator = Simulator::builder().rules(rules).start().await.unwrap();
        let config = Config::builder("key", "hash", simulator.origin())
            .mode(Mode::Blocking)
            .timeout(GENEROUS)
            .trusted_proxies(["127.0.0.0/8"]);
        let application = Application::default();
        let rti = Rti::new(config.build().unwrap()).unwrap();
        let setup = Setup::new(application.clone(), rti);
        let server = self.framework.start(setup).await;
        (simulator, server, application)
    }
}

/// All of it, running.
pub(crate) struct Site {
    pub(crate) simulator: Simulator,
    pub(crate) application: Application,
    /// Where a client in the clear is taken for one of HTTP/1.1 over TLS.
    pub(crate) http1: SocketAddr,
    /// Where one is that speaks HTTP/2 from its first byte.
    pub(crate) http2: SocketAddr,
    pub(crate) proxy: Running,
    _server: Server,
}

impl Site {
    async fn new(
        proxy: Proxy,
        upstream: SocketAddr,
        simulator: Simulator,
        server: Server,
        application: Application,
    ) -> Self {
        let certificate = Certificate::new();
        let proxy = proxy.start(upstream, &certificate).await;
        Self {
            simulator,
            application,
            http1: tunnel::open(proxy.https, certificate.client("http/1.1")).await,
            http2: tunnel::open(proxy.https, certificate.client("h2")).await,
            proxy,
            _server: server,
        }
    }

    /// Sends a request over HTTP/1.1, on a connection of its own.
    pub(crate) async fn send(&self, request: &Request) -> Response {
        Connection::open(self.http1).await.send(request).await
    }

    /// What the service was sent for a request over HTTP/1.1.
    pub(crate) async fn payload(&self, request: &Request) -> Received {
        let response = self.send(request).await;
        assert!(response.status < 500, "{response:?}");
        self.last_payload()
    }

    /// What the service was sent for a request over HTTP/2.
    pub(crate) async fn payload_over_http2(&self, request: &Request) -> Received {
        let response = Http2::open(self.http2).await.send(request).await;
        assert!(response.status < 500, "{response:?}");
        self.last_payload()
    }

    fn last_payload(&self) -> Received {
        self.simulator.journal().pop().unwrap()
    }
}
