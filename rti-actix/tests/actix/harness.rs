//! An engine with a canned verdict, an application on a socket, and a client that reads bytes.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::Server;
use rti_actix::{
    ApiRequest, ApiResponse, CallError, Config, ConfigBuilder, Mode, Rti, Transport, async_trait,
};

pub(crate) const COOKIE: &str = "set-cookie: _cheq_rti=abc; Path=/";
pub(crate) const VALID: u32 = 0;
pub(crate) const SCRAPER: u32 = 2;
pub(crate) const VPN: u32 = 14;
/// The service's response is no verdict.
pub(crate) const BROKEN: u32 = 99;

/// The bodies that the service was asked with.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Canned {
    code: u32,
    journal: Journal,
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        let body = String::from_utf8(call.body.to_vec()).unwrap();
        self.journal.0.lock().unwrap().push(body);
        let (invalid, code) = (self.code != VALID, self.code);
        if code == BROKEN {
            return Ok(ApiResponse::new(200, "no verdict"));
        }
        let body = format!(
            r#"{{"isInvalid":{invalid},"threatTypeCode":{code},"setCookie":"_cheq_rti=abc; Path=/"}}"#
        );
        Ok(ApiResponse::new(200, body))
    }
}

/// A blocking engine that hears the same verdict on everyone.
pub(crate) fn engine(code: u32) -> (Rti, Journal) {
    engine_with(code, |config| config)
}

/// The same with more options.
pub(crate) fn engine_with(
    code: u32,
    configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder,
) -> (Rti, Journal) {
    let config = Config::builder("key", "hash", "http://127.0.0.1:9")
        .mode(Mode::Blocking)
        .timeout(Duration::from_secs(5));
    let config = configure(config).build().unwrap();
    let journal = Journal::default();
    let transport = Canned {
        code,
        journal: journal.clone(),
    };
    (Rti::with_transport(config, transport), journal)
}

/// Serves an application, given as the expression that makes it, and gives its address.
macro_rules! serve {
    ($app:expr) => {
        crate::harness::start(move |listener| {
            actix_web::HttpServer::new(move || $app)
                .workers(1)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run()
        })
    };
}

pub(crate) fn start(server: impl FnOnce(TcpListener) -> Server + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async { server(listener).await })
    });
    address
}

pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    send(address, &format!("GET {path}"), "", "")
}

/// What comes until the server hangs up: nothing, where the application panicked.
pub(crate) fn send(address: SocketAddr, line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let mut stream = connect(address);
    let request = format!(
        "{line} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Asks for an upgrade, says something once the head of the answer is there, and listens until
/// that comes back.
pub(crate) fn converse(address: SocketAddr, request: &str, saying: &str) -> String {
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    let mut heard = listen(&mut stream, "\r\n\r\n");
    stream.write_all(saying.as_bytes()).unwrap();
    heard += &listen(&mut stream, saying);
    heard
}

fn listen(stream: &mut TcpStream, until: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(until.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        heard.push(byte[0]);
    }
    String::from_utf8(heard).unwrap()
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).unwrap();
    stream
}
