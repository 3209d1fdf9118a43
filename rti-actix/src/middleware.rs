//! The middleware: what a user wraps an application in.

use std::future::{Future, Ready, ready};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpRequest, HttpResponse};
#[cfg(feature = "challenge")]
use rti_challenge::Challenge;
use rti_core::{Decision, Rti};

use crate::callbacks::Callbacks;
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
/// # fn has_solved_the_captcha(session: &str) -> bool { false }
/// # fn main() -> Result<(), rti_actix::ConfigError> {
/// // The page of the captcha is not checked, or its visitors would be redirected to it for ever.
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").uri_exclusion(["/captcha"]);
/// let rti = Rti::new(config.build()?)?;
/// let app = App::new().route("/", web::get().to(|| async { "hello" })).wrap(
///     RtiMiddleware::new(rti).on_challenge(|request, _decision| {
///         // The proof is kept by the application under the session; a header could be forged.
///         let session = request.headers().get("cookie").and_then(|cookie| cookie.to_str().ok());
///         let passed = session.is_some_and(has_solved_the_captcha);
///         async move {
///             let captcha = (header::LOCATION, "/captcha");
///             (!passed).then(|| HttpResponse::Found().insert_header(captcha).finish())
///         }
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
    callbacks: Callbacks,
}

impl RtiMiddleware {
    /// A middleware that asks this engine.
    pub fn new(rti: Rti) -> Self {
        Self {
            rti: rti.with_middleware_name(concat!("rust_actix_", env!("CARGO_PKG_VERSION"))),
            callbacks: Callbacks::default(),
        }
    }

    /// What a visitor to be challenged gets: a response, or `None`, which lets the request continue.
    /// Without a callback such requests continue. Neither callback nor future need be `Send`.
    ///
    /// It reads the request and returns a future of its own: what the future needs is taken from the
    /// request before. It must not keep a clone of the request, which actix-web could not route any
    /// more. To change a request that continues, take the decision in the handler, with
    /// [`RtiDecision`](crate::RtiDecision).
    ///
    /// A callback that panics lets the request continue, with the reason `internal`.
    pub fn on_challenge<F, Fut, B>(mut self, callback: F) -> Self
    where
        F: Fn(&HttpRequest, Decision) -> Fut + 'static,
        Fut: Future<Output = Option<HttpResponse<B>>> + 'static,
        B: MessageBody + 'static,
    {
        self.callbacks.set_challenge(callback);
        self
    }

    /// Shows challenged visitors the page of this kit, and lets those continue who have solved it. It takes the
    /// place of a challenge callback.
    ///
    /// The paths of the kit are answered here: neither the service nor the application gets to see them. A
    /// middleware on a part of the site needs a [`prefix`](Challenge::prefix) below that part.
    ///
    /// ```
    /// use rti_actix::{Challenge, Keys, Rti, RtiMiddleware};
    ///
    /// # fn protected(rti: Rti) -> Result<RtiMiddleware, Box<dyn std::error::Error>> {
    /// // In production the keys come from a secret store: they are the same on every machine.
    /// let kit = Challenge::proof_of_work(Keys::random()?);
    /// let middleware = RtiMiddleware::new(rti).challenge(kit);
    /// # Ok(middleware)
    /// # }
    /// ```
    #[cfg(feature = "challenge")]
    pub fn challenge(mut self, kit: Challenge) -> Self {
        self.callbacks.set_kit(kit);
        self
    }

    /// The page of blocked visitors: a response, or `None` for the built-in one. It is asked for a 403,
    /// and for the 404 of the strategy `not_found`; not for redirects.
    ///
    /// A callback that panics leaves the built-in page.
    ///
    /// ```
    /// use actix_web::HttpResponse;
    /// use rti_actix::{Rti, RtiMiddleware};
    ///
    /// fn middleware(rti: Rti) -> RtiMiddleware {
    ///     RtiMiddleware::new(rti).on_block(|request, decision| {
    ///         let reference = decision.verdict()?.request_id()?;
    ///         let page = format!("No access to {}. Reference: {reference}", request.path());
    ///         Some(HttpResponse::Forbidden().body(page))
    ///     })
    /// }
    /// ```
    pub fn on_block<F, B>(mut self, callback: F) -> Self
    where
        F: Fn(&HttpRequest, &Decision) -> Option<HttpResponse<B>> + 'static,
        B: MessageBody + 'static,
    {
        self.callbacks.set_block(callback);
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
        if !self.callbacks.have_challenge() {
            self.rti.note_no_challenge_callback();
        }
        // Each worker has a runtime of its own, and connections of its own. Not awaited: a service
        // that cannot be reached must not keep the worker from starting.
        let rti = self.rti.clone();
        actix_web::rt::spawn(async move { rti.warm_up().await });
        let service = RtiService::new(inner, self.rti.clone(), self.callbacks.clone());
        ready(Ok(service))
    }
}
