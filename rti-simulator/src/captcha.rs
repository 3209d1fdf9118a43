//! A stand-in for captcha services: Turnstile, hCaptcha, reCAPTCHA v2, v3 and Enterprise, and Friendly
//! Captcha. What a response is worth is written in it.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use url::form_urlencoded;

use crate::error::{Error, ErrorKind};
use crate::http::{self, Persistence, Progress, Request, Response};
use crate::socket::{Read, Socket};

/// What the pages of challenges load in place of a service's script.
const SCRIPT: &str = include_str!("captcha.js");

const BODY_LIMIT: usize = 64 * 1024;

/// Captcha services on loopback, for as long as this exists: the paths are those of the services, so that
/// only the origin of a client changes.
///
/// A response tells what it is worth:
///
/// | response | answer |
/// | --- | --- |
/// | `pass;hostname=…;action=…;score=…` | accepted, once, with these values; more may follow |
/// | `down` | status 503 |
/// | `hang` | none |
/// | anything else | refused |
///
/// The secret `wrong` is refused with the code that the services use for it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rti_simulator::Error> {
/// let captchas = rti_simulator::Captchas::start().await?;
/// println!("verify at {}/turnstile/v0/siteverify", captchas.origin());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropping it stops it"]
pub struct Captchas {
    origin: String,
    calls: Arc<Calls>,
    listening: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Calls {
    used: Mutex<HashSet<String>>,
    bodies: Mutex<Vec<String>>,
}

impl Captchas {
    /// Starts them on a free port.
    ///
    /// # Errors
    /// Where no port can be bound.
    pub async fn start() -> Result<Self, Error> {
        let bind = |error: std::io::Error| Error::new(ErrorKind::Bind, error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(bind)?;
        let origin = format!("http://{}", listener.local_addr().map_err(bind)?);
        let calls = Arc::<Calls>::default();
        let listening = tokio::spawn(listen(listener, Arc::clone(&calls)));
        Ok(Self {
            origin,
            calls,
            listening,
        })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The bodies of the calls that arrived, in their order.
    pub fn bodies(&self) -> Vec<String> {
        let bodies = self.calls.bodies.lock();
        bodies.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Captchas {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, calls: Arc<Calls>) {
    let mut serving = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        serving.spawn(serve(stream, Arc::clone(&calls)));
    }
}

/// A client that disconnects is not an error.
async fn serve(stream: TcpStream, calls: Arc<Calls>) {
    let mut socket = Socket::new(stream);
    while let Some(request) = read(&mut socket).await {
        let Some(response) = calls.answer(&request) else {
            let _ = socket.hang().await;
            return;
        };
        let bytes = response.bytes(request.persistence);
        if socket.write(&bytes).await.is_err() || request.persistence == Persistence::Close {
            return;
        }
    }
}

async fn read(socket: &mut Socket) -> Option<Request> {
    loop {
        if let Progress::Complete { request, length } =
            http::parse(&socket.unread, BODY_LIMIT).ok()?
        {
            socket.unread.drain(..length);
            return Some(request);
        }
        if socket.read().await.ok()? == Read::End {
            return None;
        }
    }
}

/// The shapes in which services answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Siteverify,
    Assessment,
    Friendly,
}

impl Shape {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/turnstile/v0/siteverify" | "/siteverify" | "/recaptcha/api/siteverify" => {
                Some(Self::Siteverify)
            }
            "/api/v2/captcha/siteverify" => Some(Self::Friendly),
            path if path.starts_with("/v1/projects/") && path.ends_with("/assessments") => {
                Some(Self::Assessment)
            }
            _ => None,
        }
    }
}

impl Calls {
    /// `None` where none is given.
    fn answer(&self, request: &Request) -> Option<Response> {
        if request.method == "GET" {
            return Some(Response::script(SCRIPT));
        }
        let Some(shape) = Shape::of(&request.path) else {
            return Some(Response::text(404, "no service has this path"));
        };
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let (response, secret) = call(shape, request, &body);
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.push(body);
        match response.as_str() {
            "hang" => return None,
            "down" => return Some(Response::text(503, "down")),
            _ => {}
        }
        let answer = match response.strip_prefix("pass;") {
            _ if secret == "wrong" => refused(shape, "invalid-input-secret"),
            None => refused(shape, "invalid-input-response"),
            Some(values) if self.is_first(&response) => accepted(shape, values),
            Some(_) => refused(shape, "timeout-or-duplicate"),
        };
        Some(Response::json(answer.to_string()))
    }

    fn is_first(&self, response: &str) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.insert(response.to_owned())
    }
}

/// Response and secret of a call.
fn call(shape: Shape, request: &Request, body: &str) -> (String, String) {
    let header = |name| {
        let value = http::values(&request.headers, name).next();
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    };
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let member = |pointer| {
        let value = json.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let field = |name: &str| {
        let mut fields = form_urlencoded::parse(body.as_bytes());
        let found = fields.find(|(candidate, _)| candidate == name);
        found
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    match shape {
        Shape::Siteverify => (field("response"), field("secret")),
        Shape::Assessment => (member("/event/token"), header("x-goog-api-key")),
        Shape::Friendly => (member("/response"), header("x-api-key")),
    }
}

fn accepted(shape: Shape, values: &str) -> Value {
    let value = |name: &str| {
        let pairs = values.split(';').filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(candidate, _)| *candidate == name);
        named.next().map(|(_, value)| value)
    };
    let score: Option<f64> = value("score").and_then(|score| score.parse().ok());
    match shape {
        Shape::Siteverify => json!({
            "success": true, "hostname": value("hostname"), "action": value("action"),
            "score": score, "error-codes": [],
        }),
        Shape::Assessment => json!({
            "tokenProperties": {
                "valid": true, "hostname": value("hostname"), "action": value("action"),
            },
            "riskAnalysis": { "score": score },
        }),
        Shape::Friendly => json!({
            "success": true, "data": { "challenge": { "origin": value("hostname") } },
        }),
    }
}

fn refused(shape: Shape, code: &str) -> Value {
    match shape {
        Shape::Siteverify => json!({ "success": false, "error-codes": [code] }),
        Shape::Assessment => {
            json!({ "tokenProperties": { "valid": false, "invalidReason": code } })
        }
        Shape::Friendly => json!({ "success": false, "error": { "error_code": code } }),
    }
}
