//! actix-web: an application wrapped in the middleware, on a thread with a runtime of its own.

use std::sync::mpsc;

use actix_cors::Cors as CorsMiddleware;
use actix_web::dev::ServiceResponse;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{LOCATION, SET_COOKIE};
use actix_web::middleware::Condition;
use actix_web::web::{self, Bytes, Data, Payload, ServiceConfig};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, Route, guard};
use actix_ws::Message;
use futures_util::future::{BoxFuture, join, ready};
use futures_util::{FutureExt as _, StreamExt as _};
use rti_actix::{Decision, Requester, Rti, RtiDecision, RtiMiddleware, render};

use rti_conformance::application::{
    APP_COOKIE, Application, BlockPage, Challenge, panic_on_purpose,
};
use rti_conformance::cors::Cors;
use rti_conformance::{Capability, Harness, Limit, Server, Setup};

use crate::browser::{DOCUMENTS, is_friend};

pub(super) struct Actix;

const LIMITS: &[Limit] = &[
    Limit {
        capability: Capability::HeaderOrder,
        reason: "actix-web keeps headers in a hash map: names are sent sorted",
    },
    Limit {
        capability: Capability::RepeatedHeaderPlaces,
        reason: "actix-web keeps headers in a hash map: names are sent sorted",
    },
    Limit {
        capability: Capability::HeaderCase,
        reason: "actix-web keeps header names in lower case",
    },
    Limit {
        capability: Capability::ExpectContinue,
        reason: "actix-web says `100 Continue` before any middleware sees the request",
    },
    Limit {
        capability: Capability::NoticesHangUp,
        reason: "actix-web drives a handler to its end when its visitor has left",
    },
    Limit {
        capability: Capability::PanicAsResponse,
        reason: "actix-web has no middleware for panics: the connection closes",
    },
];

impl Harness for Actix {
    fn name(&self) -> &'static str {
        "actix"
    }

    fn middleware(&self) -> &'static str {
        "rust_actix_"
    }

    fn limits(&self) -> &'static [Limit] {
        LIMITS
    }

    fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
        let (started, starting) = mpsc::channel();
        // Its workers are threads: they end when the server is told to, not with a case's runtime.
        std::thread::spawn(move || actix_web::rt::System::new().block_on(serve(setup, started)));
        ready(starting.recv().unwrap()).boxed()
    }
}

