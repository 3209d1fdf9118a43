//! A protected application on this thread, within tower-http's span of each request.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use rti_axum::{Config, LogDecisions, Mode, Rti, RtiLayer};
use rti_conformance::client::{Connection, Request};
use rti_simulator::{Fault, Rule, Simulator, Verdict, field};
use tokio::net::TcpListener;
use tower_http::trace::{DefaultMakeSpan, TraceLayer};
use tracing::Level;

/// The id of the bot's verdict.
pub(crate) const REQUEST_ID: &str = "3f1d-77";

pub(crate) struct Site {
    address: SocketAddr,
    _simulator: Simulator,
}

impl Site {
    pub(crate) async fn start(log_decisions: LogDecisions) -> Self {
        let agent = |name: &str| Rule::when(field("UserAgent").equals(name));
        let rules = [
            agent("bot").then(Verdict::threat(3).request_id(REQUEST_ID)),
            agent("unlucky").then(Fault::status(503)),
            Rule::always().then(Verdict::valid()),
        ];
        let simulator = Simulator::builder().rules(rules).start().await.unwrap();
        let config = Config::builder("key", "hash", simulator.origin())
            .mode(Mode::Blocking)
            .timeout(Duration::from_secs(5))
            .log_decisions(log_decisions)
            .build()
            .unwrap();
        let span = DefaultMakeSpan::new().level(Level::INFO);
        let app = Router::new()
            .route("/shop", get(async || "hello"))
            .layer(RtiLayer::new(Rti::new(config).unwrap()))
            .layer(TraceLayer::new_for_http().make_span_with(span));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            _simulator: simulator,
        }
    }

    pub(crate) async fn visit(&self, user_agent: &str) {
        let request = Request::get("/shop?item=1").header("User-Agent", user_agent);
        let mut connection = Connection::open(self.address).await;
        connection
            .send(&request.header("Connection", "close"))
            .await;
        // The server is done with the request, and its spans are closed.
        connection.rest().await;
    }
}
