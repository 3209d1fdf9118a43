//! A Rocket on a real socket, and the service as a double that judges by the user agent.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use rocket::tokio::net::TcpStream;
use rocket::tokio::sync::mpsc;
use rocket::{Build, Config as RocketConfig, Rocket, Shutdown};
use rti_rocket::{ApiRequest, ApiResponse, CallError, Config, Mode, Rti, Transport, async_trait};

/// `robot` is blocked, `suspect` is to be challenged, `broken` makes the transport panic, others
/// are valid. Each verdict sets the cookie `_cheq_rti=<name>`.
#[derive(Clone)]
pub(crate) struct Service {
    name: &'static str,
    asked: Arc<Mutex<Vec<HashMap<String, String>>>>,
    calls: Arc<AtomicUsize>,
}

impl Service {
    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            name,
            asked: Arc::default(),
            calls: Arc::default(),
        }
    }

    pub(crate) fn engine(&self, mode: Mode) -> Rti {
        let config = Config::builder("key", "hash", "us")
            .mode(mode)
            .build()
            .unwrap();
        Rti::with_transport(config, self.clone())
    }

    pub(crate) fn blocking(&self) -> Rti {
        self.engine(Mode::Blocking)
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// The fields of the last payload.
    pub(crate) fn last(&self) -> HashMap<String, String> {
        self.asked.lock().unwrap().last().cloned().unwrap()
    }
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let fields: HashMap<String, String> =
            form_urlencoded::parse(&call.body).into_owned().collect();
        let (invalid, code) = match fields.get("UserAgent").map(String::as_str) {
            Some("robot") => (true, 3),
            Some("suspect") => (true, 4),
            Some("broken") => panic!("broken on purpose"),
            _ => (false, 0),
        };
        self.asked.lock().unwrap().push(fields);
        let name = self.name;
        let body = format!(
            r#"{{"isInvalid":{invalid},"threatTypeCode":{code},"requestId":"r-1","setCookie":"_cheq_rti={name}==; Path=/"}}"#
        );
        Ok(ApiResponse::new(200, body))
    }
}

/// The configuration of an application on any free port, without signals and colours.
pub(crate) fn figment() -> Figment {
    RocketConfig::figment()
        .merge(("address", "127.0.0.1"))
        .merge(("port", 0))
        .merge(("log_level", "off"))
        .merge(("cli_colors", false))
        .merge(("shutdown.ctrlc", false))
}

pub(crate) fn app() -> Rocket<Build> {
    rocket::custom(figment())
}

pub(crate) struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
}

impl Server {
    pub(crate) async fn start(app: Rocket<Build>) -> Self {
        let (sender, mut started) = mpsc::channel(1);
        let app = app.attach(AdHoc::on_liftoff("address", move |rocket| {
            Box::pin(async move {
                let config = rocket.config();
                let address = SocketAddr::new(config.address, config.port);
                sender.send((address, rocket.shutdown())).await.unwrap();
            })
        }));
        rocket::tokio::spawn(app.launch());
        let (address, shutdown) = started.recv().await.unwrap();
        Self { address, shutdown }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends the bytes on a connection of their own and reads to its end.
    pub(crate) async fn send(&self, request: impl AsRef<[u8]>) -> Response {
        let mut stream = self.connect().await;
        stream.write_all(request.as_ref()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        Response(String::from_utf8_lossy(&answer).into_owned())
    }

    /// A request with a user agent and no body.
    pub(crate) async fn ask(&self, line: &str, user_agent: &str) -> Response {
        self.send(format!(
            "{line} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {user_agent}\r\n\
             Connection: close\r\n\r\n"
        ))
        .await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
    }
}

/// An answer as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response(pub(crate) String);

impl Response {
    pub(crate) fn status(&self) -> u16 {
        let status = self.0.split(' ').nth(1);
        status.and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn head(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(head, _)| head)
    }

    pub(crate) fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let lines = self.head().lines().skip(1);
        lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers("set-cookie")
    }

    /// Without what differs on every answer, and without the verdict's cookie. Sorted, since Rocket
    /// writes the headers of its shield in any order.
    pub(crate) fn comparable(&self) -> (Vec<String>, &str) {
        let lines = self.head().lines().map(str::to_ascii_lowercase);
        let mut head: Vec<_> = lines
            .filter(|line| {
                !line.starts_with("date: ") && !line.starts_with("set-cookie: _cheq_rti=")
            })
            .collect();
        head.sort();
        (head, self.body())
    }
}
