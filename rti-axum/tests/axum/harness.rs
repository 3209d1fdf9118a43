//! An engine with a canned verdict, an application on a socket, and a client that reads bytes.

use std::convert::Infallible;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::ServiceExt as _;
use axum::extract::Request;
use axum::response::Response;
use rti_axum::{ApiRequest, ApiResponse, CallError, Config, Mode, Rti, Transport, async_trait};
use tokio::net::TcpListener;
use tower::Service;

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
    engine_in(Mode::Blocking, code)
}

/// The same in this mode.
pub(crate) fn engine_in(mode: Mode, code: u32) -> (Rti, Journal) {
    let config = Config::builder("key", "hash", "http://127.0.0.1:9")
        .mode(mode)
        .timeout(Duration::from_secs(5))
        .build()
        .unwrap();
    let journal = Journal::default();
    let transport = Canned {
        code,
        journal: journal.clone(),
    };
    (Rti::with_transport(config, transport), journal)
}

/// Serves an application, a router or what is around one, as its users are told to.
pub(crate) fn serve<S>(app: S) -> SocketAddr
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    start(async |listener| axum::serve(listener, app).await.unwrap())
}

pub(crate) fn start(serving: impl AsyncFnOnce(TcpListener) + Send + 'static) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { serving(TcpListener::from_std(listener).unwrap()).await });
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

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).unwrap();
    stream
}
