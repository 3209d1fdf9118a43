//! The fairing: what a user attaches, and one request's way past the engine.

use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::futures::future::BoxFuture;
use rocket::response::Responder;
use rocket::{Build, Data, Request, Response, Rocket};
#[cfg(feature = "challenge")]
use rti_challenge::Challenge;
use rti_core::{Decision, Rti};

use crate::callbacks::Callbacks;
#[cfg(feature = "challenge")]
use crate::challenge;
use crate::request_state::RequestState;
use crate::view::View;
use crate::{gate, guard, reply, result};

/// Asks about every request. Attaching it is all there is to do.
///
/// ```
/// use rocket::response::Redirect;
/// use rti_rocket::{Config, Rti, RtiFairing};
///
/// # fn has_solved_the_captcha(session: &str) -> bool { false }
/// # fn app() -> Result<rocket::Rocket<rocket::Build>, rti_rocket::ConfigError> {
/// // The page of the captcha is not checked, or its visitors would be redirected to it for ever.
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").uri_exclusion(["/captcha"]);
/// let rti = Rti::new(config.build()?)?;
/// let app = rocket::build().attach(RtiFairing::new(rti).on_challenge(|request, _decision| {
///     Box::pin(async move {
///         // The proof is kept by the application under the session; a header could be forged.
///         let session = request.cookies().get("session");
///         let passed = session.is_some_and(|session| has_solved_the_captcha(session.value()));
///         (!passed).then(|| Redirect::found("/captcha"))
///     })
/// }));
/// # Ok(app)
/// # }
/// ```
///
/// Several may be attached, in the order in which they shall ask: the next does not check a
/// request that one has answered, a handler gets the decision of the last, and an engine is asked
/// once however often it is attached. For that reason the fairing is no singleton, of which Rocket
/// would keep the last alone.
#[derive(Clone, Debug)]
#[must_use = "a fairing does nothing until it is attached"]
pub struct RtiFairing {
    rti: Rti,
    callbacks: Callbacks,
}

impl RtiFairing {
    /// A fairing that asks this engine.
    pub fn new(rti: Rti) -> Self {
        Self {
            rti: rti.with_middleware_name(concat!("rust_rocket_", env!("CARGO_PKG_VERSION"))),
            callbacks: Callbacks::default(),
        }
    }

    /// What a visitor to be challenged gets: `Some` of any responder, also of a [`Response`], or `None`,
    /// which lets the request continue. Without a callback such requests continue.
    ///
    /// It runs before routing, so the request has no route and no body yet; guards that need
    /// neither work, through [`Request::guard`]. The future is boxed, as in Rocket's `AdHoc`: a
    /// closure's future that borrows the request has no name that a bound could ask `Send` of.
    ///
    /// A callback that panics lets the request continue, with the reason `internal`.
    ///
    /// ```
    /// use rocket::{Request, http::Status};
    /// use rti_rocket::{Decision, Rti, RtiFairing};
    ///
    /// # fn has_solved_the_captcha(session: &str) -> bool { false }
    /// async fn challenge(request: &Request<'_>, decision: Decision) -> Option<(Status, String)> {
    ///     let session = request.cookies().get("session");
    ///     if session.is_some_and(|session| has_solved_the_captcha(session.value())) {
    ///         return None;
    ///     }
    ///     let threat = decision.verdict()?.threat_type();
    ///     Some((Status::Forbidden, format!("Are you human? ({threat})")))
    /// }
    ///
    /// fn fairing(rti: Rti) -> RtiFairing {
    ///     RtiFairing::new(rti)
    ///         .on_challenge(|request, decision| Box::pin(challenge(request, decision)))
    /// }
    /// ```
    pub fn on_challenge<F, R>(mut self, callback: F) -> Self
    where
        F: for<'r> Fn(&'r Request<'_>, Decision) -> BoxFuture<'r, Option<R>>
            + Send
            + Sync
            + 'static,
        R: for<'r> Responder<'r, 'static> + 'static,
    {
        self.callbacks.set_challenge(callback);
        self
    }

