//! Rocket: an application with the fairing attached.

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, Stream};
use rocket::data::{DataStream, ToByteUnit as _};
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::Redirect;
use rocket::response::stream::{ByteStream, One, ReaderStream};
use rocket::{Build, Data, Request, Responder, Rocket, State, get, post, routes};
use rti_rocket::{Decision, RtiDecision, RtiFairing};
use tokio::sync::oneshot;

use super::{Capability, Framework, Limit, Server, Setup};
use crate::application::{APP_COOKIE, Application, Challenge, panic_on_purpose};

pub(super) struct RocketFramework;

const LIMITS: &[Limit] = &[
    Limit {
        capability: Capability::HeaderCase,
        reason: "hyper keeps header names in lower case",
    },
    Limit {
        capability: Capability::RepeatedHeaderPlaces,
        reason: "the header maps of hyper and Rocket move repeats to the first of their name",
    },
    Limit {
        capability: Capability::NonUtf8HeaderValues,
        reason: "Rocket drops headers whose value is not UTF-8",
    },
    Limit {
        capability: Capability::UnknownMethods,
        reason: "Rocket answers methods it does not know with 400 before any fairing",
    },
    Limit {
        capability: Capability::AbsoluteTargets,
        reason: "Rocket does not tell the host of an absolute target: the `Host` header stands for it",
    },
    Limit {
        capability: Capability::RemovesHeaders,
        reason: "Rocket cannot remove a header of a request: it loses its value",
    },
    Limit {
        capability: Capability::ExpectContinue,
        reason: "Rocket looks into a body before any fairing, which gives the go-ahead",
    },
    Limit {
        capability: Capability::NoticesHangUp,
        reason: "Rocket handles a request to its end on a task of its own",
    },
    Limit {
        capability: Capability::TwoEngines,
        reason: "a fairing of Rocket's sees every request of the application",
    },
];

impl Framework for RocketFramework {
    fn name(&self) -> &'static str {
        "rocket"
    }

    fn middleware(&self) -> &'static str {
        "rust_rocket_"
    }

    fn limits(&self) -> &'static [Limit] {
        LIMITS
    }

    fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
        async move {
            let (lifted_off, liftoff) = oneshot::channel();
            let app = app(&setup).attach(AdHoc::on_liftoff("address", |rocket| {
                let address = (rocket.config().address, rocket.config().port);
                lifted_off.send(address).unwrap();
                Box::pin(async {})
            }));
            let app = app.ignite().await.unwrap();
            let shutdown = app.shutdown();
            let launched = tokio::spawn(app.launch());
            let (server, stop, stopped) = Server::new(liftoff.await.unwrap().into());
            tokio::spawn(async move {
                let _ = stop.await;
                shutdown.notify();
                launched.await.unwrap().unwrap();
                stopped.send_replace(true);
            });
            server
        }
        .boxed()
    }
}

fn app(setup: &Setup) -> Rocket<Build> {
    let config = rocket::Config::figment()
        .merge(("address", "127.0.0.1"))
        .merge(("port", 0))
        .merge(("log_level", "off"))
        .merge(("cli_colors", false))
        .merge(("shutdown.ctrlc", false));
    let mut app = rocket::custom(config)
        .manage(setup.application.clone())
        .mount("/", pages())
        .mount("/", answers());
    for _ in 0..setup.layers {
        let fairing = RtiFairing::new(setup.rti.clone());
        app = app.attach(match setup.challenge {
            Challenge::None => fairing,
            behaviour => fairing.on_challenge(move |_request, decision| {
                Box::pin(async move { challenge(behaviour, &decision) })
            }),
        });
    }
    app
}

type Challenged = Result<Redirect, (Status, String)>;

fn challenge(behaviour: Challenge, decision: &Decision) -> Option<Challenged> {
    match behaviour {
        Challenge::None | Challenge::LetGoOn => None,
        Challenge::RedirectToCaptcha => Some(Ok(Redirect::found("/captcha"))),
        Challenge::Answer => {
            let code = decision.verdict()?.threat_type().code();
            let page = format!("{}{code}", Challenge::PAGE);
            Some(Err((Status::Unauthorized, page)))
        }
        Challenge::Panic => panic_on_purpose(),
    }
}

fn pages() -> Vec<rocket::Route> {
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

fn answers() -> Vec<rocket::Route> {
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
    use futures_util::StreamExt as _;
    ByteStream(application.frames().map(|frame| match frame {
        Ok(frame) => frame,
    }))
}

#[get("/ws")]
fn websocket(socket: rocket_ws::WebSocket) -> rocket_ws::Channel<'static> {
    use futures_util::{SinkExt as _, StreamExt as _};
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
