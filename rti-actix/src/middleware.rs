//! The middleware: what a user wraps an application in.

use std::future::{Future, Ready, ready};

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use rti_core::{Decision, Rti};

use crate::challenge::{Challenge, Next};
use crate::service::RtiService;

/// Asks about every request that passes, once however often it is wrapped.
///
/// It goes onto an `App`, a `Scope`, a `Resource` or a `Route`. Bodies and upgrades pass untouched.
///
/// actix-web does not let a request be changed of which another middleware, outside of this one, keeps
/// a clone (`request.request().clone()`). Such a request gets no result header, and one on which the
/// client sent a result header of its own is answered 400. Put a middleware that keeps a clone inside
/// of this one.
///
/// ```
/// use actix_web::{App, HttpResponse, http::header, web};
/// use rti_actix::{Config, Rti, RtiMiddleware};
///
/// # fn main() -> Result<(), rti_actix::ConfigError> {
/// let rti = Rti::new(Config::builder("key", "hash", "http://127.0.0.1:9000").build()?)?;
/// let app = App::new().route("/", web::get().to(|| async { "hello" })).wrap(
///     RtiMiddleware::new(rti).on_challenge(|request, _decision, next| async move {
///         if request.headers().contains_key("x-passed") {
///             return next.run(request).await;
///         }
///         let captcha = (header::LOCATION, "/captcha");
///         Ok(request.into_response(HttpResponse::Found().insert_header(captcha).finish()))
///     }),
/// );
/// # let _ = app;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a middleware does nothing until something is wrapped in it"]
pub struct RtiMiddleware {
    rti: Rti,
    challenge: Option<Challenge>,
}

impl RtiMiddleware {
    /// A middleware that asks this engine.
    pub fn new(rti: Rti) -> Self {
        Self {
            rti,
            challenge: None,
        }
    }

    /// What is done with a visitor who is to be challenged: answer, or let the request go on with
    /// `next.run(request)`. Without it such requests go on. Neither callback nor future need be
    /// `Send`.
    ///
    /// A callback that panics before it let the request go on is passed over: the request goes on,
    /// with the reason `internal`. For that the request is kept meanwhile, and actix-web changes a
    /// request only while there is one of it: `headers_mut` and `head_mut` panic in a callback.
    /// What is to reach the handler goes into `extensions_mut`.
    pub fn on_challenge<F, Fut, B>(mut self, callback: F) -> Self
    where
        F: Fn(ServiceRequest, Decision, Next) -> Fut + 'static,
        Fut: Future<Output = Result<ServiceResponse<B>, Error>> + 'static,
        B: MessageBody + 'static,
    {
        self.challenge = Some(Challenge::new(callback));
        self
    }
}

impl<S, B> Transform<S, ServiceRequest> for RtiMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = RtiService<S>;
    type InitError = ();
    type Future = Ready<Result<RtiService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        // Each worker has a runtime of its own, and connections of its own. Not awaited: a service
        // that cannot be reached must not keep the worker from starting.
        let rti = self.rti.clone();
        actix_web::rt::spawn(async move { rti.warm_up().await });
        let service = RtiService::new(inner, self.rti.clone(), self.challenge.clone());
        ready(Ok(service))
    }
}
