//! axum: a router with the layer around it, served by hyper.

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, serve};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rti_axum::{Decision, Requester, Rti, RtiDecision, RtiLayer, render};
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};

use rti_conformance::application::{
    APP_COOKIE, Application, BlockPage, Challenge, panic_on_purpose,
};
use rti_conformance::cors::Cors;
use rti_conformance::{Capability, Harness, Limit, Server, Setup};

use crate::browser::{DOCUMENTS, is_friend};

pub(super) struct Axum;

const LIMITS: &[Limit] = &[
    Limit {
        capability: Capability::HeaderCase,
        reason: "the `http` crate keeps header names in lower case",
    },
    Limit {
        capability: Capability::RepeatedHeaderPlaces,
        reason: "the header map of the `http` crate moves repeats to the first of their name",
    },
];

impl Harness for Axum {
    fn name(&self) -> &'static str {
        "axum"
    }

    fn middleware(&self) -> &'static str {
        "rust_axum_"
    }

    fn limits(&self) -> &'static [Limit] {
        LIMITS
    }

    fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
        async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let (server, stop, stopped) = Server::new(address);
            let app = router(&setup).into_make_service_with_connect_info::<SocketAddr>();
            let serving = serve(listener, app).with_graceful_shutdown(stop.map(drop));
            tokio::spawn(async move {
                serving.await.unwrap();
                stopped.send_replace(true);
            });
            server
        }
        .boxed()
    }
}

fn router(setup: &Setup) -> Router {
    let first = protected(setup, &setup.rti, setup.kit.as_ref());
    match &setup.second {
        None => first,
        Some(second) => Router::new()
            .nest(
                "/second",
                protected(setup, second, setup.second_kit.as_ref()),
            )
            .fallback_service(first),
    }
}

fn protected(setup: &Setup, rti: &Rti, kit: Option<&rti_axum::Challenge>) -> Router {
    // Inside, so that RTI sees the response that a panic becomes.
    let mut app = routes(setup.application.clone()).layer(CatchPanicLayer::new());
    if setup.cors == Cors::Inside {
        app = app.layer(cors());
    }
    if kit.is_some() {
        // A nested router without a fallback leaves paths it does not know to the one around it.
        app = app.fallback(async || StatusCode::NOT_FOUND);
    }
    for _ in 0..setup.layers {
        let layer = RtiLayer::new(rti.clone());
        let layer = match setup.challenge {
            Challenge::None => layer,
            behaviour => layer.on_challenge(move |_request, decision| async move {
                challenge(behaviour, &decision)
            }),
        };
        let layer = match kit {
            None => layer,
            Some(kit) => layer.challenge(kit.clone()),
        };
        app = app.layer(match setup.block_page {
            BlockPage::None => layer,
            behaviour => layer.on_block(move |_request, _decision| block_page(behaviour)),
        });
    }
    if setup.cors == Cors::Outside {
        app = app.layer(cors());
    }
    app
}

fn cors() -> CorsLayer {
    let may_read = AllowOrigin::predicate(|origin, _| origin.to_str().is_ok_and(is_friend));
    CorsLayer::new()
        .allow_origin(may_read)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .allow_credentials(true)
}

fn routes(application: Application) -> Router {
    let documents = DOCUMENTS.into_iter();
    let documents = documents.fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(([(header::CONTENT_TYPE, kind)], text)))
    });
    documents
        .route("/", get(|| async { "hello" }))
        .route("/subscribe", get(|| async { "subscribe" }))
        .route("/about", get(|| async { "about" }))
        .route("/captcha", get(|| async { "captcha" }))
        .route("/get-only", get(|| async { "get-only" }))
        .route("/echo", post(|body: Body| async { body }))
        .route(
            "/length",
            post(|body: Bytes| async move { body.len().to_string() }),
        )
        .route("/verdict", get(verdict))
        .route("/headers", get(headers))
        .route("/app-cookie", get(([(header::SET_COOKIE, APP_COOKIE)], "")))
        .route("/error", get(error))
        .route("/panic", get(panics))
        .route("/stream", get(stream))
        .route("/ws", get(websocket))
        .route("/count", get(count))
        .route("/count/up", post(count_up))
        .with_state(application)
}

fn block_page(behaviour: BlockPage) -> Option<(StatusCode, &'static str)> {
    match behaviour {
        BlockPage::None | BlockPage::BuiltIn => None,
        BlockPage::Own => Some((StatusCode::GONE, BlockPage::PAGE)),
        BlockPage::Panic => panic_on_purpose(),
    }
}

fn challenge(behaviour: Challenge, decision: &Decision) -> Option<Response> {
    match behaviour {
        Challenge::None | Challenge::Continue => None,
        Challenge::CaptchaOrDenial if decision.requester() != Requester::Navigation => {
            decision.denial().map(|denial| render(&denial))
        }
        Challenge::CaptchaOrDenial => {
            Some((StatusCode::FOUND, [(header::LOCATION, "/captcha")]).into_response())
        }
        Challenge::Answer => {
            let code = decision.verdict().unwrap().threat_type().code();
            let page = format!("{}{code}", Challenge::PAGE);
            Some((StatusCode::UNAUTHORIZED, page).into_response())
        }
        Challenge::Panic => panic_on_purpose(),
    }
}

async fn verdict(RtiDecision(decision): RtiDecision) -> impl IntoResponse {
    json(&serde_json::to_value(&decision).unwrap())
}

async fn headers(headers: HeaderMap) -> impl IntoResponse {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())));
    json(&serde_json::json!(pairs.collect::<Vec<_>>()))
}

fn json(value: &serde_json::Value) -> impl IntoResponse + use<> {
    (
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
}

async fn error() -> Result<(), StatusCode> {
    Err(StatusCode::INTERNAL_SERVER_ERROR)
}

async fn panics() -> StatusCode {
    panic_on_purpose()
}

async fn stream(State(application): State<Application>) -> Body {
    Body::from_stream(application.frames())
}

async fn websocket(upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|mut socket: WebSocket| async move {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_)) && socket.send(message).await.is_err() {
                break;
            }
        }
    })
}

async fn count(State(application): State<Application>) -> String {
    application.count().to_string()
}

async fn count_up(State(application): State<Application>) -> String {
    application.count_up().to_string()
}
