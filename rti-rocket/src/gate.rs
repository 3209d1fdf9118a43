//! The gate: routes that stand before the application's.

use rocket::http::{Method, Status};
use rocket::route::{Handler, Outcome};
use rocket::{Build, Data, Request, Rocket, Route};

use crate::discard::{self, Rest};
use crate::passage::Passage;

const METHODS: [Method; 9] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Options,
    Method::Head,
    Method::Trace,
    Method::Connect,
    Method::Patch,
];

/// Mounts the gate, once: two at the same rank would collide, and at two ranks would say twice that
/// a request continues.
///
/// A fairing cannot answer, only routes can. Sending blocked requests to a private URI was rejected:
/// handlers, catchers and logs would see that URI, and visitors could find it.
pub(crate) fn mount(rocket: Rocket<Build>) -> Rocket<Build> {
    struct Mounted;
    if rocket.state::<Mounted>().is_some() {
        return rocket;
    }
    rocket.manage(Mounted).mount("/", METHODS.map(route))
}

fn route(method: Method) -> Route {
    let mut route = Route::ranked(isize::MIN, method, "/<_..>", Gate);
    route.name = Some("RTI".into());
    route
}

#[derive(Clone)]
struct Gate;

#[rocket::async_trait]
impl Handler for Gate {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let passage = Passage::of(request);
        let Some(answer) = passage.take_answer() else {
            // What Rocket begins with: the status of a request that matches no route.
            return Outcome::forward(data, Status::NotFound);
        };
        if let Rest::Unread = discard::body(request, data).await {
            passage.leave_body_unread();
        }
        match answer {
            Ok(response) => Outcome::Success(response),
            Err(status) => Outcome::Error(status),
        }
    }
}
