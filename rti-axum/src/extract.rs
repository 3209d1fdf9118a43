//! The decision, for handlers.

use std::convert::Infallible;

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use rti_core::Decision;

/// Gives a handler the decision on its request.
///
/// `Option<RtiDecision>` is for handlers that also serve where there is no layer.
///
/// ```
/// use rti_axum::RtiDecision;
///
/// async fn handler(RtiDecision(decision): RtiDecision) -> String {
///     format!("{} after {:?}", decision.outcome().as_str(), decision.elapsed())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(handler));
/// ```
#[derive(Debug, Clone)]
pub struct RtiDecision(pub Decision);

impl<S: Sync> FromRequestParts<S> for RtiDecision {
    type Rejection = MissingLayer;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, MissingLayer> {
        parts
            .extensions
            .get::<Decision>()
            .cloned()
            .map(Self)
            .ok_or(MissingLayer)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for RtiDecision {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Decision>().cloned().map(Self))
    }
}

/// A handler asked for the decision on a route that no `RtiLayer` covers: answered with a 500,
/// since it is a mistake in the application.
///
/// ```
/// use rti_axum::{MissingLayer, RtiDecision};
///
/// async fn handler(decision: Result<RtiDecision, MissingLayer>) -> String {
///     decision.map_or_else(|missing| missing.to_string(), |_| "asked".to_owned())
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(handler));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingLayer;

impl std::fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no RTI decision on this request: add an RtiLayer to this route")
    }
}

impl std::error::Error for MissingLayer {}

impl IntoResponse for MissingLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
