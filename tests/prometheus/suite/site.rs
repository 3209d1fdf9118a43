//! A protected application that serves its metrics as the examples do.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use example_setup::Metrics;
use rti_axum::{Config, Decision, Mode, Rti, RtiLayer};
use rti_conformance::client::{Connection, Request};
use rti_inspector::{Inspector, InspectorServer};
use rti_simulator::{Fault, Rule, Simulator, Verdict, field};
use tokio::net::TcpListener;

use crate::counts::Account;

/// A round of visitors: bots are blocked, those of a VPN challenged, and some get no verdict.
const ROUND: [(&str, usize); 5] = [
    ("visitor", 8),
    ("bot", 4),
    ("vpn", 3),
    ("crawler", 2),
    ("unlucky", 1),
];

/// How many visitors a round has.
pub(crate) const VISITORS: u64 = 18;

pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) account: Account,
    pub(crate) inspector: Inspector,
    pub(crate) inspector_page: InspectorServer,
    _simulator: Simulator,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let threat = |agent: &str, code| {
            Rule::when(field("UserAgent").equals(agent)).then(Verdict::threat(code))
        };
        let unlucky = field("UserAgent").equals("unlucky");
        let simulator = Simulator::builder()
            .rules([
                threat("bot", 3),
                threat("vpn", 14),
                threat("crawler", 20),
                Rule::when(unlucky).then(Fault::status(503)),
                Rule::always().then(Verdict::valid()),
            ])
            .start()
            .await
            .unwrap();
        let account = Account::default();
        let config = Config::builder("key", "hash", simulator.origin())
            .mode(Mode::Blocking)
            .timeout(Duration::from_secs(5))
            .uri_exclusion(["/about"]);
        // As the examples do it: scrapes are not checked, whatever else is excluded.
        let config = example_setup::configured(config);
        let inspector = Inspector::new().unwrap();
        let inspector_page = inspector.serve(([127, 0, 0, 1], 0).into()).unwrap();
        let rti = Rti::builder(config.build().unwrap()).observer(account.clone());
        let rti = inspector.observe(rti).build().unwrap();
        let metrics = Metrics::install(rti.clone()).unwrap();
        let app = Router::new()
            .route("/", get(async || "hello"))
            .route("/metrics", get(async move || metrics.render()))
            .layer(RtiLayer::new(rti).on_challenge(challenge));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            account,
            inspector,
            inspector_page,
            _simulator: simulator,
        }
    }

    pub(crate) async fn round_of_visitors(&self) {
        let mut connection = Connection::open(self.address).await;
        for (agent, visits) in ROUND {
            for _ in 0..visits {
                connection
                    .send(&Request::get("/").header("User-Agent", agent))
                    .await;
            }
        }
    }
}

fn challenge(_: &Parts, _: Decision) -> impl Future<Output = Option<Response>> + use<> {
    async { Some("prove that you are human".into_response()) }
}
