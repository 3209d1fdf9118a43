//! The layer: what a user adds to a router.

use std::future::Future;

use axum::extract::Request;
use axum::response::IntoResponse;
use rti_core::{Decision, Rti};
use tower::Layer;

use crate::challenge::{Challenge, Next};
use crate::service::RtiService;

/// Asks about every request that passes, once however often it is layered.
///
/// It goes onto a `Router`, a nested one, a route, around a router, or on any tower service that
/// takes `http` requests. Bodies and upgrades pass untouched.
///
/// ```
/// use axum::{Router, http::StatusCode, response::Redirect, routing::get};
/// use rti_axum::{Config, Rti, RtiLayer};
///
/// # fn app() -> Result<Router, rti_axum::ConfigError> {
/// let rti = Rti::new(Config::builder("key", "hash", "http://127.0.0.1:9000").build()?)?;
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(
///     RtiLayer::new(rti).on_challenge(|request, _decision, next| async move {
///         if request.headers().contains_key("x-passed") {
///             return next.run(request).await;
///         }
///         axum::response::IntoResponse::into_response(Redirect::to("/captcha"))
///     }),
/// );
/// # Ok(app)
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is added"]
pub struct RtiLayer {
    rti: Rti,
    challenge: Option<Challenge>,
}

impl RtiLayer {
    /// A layer that asks this engine.
    pub fn new(rti: Rti) -> Self {
        Self {
            rti,
            challenge: None,
        }
    }

    /// What is done with a visitor who is to be challenged: answer, or let the request go on with
    /// `next.run(request)`. Without it such requests go on.
    ///
    /// A callback that panics before it let the request go on is passed over: the request goes on,
    /// with the reason `internal`.
    pub fn on_challenge<F, Fut>(mut self, callback: F) -> Self
    where
        F: Fn(Request, Decision, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoResponse> + Send + 'static,
    {
        self.challenge = Some(Challenge::new(callback));
        self
    }
}

impl<S> Layer<S> for RtiLayer {
    type Service = RtiService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RtiService::new(inner, self.rti.clone(), self.challenge.clone())
    }
}
