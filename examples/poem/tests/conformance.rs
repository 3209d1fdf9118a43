//! The behavioural suite over the adapter for poem.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something does not hold"
)]

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::Arc;

use example_poem::{Callback, RtiMiddleware, render};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _, TryStreamExt as _};
use poem::endpoint::{BoxEndpoint, make};
use poem::http::StatusCode;
use poem::http::header::{CONNECTION, LOCATION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY};
use poem::http::header::{SET_COOKIE, UPGRADE};
use poem::listener::TcpAcceptor;
use poem::middleware::CatchPanic;
use poem::{Body, EndpointExt as _, Request, Response, Result, Route, get, post};
use rti_conformance::application::{APP_COOKIE, panic_on_purpose};
use rti_conformance::cors::{Cors, FRIEND};
use rti_conformance::{Application, BlockPage, Capability, Challenge, Harness, Limit};
use rti_conformance::{Server, Setup};
use rti_core::{Decision, Requester, Rti};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{handshake::derive_accept_key, protocol::Role};

fn main() -> ExitCode {
    rti_conformance::run(&[&Poem])
}

struct Poem;

impl Harness for Poem {
    fn name(&self) -> &'static str {
        "poem"
    }

    fn middleware(&self) -> &'static str {
        "rust_poem_"
    }

    fn limits(&self) -> &'static [Limit] {
        &[
            Limit {
                capability: Capability::HeaderCase,
                reason: "hyper keeps header names in lower case",
            },
            Limit {
                capability: Capability::RepeatedHeaderPlaces,
                reason: "the header map of the `http` crate moves repeats to the first of their name",
            },
            Limit {
                capability: Capability::ChallengeKit,
                reason: "the example is without the kit: it shows what every adapter needs",
            },
            Limit {
                capability: Capability::NoticesHangUp,
                reason: "poem continues to poll a connection that has ended, and so handles its request to the end",
            },
        ]
    }

    fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
        async move {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.set_nonblocking(true).unwrap();
            let (server, stop, stopped) = Server::new(listener.local_addr().unwrap());
            let acceptor = TcpAcceptor::from_std(listener).unwrap();
            let poem = poem::Server::new_with_acceptor(acceptor);
            let stop = stop.map(|_| ());
            tokio::spawn(async move {
                let running = poem.run_with_graceful_shutdown(application(&setup), stop, None);
                running.await.unwrap();
                stopped.send_replace(true);
            });
            server
        }
        .boxed()
    }
}

fn application(setup: &Setup) -> BoxEndpoint<'static> {
    // Around the outermost router, since a router refuses what it cannot match: `OPTIONS *`.
    let whole = protected(setup, &setup.rti);
    let Some(second) = &setup.second else {
        return whole;
    };
    let parts = Route::new().nest("/second", protected(setup, second));
    parts.nest("/", whole).map_to_response().boxed()
}

fn protected(setup: &Setup, rti: &Rti) -> BoxEndpoint<'static> {
    let mut middleware = RtiMiddleware::new(rti.clone());
    let (behaviour, page) = (setup.challenge, setup.block_page);
    middleware.on_challenge = (behaviour != Challenge::None).then(|| -> Callback {
        Arc::new(move |_request, decision| challenge(behaviour, decision))
    });
    middleware.on_block = (page != BlockPage::None)
        .then(|| -> Callback { Arc::new(move |_request, _decision| block_page(page)) });
    let routes = routes().data(setup.application.clone());
    let mut endpoint: BoxEndpoint<'static> = routes.with(CatchPanic::new()).boxed();
    if setup.cors == Cors::Inside {
        endpoint = endpoint.with(cors()).map_to_response().boxed();
    }
    for _ in 0..setup.layers {
        endpoint = endpoint.with(middleware.clone()).boxed();
    }
    if setup.cors == Cors::Outside {
        endpoint = endpoint.with(cors()).map_to_response().boxed();
    }
    endpoint
}

fn cors() -> poem::middleware::Cors {
    poem::middleware::Cors::new()
        .allow_origin(FRIEND)
        .allow_methods(["GET", "POST"])
        .allow_header("content-type")
        .allow_credentials(true)
}