async fn serve(setup: Setup, started: mpsc::Sender<Server>) {
    let server = HttpServer::new(move || {
        let around = |layer| {
            let is_here = setup.second.is_none() && setup.layers > layer;
            Condition::new(is_here, middleware(&setup.rti, setup.kit.as_ref(), &setup))
        };
        App::new()
            .app_data(Data::new(setup.application.clone()))
            .configure(|app| parts(app, &setup))
            .wrap(Condition::new(setup.cors == Cors::Inside, cors()))
            .wrap(around(0))
            .wrap(around(1))
            .wrap(around(2))
            .wrap(Condition::new(setup.cors == Cors::Outside, cors()))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .bind_auto_h2c("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    let running = server.run();
    let handle = running.handle();
    let (server, stop, stopped) = Server::new(address);
    started.send(server).unwrap();
    let stopping = async move {
        let is_graceful = stop.await.is_ok();
        handle.stop(is_graceful).await;
    };
    let (run, ()) = join(running, stopping).await;
    run.unwrap();
    stopped.send_replace(true);
}

fn parts(app: &mut ServiceConfig, setup: &Setup) {
    let Some(second) = &setup.second else {
        return routes(app);
    };
    let second = middleware(second, setup.second_kit.as_ref(), setup);
    let first = middleware(&setup.rti, setup.kit.as_ref(), setup);
    app.service(web::scope("/second").configure(routes).wrap(second))
        .service(web::scope("").configure(routes).wrap(first));
}

fn cors() -> CorsMiddleware {
    CorsMiddleware::default()
        .allowed_origin_fn(|origin, _| origin.to_str().is_ok_and(is_friend))
        .allowed_methods(["GET", "POST"])
        .allowed_header("content-type")
        .supports_credentials()
}

fn middleware(rti: &Rti, kit: Option<&rti_actix::Challenge>, setup: &Setup) -> RtiMiddleware {
    let middleware = RtiMiddleware::new(rti.clone());
    let middleware = match setup.challenge {
        Challenge::None => middleware,
        behaviour => middleware
            .on_challenge(move |_request, decision| async move { challenge(behaviour, &decision) }),
    };
    let middleware = match kit {
        None => middleware,
        Some(kit) => middleware.challenge(kit.clone()),
    };
    match setup.block_page {
        BlockPage::None => middleware,
        behaviour => middleware.on_block(move |_request, _decision| block_page(behaviour)),
    }
}

fn block_page(behaviour: BlockPage) -> Option<HttpResponse> {
    match behaviour {
        BlockPage::None | BlockPage::BuiltIn => None,
        BlockPage::Own => Some(HttpResponse::Gone().body(BlockPage::PAGE)),
        BlockPage::Panic => panic_on_purpose(),
    }
}

fn challenge(behaviour: Challenge, decision: &Decision) -> Option<HttpResponse> {
    match behaviour {
        Challenge::None | Challenge::Continue => None,
        Challenge::CaptchaOrDenial if decision.requester() != Requester::Navigation => {
            decision.denial().map(|denial| render(&denial))
        }
        Challenge::CaptchaOrDenial => {
            let captcha = (LOCATION, "/captcha");
            Some(HttpResponse::Found().insert_header(captcha).finish())
        }
        Challenge::Answer => {
            let code = decision.verdict().unwrap().threat_type().code();
            Some(HttpResponse::Unauthorized().body(format!("{}{code}", Challenge::PAGE)))
        }
        Challenge::Panic => panic_on_purpose(),
    }
}

fn routes(app: &mut ServiceConfig) {
    for (path, text) in [
        ("/", "hello"),
        ("/subscribe", "subscribe"),
        ("/about", "about"),
        ("/captcha", "captcha"),
        ("/get-only", "get-only"),
    ] {
        let page = get().to(move || ready(text));
        app.service(web::resource(path).route(page));
    }
    for (path, kind, text) in DOCUMENTS {
        let document = get().to(move || ready(HttpResponse::Ok().content_type(kind).body(text)));
        app.service(web::resource(path).route(document));
    }
    // The error of a middleware reaches those outside as one; a handler's is a response by then.
    let failing = web::resource("/error").wrap_fn(|_, _| {
        let error = ErrorInternalServerError("an error");
        ready(Err::<ServiceResponse, Error>(error))
    });
    app.service(failing)
        .service(web::resource("/echo").route(web::post().to(echo)))
        .service(web::resource("/length").route(web::post().to(length)))
        .service(web::resource("/verdict").route(get().to(verdict)))
        .service(web::resource("/headers").route(get().to(headers)))
        .service(web::resource("/app-cookie").route(get().to(app_cookie)))
        .service(web::resource("/panic").route(get().to(panics)))
        .service(web::resource("/stream").route(get().to(stream)))
        .service(web::resource("/ws").route(get().to(websocket)))
        .service(web::resource("/count").route(get().to(count)))
        .service(web::resource("/count/up").route(web::post().to(count_up)));
}

/// actix-web does not answer HEAD with what answers GET.
fn get() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn echo(body: Payload) -> HttpResponse {
    HttpResponse::Ok().streaming(body)
}

async fn length(body: Bytes) -> String {
    body.len().to_string()
}

async fn verdict(RtiDecision(decision): RtiDecision) -> HttpResponse {
    json(&serde_json::to_value(&decision).unwrap())
}

async fn headers(request: HttpRequest) -> HttpResponse {
    let headers = request.headers().iter();
    let pairs = headers.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str(), value)
    });
    json(&serde_json::json!(pairs.collect::<Vec<_>>()))
}

fn json(value: &serde_json::Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(value.to_string())
}

async fn app_cookie() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((SET_COOKIE, APP_COOKIE))
        .finish()
}

async fn panics() -> HttpResponse {
    panic_on_purpose()
}

async fn stream(application: Data<Application>) -> HttpResponse {
    HttpResponse::Ok().streaming(application.frames())
}

async fn websocket(request: HttpRequest, body: Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            if let Message::Text(text) = message
                && session.text(text).await.is_err()
            {
                break;
            }
        }
    });
    Ok(response)
}

async fn count(application: Data<Application>) -> String {
    application.count().to_string()
}

async fn count_up(application: Data<Application>) -> String {
    application.count_up().to_string()
}
