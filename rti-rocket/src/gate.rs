//! The gate: private routes that answer in the application's place, and the fairing that sends requests
//! to them.
//!
//! A fairing cannot answer, only routes can. A request that is answered already is sent to one of these
//! routes; all others are left as they are and match no route of RTI.
//!
//! - The mark is a field of the query. A private path was rejected: access logs and metrics would
//!   lose the path, and catchers are chosen by it. A media type was rejected: routes with a format match
//!   requests that name none.
//! - What a catcher answers keeps its URI, which catchers show to visitors, and gets a method that
//!   applications do not serve.
//! - A gate for every request, which forwards what continues, was rejected: Rocket would name it as
//!   the route of each request that matches no other, and would log it.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};

use rocket::catcher::Catcher;
use rocket::fairing::{AdHoc, Fairing, Info, Kind};
use rocket::http::uri::Origin;
use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Build, Data, Request, Response, Rocket, Route};

#[cfg(feature = "challenge")]
use crate::challenge;
use crate::discard::{self, Rest};
use crate::request_state::{Answer, Answerer, RequestState};

const METHODS: [Method; 8] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Head,
    Method::Trace,
    Method::Patch,
];

struct State {
    /// What the query of a marked request ends with. It differs from process to process, so visitors do
    /// not meet it; the request of one who knows it is forwarded.
    mark: String,
    has_warned: AtomicBool,
}

/// Mounts the gate, once: two would collide. Whatever the mode is: a request has an answer or has none.
///
/// The fairing is attached anew by each `RtiFairing`, and Rocket keeps the last. That runs after all
/// others of the application, since one that changed the URI of a marked request would let it through:
/// it is attached by a fairing that is itself attached at ignition, so that it follows those that other
/// fairings attach when they ignite.
pub(crate) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    let last = AdHoc::on_ignite("RTI gate", |rocket| async { rocket.attach(Gate) });
    let rocket = rocket.attach(last);
    if rocket.state::<State>().is_some() {
        return rocket;
    }
    let mark = format!("rti={:016x}", RandomState::new().hash_one("gate"));
    let marked = METHODS.map(|method| route(method, &format!("/<_..>?{mark}")));
    rocket
        .mount("/", marked)
        .mount("/", [route(Method::Connect, "/<_..>")])
        .manage(State {
            mark,
            has_warned: AtomicBool::new(false),
        })
}

fn route(method: Method, uri: &str) -> Route {
    let mut route = Route::ranked(isize::MIN, method, uri, Gate);
    route.name = Some("RTI".into());
    route
}

/// `None` for a target that Rocket's server accepts and its parser does not.
fn marked(request: &Request<'_>) -> Option<Origin<'static>> {
    let State { mark, .. } = request.rocket().state()?;
    let uri = request.uri();
    let separator = if uri.query().is_some() { '&' } else { '?' };
    Origin::parse_owned(format!("{uri}{separator}{mark}")).ok()
}

/// The response that takes the place of the application's, where an answered request reached that anyway:
/// a fairing that was attached after the gate's has changed the URI or the method.
///
/// It replaces all of the application's response, also what fairings for responses added before RTI's.
pub(crate) async fn late<'r>(request: &'r Request<'_>, answer: Answer) -> Response<'r> {
    let state = request.rocket().state::<State>();
    if state.is_some_and(|state| !state.has_warned.swap(true, Ordering::Relaxed)) {
        tracing::warn!(
            target: "rti",
            "the application has handled a request that RTI answers, and the response was replaced: \
             a fairing that is attached after RTI's gate changes requests; attach it before ignition"
        );
    }
    match answer {
        Ok(response) => response,
        // The application's catchers cannot be called from here.
        Err(status) => {
            let rendered = Catcher::default().handler.handle(status, request).await;
            rendered.unwrap_or_else(|status| Response::build().status(status).finalize())
        }
    }
}

#[derive(Clone)]
struct Gate;

#[rocket::async_trait]
impl Fairing for Gate {
    fn info(&self) -> Info {
        Info {
            name: "RTI gate",
            kind: Kind::Request | Kind::Response | Kind::Singleton,
        }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let marked = match RequestState::of(request).answerer() {
            None => return,
            Some(Answerer::Gate) => marked(request),
            Some(Answerer::Catcher) => None,
        };
        if let Some(uri) = marked {
            request.set_uri(uri);
            return;
        }
        if request.method() == Method::Head {
            RequestState::of(request).hide_head();
        }
        request.set_method(Method::Connect);
    }

    /// Rocket removes the body of a response to HEAD, and keeps its length, only where it knows of the
    /// method; hyper does so in HTTP/1 alone.
    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        if RequestState::of(request).is_head_hidden() {
            let size = response.body_mut().size().await;
            response.set_sized_body(size, Cursor::new([]));
        }
    }
}

#[rocket::async_trait]
impl Handler for Gate {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let state = RequestState::of(request);
        let Some(answer) = state.take_answer() else {
            // The visitor's own CONNECT, or mark. The status is that of a request without a route.
            return Outcome::forward(data, Status::NotFound);
        };
        #[cfg(feature = "challenge")]
        let (answer, rest) = match state.take_pending() {
            Some(pending) => challenge::answer(pending, request, data).await,
            None => (answer, discard::body(request, data).await),
        };
        #[cfg(not(feature = "challenge"))]
        let rest = discard::body(request, data).await;
        if let Rest::Unread = rest {
            state.leave_body_unread();
        }
        match answer {
            Ok(response) => Outcome::Success(response),
            Err(status) => Outcome::Error(status),
        }
    }
}
