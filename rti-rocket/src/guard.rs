//! The decision, for handlers.

use std::fmt;
use std::ops::Deref;

use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Ignite, Request, Rocket, Sentinel};
use rti_core::Decision;

use crate::request_state::RequestState;

/// Gives a handler the decision on its request. Rocket's handlers cannot take a guard apart in
/// their arguments, so it lends itself out as the [`Decision`].
///
/// It is a [`Sentinel`]: an application with this guard on a route and without an
/// [`RtiFairing`](crate::RtiFairing) does not launch, and says so in the log. That goes for
/// `Option<RtiDecision>` too; code that serves with and without the fairing asks
/// [`Request::guard`].
///
/// ```
/// use rti_rocket::RtiDecision;
///
/// #[rocket::get("/")]
/// fn handler(decision: RtiDecision) -> String {
///     format!("{} after {:?}", decision.outcome().as_str(), decision.elapsed())
/// }
/// # let _ = rocket::routes![handler];
/// ```
#[derive(Debug, Clone)]
pub struct RtiDecision(pub Decision);

impl Deref for RtiDecision {
    type Target = Decision;

    fn deref(&self) -> &Decision {
        &self.0
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for RtiDecision {
    type Error = MissingFairing;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, MissingFairing> {
        match RequestState::of(request).decision() {
            Some(decision) => Outcome::Success(Self(decision)),
            None => Outcome::Error((Status::InternalServerError, MissingFairing)),
        }
    }
}

impl Sentinel for RtiDecision {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let missing = rocket.state::<Attached>().is_none();
        if missing {
            log::error!("a route asks for the RTI decision, but there is none");
            log::error!("add `.attach(RtiFairing::new(rti))` to the application");
        }
        missing
    }
}

/// Tells the sentinel that there is a fairing.
pub(crate) fn permit(rocket: Rocket<Build>) -> Rocket<Build> {
    if rocket.state::<Attached>().is_some() {
        return rocket;
    }
    rocket.manage(Attached)
}

struct Attached;

/// There is no decision on this request: no `RtiFairing` is attached, or Rocket refused the request
/// before any fairing saw it. Answered with a 500.
///
/// ```
/// use rocket::{Request, catch, outcome::Outcome};
/// use rti_rocket::RtiDecision;
///
/// #[catch(default)]
/// async fn catcher(request: &Request<'_>) -> String {
///     match request.guard::<RtiDecision>().await {
///         Outcome::Success(decision) => decision.action().as_str().to_owned(),
///         Outcome::Error((_, missing)) => missing.to_string(),
///         Outcome::Forward(_) => "never".to_owned(),
///     }
/// }
/// # let _ = rocket::catchers![catcher];
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingFairing;

impl fmt::Display for MissingFairing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no RTI decision on this request: attach an RtiFairing")
    }
}

impl std::error::Error for MissingFairing {}
