//! Plain hyper with the example's `intercept` around the application: what a framework of one's own
//! comes to.

use std::convert::Infallible;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use example_custom::{Body, Callbacks, full, intercept, render};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _, TryStreamExt as _};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use hyper::header::{SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::{conn::auto, graceful::GracefulShutdown};
use rti_core::{Decision, Requester};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{handshake::derive_accept_key, protocol::Role};

use rti_conformance::application::{APP_COOKIE, BlockPage, Challenge, panic_on_purpose};
use rti_conformance::cors::Cors;
use rti_conformance::{Capability, Harness, Limit, Server, Setup};

use crate::browser::DOCUMENTS;

pub(super) struct Custom;

mod cors;

const LIMITS: &[Limit] = &[
    Limit {
        capability: Capability::HeaderCase,
        reason: "hyper keeps header names in lower case",
    },
    Limit {
        capability: Capability::RepeatedHeaderPlaces,
        reason: "the header map of the `http` crate moves repeats to the first of their name",
    },
    Limit {
        capability: Capability::Layering,
        reason: "the example is a function that is called once",
    },
];

impl Harness for Custom {
    fn name(&self) -> &'static str {
        "custom"
    }

    fn middleware(&self) -> &'static str {
        "rust_custom_"
    }

    fn limits(&self) -> &'static [Limit] {
        LIMITS
    }

    fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
        async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (server, stop, stopped) = Server::new(listener.local_addr().unwrap());
            tokio::spawn(async move {
                let graceful = GracefulShutdown::new();
                let accepting = accept(listener, Arc::new(setup), &graceful);
                tokio::select! {
                    () = accepting => {}
                    _ = stop => {}
                }
                graceful.shutdown().await;
                stopped.send_replace(true);
            });
            server
        }
        .boxed()
    }
}

async fn accept(listener: TcpListener, setup: Arc<Setup>, graceful: &GracefulShutdown) {
    while let Ok((stream, peer)) = listener.accept().await {
        let setup = Arc::clone(&setup);
        let service = service_fn(move |request| serve(Arc::clone(&setup), peer.ip(), request));
        let builder = auto::Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::spawn(graceful.watch(connection.into_owned()));
    }
}

async fn serve(
    setup: Arc<Setup>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    if setup.cors == Cors::Outside {
        return cors::around(request, async |request| {
            protected(&setup, peer, request).await
        })
        .await;
    }
    protected(&setup, peer, request).await
}

async fn protected(
    setup: &Setup,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let second = setup.second.as_ref();
    let second = second.filter(|_| request.uri().path().starts_with("/second/"));
    let rti = second.unwrap_or(&setup.rti);
    let challenge = |_: &Parts, decision: &Decision| challenge(setup.challenge, decision);
    let block_page = |_: &Parts, _: &Decision| block_page(setup.block_page);
    let kit = match second {
        Some(_) => &setup.second_kit,
        None => &setup.kit,
    };
    let callbacks = Callbacks {
        kit: kit.as_ref(),
        on_challenge: (setup.challenge != Challenge::None).then_some(&challenge),
        on_block: (setup.block_page != BlockPage::None).then_some(&block_page),
    };
    intercept(rti, peer, request, callbacks, async |request| {
        if setup.cors == Cors::Inside {
            return cors::around(request, async |request| Ok(answer(setup, request).await)).await;
        }
        Ok(answer(setup, request).await)
    })
    .await
}

/// Panics are the application's own, so it is inside that they become responses.
async fn answer(setup: &Setup, request: Request<Incoming>) -> Response<Body> {
    let answered = AssertUnwindSafe(application(setup, request)).catch_unwind();
    let failed = |_| status(StatusCode::INTERNAL_SERVER_ERROR);
    answered.await.unwrap_or_else(failed)
}