fn challenge(behaviour: Challenge, decision: &Decision) -> Option<Response> {
    match behaviour {
        Challenge::None | Challenge::Continue => None,
        Challenge::CaptchaOrDenial if decision.requester() != Requester::Navigation => {
            decision.denial().map(|denial| render(&denial))
        }
        Challenge::CaptchaOrDenial => {
            let redirect = Response::builder().status(StatusCode::FOUND);
            Some(redirect.header(LOCATION, "/captcha").finish())
        }
        Challenge::Answer => {
            let code = decision.verdict()?.threat_type().code();
            let page = Response::builder().status(StatusCode::UNAUTHORIZED);
            Some(page.body(format!("{}{code}", Challenge::PAGE)))
        }
        Challenge::Panic => panic_on_purpose(),
    }
}

fn block_page(behaviour: BlockPage) -> Option<Response> {
    match behaviour {
        BlockPage::None | BlockPage::BuiltIn => None,
        BlockPage::Own => {
            let page = Response::builder().status(StatusCode::GONE);
            Some(page.body(BlockPage::PAGE))
        }
        BlockPage::Panic => panic_on_purpose(),
    }
}

fn routes() -> Route {
    let page = |text: &'static str| get(make(move |_| async move { text }));
    Route::new()
        .at("/", page("hello"))
        .at("/subscribe", page("subscribe"))
        .at("/about", page("about"))
        .at("/captcha", page("captcha"))
        .at("/get-only", page("get-only"))
        .at("/echo", post(make(echo)))
        .at("/length", post(make(length)))
        .at("/verdict", get(make(verdict)))
        .at("/headers", get(make(headers)))
        .at("/app-cookie", get(make(app_cookie)))
        .at("/error", get(make(error)))
        .at("/panic", get(make(panics)))
        .at("/stream", get(make(stream)))
        .at("/ws", get(make(websocket)))
        .at("/count", get(make(count)))
        .at("/count/up", post(make(count_up)))
}

fn state(request: &Request) -> &Application {
    request.data().unwrap()
}

async fn echo(request: Request) -> Body {
    Body::from_bytes_stream(request.into_body().into_bytes_stream())
}

async fn length(request: Request) -> Result<String> {
    Ok(request.into_body().into_bytes().await?.len().to_string())
}

async fn verdict(request: Request) -> Response {
    json(&serde_json::json!(request.extensions().get::<Decision>()))
}

async fn headers(request: Request) -> Response {
    let pairs = request.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str(), value)
    });
    json(&serde_json::json!(pairs.collect::<Vec<_>>()))
}

fn json(value: &serde_json::Value) -> Response {
    let response = Response::builder().content_type("application/json");
    response.body(value.to_string())
}

async fn app_cookie(_request: Request) -> Response {
    Response::builder().header(SET_COOKIE, APP_COOKIE).finish()
}

async fn error(_request: Request) -> Result<()> {
    Err(StatusCode::INTERNAL_SERVER_ERROR.into())
}

async fn panics(_request: Request) {
    panic_on_purpose()
}

async fn stream(request: Request) -> Body {
    let frames = state(&request).frames();
    Body::from_bytes_stream(
        frames.map_err(|never: Infallible| -> std::io::Error { match never {} }),
    )
}

async fn count(request: Request) -> String {
    state(&request).count().to_string()
}

async fn count_up(request: Request) -> String {
    state(&request).count_up().to_string()
}

async fn websocket(request: Request) -> Result<Response> {
    let key = request.headers().get(SEC_WEBSOCKET_KEY).unwrap();
    let accept = derive_accept_key(key.as_bytes());
    let upgrade = request.take_upgrade()?;
    tokio::spawn(async move {
        let upgraded = upgrade.await.unwrap();
        let mut socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, None).await;
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && socket.send(message).await.is_err() {
                break;
            }
        }
    });
    Ok(Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(CONNECTION, "upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_ACCEPT, accept)
        .finish())
}
