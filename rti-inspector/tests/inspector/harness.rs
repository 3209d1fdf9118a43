//! A site with an inspector, and a client that sends bytes as they are.

use std::net::SocketAddr;

use axum::Router;
use rti_axum::{Config, ConfigBuilder, Rti, RtiLayer};
use rti_inspector::{Inspector, InspectorBuilder, InspectorServer};
use rti_simulator::Simulator;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub(crate) const FIREFOX: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// The key of the service, which is to be seen nowhere.
pub(crate) const API_KEY: &str = "key-that-nobody-sees";

pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    pub(crate) inspector: Inspector,
    pub(crate) server: InspectorServer,
    pub(crate) rti: Rti,
    pub(crate) simulator: Simulator,
    /// Ended with the site: else its engine would hold the inspector.
    _serving: JoinSet<std::io::Result<()>>,
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(Inspector::builder(), |config| config).await
    }

    pub(crate) async fn with(
        inspector: InspectorBuilder,
        configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder,
    ) -> Self {
        let simulator = Simulator::start().await.unwrap();
        let inspector = inspector.build().unwrap();
        let config = Config::builder(API_KEY, "hash", simulator.origin())
            .trusted_proxies(["127.0.0.0/8"])
            .uri_exclusion(["/health"])
            .timeout(std::time::Duration::from_secs(5));
        let engine = Rti::builder(configure(config).build().unwrap());
        let rti = inspector.observe(engine).build().unwrap();
        inspector.watch(&rti);
        let app = Router::new()
            .fallback(async || "the site")
            .layer(RtiLayer::new(rti.clone()))
            .into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, app).await });
        let server = inspector.serve(([127, 0, 0, 1], 0).into()).unwrap();
        Self {
            address,
            inspector,
            server,
            rti,
            simulator,
            _serving: serving,
        }
    }

    /// A visitor's request to the site, under a client address.
    pub(crate) async fn visit(&self, path: &str, user_agent: &str, client: &str) -> Response {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {user_agent}\r\n\
             X-Forwarded-For: {client}\r\nConnection: close\r\n\r\n"
        );
        send(self.address, &request).await
    }

    /// A genuine visitor, one bot, and one through a VPN.
    pub(crate) async fn visit_by_three(&self) {
        self.visit("/", FIREFOX, "192.0.2.1").await;
        self.visit("/cart", "curl/8.5.0", "192.0.2.2").await;
        self.visit("/", FIREFOX, "198.51.100.7").await;
        self.flush().await;
    }

    pub(crate) async fn flush(&self) {
        let inspector = self.inspector.clone();
        tokio::task::spawn_blocking(move || inspector.flush())
            .await
            .unwrap();
    }

    /// With the token.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.send("GET", path, &self.bearer(), "").await;
        assert_eq!(response.status, 200, "{path}: {}", response.body);
        assert!(
            response.head.contains("content-type: application/json"),
            "{}",
            response.head
        );
        serde_json::from_str(&response.body).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        let headers = format!("{}Content-Type: application/json\r\n", self.bearer());
        self.send("POST", path, &headers, &body.to_string()).await
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.server.token())
    }

    /// To the inspector, under its own host; `headers` are whole lines.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Response {
        let host = format!("Host: {}\r\n", self.server.address());
        self.send_to_host(method, path, &format!("{host}{headers}"), body)
            .await
    }

    pub(crate) async fn send_to_host(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Response {
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        send(self.server.address(), &request).await
    }
}

pub(crate) async fn send(address: SocketAddr, request: &str) -> Response {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    socket.read_to_end(&mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Response {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}
