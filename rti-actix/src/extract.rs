//! The decision, for handlers.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, ResponseError};
use rti_core::Decision;

/// Gives a handler the decision on its request.
///
/// `Option<RtiDecision>` is for handlers that also serve where there is no middleware.
///
/// ```
/// use rti_actix::RtiDecision;
///
/// async fn handler(RtiDecision(decision): RtiDecision) -> String {
///     format!("{} after {:?}", decision.outcome().as_str(), decision.elapsed())
/// }
/// # let _ = actix_web::App::new().route("/", actix_web::web::get().to(handler));
/// ```
#[derive(Debug, Clone)]
pub struct RtiDecision(pub Decision);

impl FromRequest for RtiDecision {
    type Error = MissingMiddleware;
    type Future = Ready<Result<Self, MissingMiddleware>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let decision = request.extensions().get::<Decision>().cloned();
        ready(decision.map(Self).ok_or(MissingMiddleware))
    }
}

/// A handler asked for the decision on a route that no `RtiMiddleware` covers: answered with a
/// 500, since it is a mistake in the application.
///
/// ```
/// use rti_actix::{MissingMiddleware, RtiDecision};
///
/// async fn handler(decision: Result<RtiDecision, MissingMiddleware>) -> String {
///     decision.map_or_else(|missing| missing.to_string(), |_| "asked".to_owned())
/// }
/// # let _ = actix_web::App::new().route("/", actix_web::web::get().to(handler));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingMiddleware;

impl std::fmt::Display for MissingMiddleware {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no RTI decision on this request: wrap this route in an RtiMiddleware")
    }
}

impl std::error::Error for MissingMiddleware {}

/// The defaults are what is wanted: a 500 that says so.
impl ResponseError for MissingMiddleware {}