fn challenge(behaviour: Challenge, decision: &Decision) -> Option<Response<Body>> {
    match behaviour {
        Challenge::None | Challenge::Continue => None,
        Challenge::CaptchaOrDenial if decision.requester() != Requester::Navigation => {
            decision.denial().map(|denial| render(&denial))
        }
        Challenge::CaptchaOrDenial => Some(with(status(StatusCode::FOUND), LOCATION, "/captcha")),
        Challenge::Answer => {
            let code = decision.verdict()?.threat_type().code();
            let mut answer = text(format!("{}{code}", Challenge::PAGE));
            *answer.status_mut() = StatusCode::UNAUTHORIZED;
            Some(answer)
        }
        Challenge::Panic => panic_on_purpose(),
    }
}

fn block_page(behaviour: BlockPage) -> Option<Response<Body>> {
    match behaviour {
        BlockPage::None | BlockPage::BuiltIn => None,
        BlockPage::Own => {
            let mut page = text(BlockPage::PAGE);
            *page.status_mut() = StatusCode::GONE;
            Some(page)
        }
        BlockPage::Panic => panic_on_purpose(),
    }
}

async fn application(setup: &Setup, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path();
    let path = path.strip_prefix("/second").unwrap_or(path).to_owned();
    let application = &setup.application;
    match (request.method(), path.as_str()) {
        (&Method::GET | &Method::HEAD, path) => match path {
            "/" => text("hello"),
            "/subscribe" | "/about" | "/captcha" | "/get-only" => text(path[1..].to_owned()),
            "/verdict" => json(&serde_json::json!(request.extensions().get::<Decision>())),
            "/headers" => headers(&request),
            "/app-cookie" => with(text(""), SET_COOKIE, APP_COOKIE),
            "/error" => status(StatusCode::INTERNAL_SERVER_ERROR),
            "/panic" => panic_on_purpose(),
            "/stream" => {
                let frames = application.frames().map_ok(Frame::data);
                let body = BodyExt::map_err(StreamBody::new(frames), |never| match never {});
                Response::new(body.boxed())
            }
            "/ws" => websocket(request),
            "/count" => text(application.count().to_string()),
            path => document(path),
        },
        (&Method::POST, "/echo") => Response::new(request.into_body().boxed()),
        (&Method::POST, "/length") => {
            let body = request.into_body().collect().await.unwrap();
            text(body.to_bytes().len().to_string())
        }
        (&Method::POST, "/count/up") => text(application.count_up().to_string()),
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn document(path: &str) -> Response<Body> {
    let mut documents = DOCUMENTS.into_iter();
    documents.find(|(place, ..)| *place == path).map_or_else(
        || status(StatusCode::NOT_FOUND),
        |(_, kind, document)| with(text(document), CONTENT_TYPE, kind),
    )
}

fn headers(request: &Request<Incoming>) -> Response<Body> {
    let pairs = request.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str(), value)
    });
    json(&serde_json::json!(pairs.collect::<Vec<_>>()))
}

fn websocket(mut request: Request<Incoming>) -> Response<Body> {
    let key = request.headers()[SEC_WEBSOCKET_KEY].as_bytes().to_owned();
    tokio::spawn(async move {
        let upgraded = TokioIo::new(hyper::upgrade::on(&mut request).await.unwrap());
        let mut socket = WebSocketStream::from_raw_socket(upgraded, Role::Server, None).await;
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && socket.send(message).await.is_err() {
                break;
            }
        }
    });
    let switching = status(StatusCode::SWITCHING_PROTOCOLS);
    let switching = with(switching, CONNECTION, "upgrade");
    let switching = with(switching, UPGRADE, "websocket");
    with(switching, SEC_WEBSOCKET_ACCEPT, &derive_accept_key(&key))
}

fn json(value: &serde_json::Value) -> Response<Body> {
    with(text(value.to_string()), CONTENT_TYPE, "application/json")
}

fn text(body: impl Into<Bytes>) -> Response<Body> {
    Response::new(full(body))
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = text("");
    *response.status_mut() = status;
    response
}

fn with(mut response: Response<Body>, name: HeaderName, value: &str) -> Response<Body> {
    let value = HeaderValue::try_from(value).unwrap();
    response.headers_mut().append(name, value);
    response
}
