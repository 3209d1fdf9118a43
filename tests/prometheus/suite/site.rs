//! A protected application that serves its metrics as the examples do.

use std::net::SocketAddr;
use std::time::Duration;

use altcha::{Payload, SolveChallengeOptions, solve_challenge};
use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use example_setup::Metrics;
use rti_axum::{Challenge, Config, Keys, Mode, Rti, RtiLayer};
use rti_challenge::Cost;
use rti_conformance::client::{Connection, Request};
use rti_inspector::{Inspector, InspectorServer};
use rti_simulator::{Fault, Rule, Simulator, Verdict, field};
use serde_json::json;
use tokio::net::TcpListener;

use crate::counts::Account;

/// A round of visitors: bots are blocked, those of a VPN challenged, and some get no verdict. One of a VPN
/// then solves the challenge and comes again.
const ROUND: [(&str, usize); 5] = [
    ("visitor", 8),
    ("bot", 4),
    ("vpn", 2),
    ("crawler", 2),
    ("unlucky", 1),
];

/// How many requests a round has that are checked.
pub(crate) const VISITORS: u64 = 19;

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
        let kit = Challenge::proof_of_work(Keys::new([1; 32])).cost(Cost::new(1_000, 16));
        let app = Router::new()
            .route("/", get(async || "hello"))
            .route("/metrics", get(async move || metrics.render()))
            .layer(RtiLayer::new(rti).challenge(kit));
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
        visitor_who_passes(&mut connection).await;
    }
}

/// A page of scripts, by the protocol of the kit. A second use of the solution is refused.
async fn visitor_who_passes(connection: &mut Connection) {
    let vpn = |request: Request| request.header("User-Agent", "vpn");
    let fetch = Request::get("/")
        .header("Accept", "application/json")
        .header("Sec-Fetch-Dest", "empty");
    let problem = connection.send(&vpn(fetch)).await.json();
    let challenge = problem["challenge"]["challenge"].as_str().unwrap();
    let challenge = connection.send(&vpn(Request::get(challenge))).await;
    let challenge = serde_json::from_slice(&challenge.body).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap();
    let payload = Payload {
        challenge,
        solution: solution.unwrap(),
    };
    let altcha = STANDARD.encode(serde_json::to_vec(&payload).unwrap());
    let verify = Request::new("POST", "/.well-known/rti/verify")
        .header("Accept", "application/json")
        .header("Content-Type", "application/json")
        .body(json!({ "altcha": altcha }).to_string());
    let verify = vpn(verify);
    let passed = connection.send(&verify).await;
    assert_eq!(passed.status, 200, "{passed:?}");
    assert_eq!(connection.send(&verify).await.status, 403);
    let cookie = passed.header("Set-Cookie").unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let again = vpn(Request::get("/")).header("Cookie", cookie);
    assert_eq!(connection.send(&again).await.text(), "hello");
}