    /// Shows challenged visitors the page of this kit, and lets those continue who have solved it. It takes the
    /// place of a challenge callback.
    ///
    /// The paths of the kit are answered here: neither the service nor the application gets to see them.
    ///
    /// ```
    /// use rti_rocket::{Challenge, Keys, Rti, RtiFairing};
    ///
    /// # fn protected(rti: Rti) -> Result<RtiFairing, Box<dyn std::error::Error>> {
    /// // In production the keys come from a secret store: they are the same on every machine.
    /// let kit = Challenge::proof_of_work(Keys::random()?);
    /// let fairing = RtiFairing::new(rti).challenge(kit);
    /// # Ok(fairing)
    /// # }
    /// ```
    #[cfg(feature = "challenge")]
    pub fn challenge(mut self, kit: Challenge) -> Self {
        self.callbacks.set_kit(kit);
        self
    }

    /// The page of blocked visitors: a responder, or `None` for the built-in one. It is asked for a
    /// 403, and for the 404 of the strategy `not_found`; not for redirects. Like a challenge it runs
    /// before routing.
    ///
    /// A callback that panics leaves the built-in page.
    ///
    /// ```
    /// use rocket::http::Status;
    /// use rti_rocket::{Rti, RtiFairing};
    ///
    /// fn fairing(rti: Rti) -> RtiFairing {
    ///     RtiFairing::new(rti).on_block(|request, decision| {
    ///         let reference = decision.verdict()?.request_id()?;
    ///         let page = format!("No access to {}. Reference: {reference}", request.uri().path());
    ///         Some((Status::Forbidden, page))
    ///     })
    /// }
    /// ```
    pub fn on_block<F, R>(mut self, callback: F) -> Self
    where
        F: Fn(&Request<'_>, &Decision) -> Option<R> + Send + Sync + 'static,
        R: for<'r> Responder<'r, 'static>,
    {
        self.callbacks.set_block(callback);
        self
    }
}

#[rocket::async_trait]
impl Fairing for RtiFairing {
    fn info(&self) -> Info {
        Info {
            name: "RTI",
            kind: Kind::Ignite | Kind::Request | Kind::Response,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        // An engine made outside Rocket's runtime has no connections there yet. Not awaited: a service
        // that cannot be reached must not keep the application from starting.
        let rti = self.rti.clone();
        rocket::tokio::spawn(async move { rti.warm_up().await });
        if !self.callbacks.have_challenge() {
            self.rti.note_no_challenge_callback();
        }
        Ok(gate::mount(guard::permit(rocket)))
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        if !RequestState::of(request).awaits(&self.rti) {
            return;
        }
        #[cfg(feature = "challenge")]
        if let Some(pending) = self.callbacks.own(&self.rti, request) {
            let state = RequestState::of(request);
            state.leave_to_kit(pending);
            return state.answer(Ok(challenge::unread()));
        }
        if let Some(earlier) = RequestState::of(request).decision() {
            self.rti.note_other_engine(&earlier);
        }
        let inspection = self.rti.inspect(&View::new(request));
        result::blank(request);
        let decision = self.rti.decide(inspection).await;
        // For the callbacks; the final one replaces it.
        RequestState::of(request).record(&self.rti, decision.clone());
        let (decision, answer) = self.callbacks.apply(&self.rti, request, decision).await;
        result::tell(&decision, request);
        RequestState::of(request).record(&self.rti, decision);
        if let Some(answer) = answer {
            RequestState::of(request).answer(answer);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let state = RequestState::of(request);
        if let Some(answer) = state.take_answer() {
            *response = gate::late(request, answer).await;
        }
        for decision in state.finish() {
            reply::add_headers(&decision, response);
        }
        if state.is_body_unread() {
            reply::close_connection(response);
        }
    }
}
