//! The routes of the application, as Rocket writes them.

use futures_util::{SinkExt as _, Stream, StreamExt as _};
use rocket::data::{DataStream, ToByteUnit as _};
use rocket::http::{ContentType, Header, Method, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::stream::{ByteStream, One, ReaderStream};
use rocket::route::{self, Handler};
use rocket::{Data, Request, Responder, State, get, options, post, routes};
use rti_rocket::RtiDecision;

use rti_conformance::application::{APP_COOKIE, Application, panic_on_purpose};

use crate::browser::DOCUMENTS;

pub(super) fn pages() -> Vec<rocket::Route> {
    #[get("/")]
    fn hello() -> &'static str {
        "hello"
    }
    #[get("/subscribe")]
    fn subscribe() -> &'static str {
        "subscribe"
    }
    #[get("/about")]
    fn about() -> &'static str {
        "about"
    }
    #[get("/captcha")]
    fn captcha() -> &'static str {
        "captcha"
    }
    #[get("/get-only")]
    fn get_only() -> &'static str {
        "get-only"
    }
    routes![hello, subscribe, about, captcha, get_only]
}

pub(super) fn documents() -> Vec<rocket::Route> {
    DOCUMENTS
        .into_iter()
        .map(|(path, kind, text)| rocket::Route::new(Method::Get, path, Document(kind, text)))
        .collect()
}

/// The content type of a document, and its text.
#[derive(Clone)]
struct Document(&'static str, &'static str);

#[rocket::async_trait]
impl Handler for Document {
    async fn handle<'r>(&self, request: &'r Request<'_>, _data: Data<'r>) -> route::Outcome<'r> {
        let kind: ContentType = self.0.parse().unwrap();
        route::Outcome::from(request, (kind, self.1))
    }
}

/// What answers preflights; a fairing adds what is allowed.
pub(super) fn preflights() -> Vec<rocket::Route> {
    #[options("/<_..>")]
    fn preflight() -> Status {
        Status::NoContent
    }
    routes![preflight]
}

pub(super) fn answers() -> Vec<rocket::Route> {
    routes![
        echo, length, verdict, headers, app_cookie, error, panics, stream, websocket, count,
        count_up
    ]
}

#[post("/echo", data = "<body>")]
fn echo(body: Data<'_>) -> ReaderStream<One<DataStream<'_>>> {
    ReaderStream::one(body.open(2.mebibytes()))
}

#[post("/length", data = "<body>")]
fn length(body: &[u8]) -> String {
    body.len().to_string()
}

#[get("/verdict")]
#[allow(clippy::needless_pass_by_value, reason = "handlers own their guards")]
fn verdict(decision: RtiDecision) -> (ContentType, String) {
    let decision = serde_json::to_string(&*decision).unwrap();
    (ContentType::JSON, decision)
}

struct Headers(Vec<(String, String)>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Headers {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        let headers = request.headers().iter();
        let pair = |header: Header<'_>| (header.name().to_string(), header.value().to_owned());
        Outcome::Success(Self(headers.map(pair).collect()))
    }
}

#[get("/headers")]
#[allow(clippy::needless_pass_by_value, reason = "handlers own their guards")]
fn headers(headers: Headers) -> (ContentType, String) {
    (ContentType::JSON, serde_json::json!(headers.0).to_string())
}

#[derive(Responder)]
struct WithCookie(&'static str, Header<'static>);

#[get("/app-cookie")]
fn app_cookie() -> WithCookie {
    WithCookie("", Header::new("Set-Cookie", APP_COOKIE))
}

#[get("/error")]
fn error() -> Result<(), Status> {
    Err(Status::InternalServerError)
}

#[get("/panic")]
fn panics() -> Status {
    panic_on_purpose()
}

#[get("/stream")]
fn stream(
    application: &State<Application>,
) -> ByteStream<impl Stream<Item = bytes::Bytes> + use<>> {
    ByteStream(application.frames().map(|frame| match frame {
        Ok(frame) => frame,
    }))
}

#[get("/ws")]
fn websocket(socket: rocket_ws::WebSocket) -> rocket_ws::Channel<'static> {
    socket.channel(|mut socket| {
        Box::pin(async move {
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() {
                    socket.send(message).await?;
                }
            }
            Ok(())
        })
    })
}

#[get("/count")]
fn count(application: &State<Application>) -> String {
    application.count().to_string()
}

#[post("/count/up")]
fn count_up(application: &State<Application>) -> String {
    application.count_up().to_string()
}
