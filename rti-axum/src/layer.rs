//! The layer: what a user adds to a router.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use axum_core::response::IntoResponse;
use http::request::Parts;
#[cfg(feature = "challenge")]
use rti_challenge::Challenge;
use rti_core::{Decision, Rti};
use tower_layer::Layer;

use crate::callbacks::Callbacks;
use crate::service::RtiService;

/// Checks every request that passes, once however often it is layered.
///
/// It goes onto a `Router`, a nested one, a route, around a router, or on any tower service that
/// takes `http` requests. Bodies and upgrades pass untouched.
///
/// ```
/// use axum::{Router, response::Redirect, routing::get};
/// use rti_axum::{Config, Rti, RtiLayer};
///
/// # fn has_solved_the_captcha(session: &str) -> bool { false }
/// # fn app() -> Result<Router, rti_axum::ConfigError> {
/// // The page of the captcha is not checked, or its visitors would be redirected to it for ever.
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").uri_exclusion(["/captcha"]);
/// let rti = Rti::new(config.build()?)?;
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(
///     RtiLayer::new(rti).on_challenge(|request, _decision| {
///         // The proof is kept by the application under the session; a header could be forged.
///         let session = request.headers.get("cookie").and_then(|cookie| cookie.to_str().ok());
///         let passed = session.is_some_and(has_solved_the_captcha);
///         async move { (!passed).then(|| Redirect::temporary("/captcha")) }
///     }),
/// );
/// # Ok(app)
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is added"]
pub struct RtiLayer {
    rti: Rti,
    find_peer_ip: FindPeerIp,
    callbacks: Callbacks,
}

impl RtiLayer {
    /// A layer that checks requests with this engine. The visitor's address is that of axum's
    /// `ConnectInfo<SocketAddr>`.
    #[cfg(feature = "axum")]
    pub fn new(rti: Rti) -> Self {
        use axum::extract::ConnectInfo;
        use std::net::SocketAddr;

        Self::with_peer_ip(rti, |request| {
            let ConnectInfo(address) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
            Some(address.ip())
        })
    }

    /// A layer that checks requests with this engine, and finds with this function the address at the
    /// other end of the connection: never one from a header.
    ///
    /// ```
    /// use std::net::SocketAddr;
    /// use rti_axum::{Rti, RtiLayer};
    ///
    /// // The server puts the address of each connection into the extensions of its requests.
    /// fn layer(rti: Rti) -> RtiLayer {
    ///     RtiLayer::with_peer_ip(rti, |request| {
    ///         Some(request.extensions.get::<SocketAddr>()?.ip())
    ///     })
    /// }
    /// ```
    pub fn with_peer_ip<F>(rti: Rti, find_peer_ip: F) -> Self
    where
        F: Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static,
    {
        Self {
            rti: rti.with_middleware_name(concat!("rust_axum_", env!("CARGO_PKG_VERSION"))),
            find_peer_ip: FindPeerIp(Arc::new(find_peer_ip)),
            callbacks: Callbacks::default(),
        }
    }

    /// What a visitor to be challenged gets: a response, or `None`, which lets the request continue.
    /// Without a callback such requests continue.
    ///
    /// It reads the request and returns a future of its own: what the future needs is taken from the
    /// request before. To change a request that continues, take the decision in the handler, with
    /// [`RtiDecision`](crate::RtiDecision).
    ///
    /// A callback that panics lets the request continue, with the reason `internal`.
    pub fn on_challenge<F, Fut, R>(mut self, callback: F) -> Self
    where
        F: Fn(&Parts, Decision) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Option<R>> + Send + 'static,
        R: IntoResponse,
    {
        self.callbacks.set_challenge(callback);
        self
    }

    /// Shows challenged visitors the page of this kit, and lets those continue who have solved it. It takes the
    /// place of a challenge callback.
    ///
    /// The paths of the kit are answered here: neither the service nor the application gets to see them. A
    /// layer on a part of the site needs a [`prefix`](Challenge::prefix) below that part. A nested router needs
    /// a fallback of its own besides: without one axum leaves paths that it does not know to the router around
    /// it, past the layer. So it is with `route_layer`, which is not for the kit.
    ///
    /// ```
    /// use rti_axum::{Challenge, Keys, Rti, RtiLayer};
    ///
    /// # fn protected(rti: Rti) -> Result<RtiLayer, Box<dyn std::error::Error>> {
    /// // In production the keys come from a secret store: they are the same on every machine.
    /// let kit = Challenge::proof_of_work(Keys::random()?);
    /// let layer = RtiLayer::new(rti).challenge(kit);
    /// # Ok(layer)
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
    /// use axum::http::StatusCode;
    /// use rti_axum::{Rti, RtiLayer};
    ///
    /// fn layer(rti: Rti) -> RtiLayer {
    ///     RtiLayer::new(rti).on_block(|request, decision| {
    ///         let reference = decision.verdict()?.request_id()?;
    ///         let page = format!("No access to {}. Reference: {reference}", request.uri.path());
    ///         Some((StatusCode::FORBIDDEN, page))
    ///     })
    /// }
    /// ```
    pub fn on_block<F, R>(mut self, callback: F) -> Self
    where
        F: Fn(&Parts, &Decision) -> Option<R> + Send + Sync + 'static,
        R: IntoResponse,
    {
        self.callbacks.set_block(callback);
        self
    }
}

impl<S> Layer<S> for RtiLayer {
    type Service = RtiService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        if !self.callbacks.have_challenge() {
            self.rti.note_no_challenge_callback();
        }
        RtiService::new(
            inner,
            self.rti.clone(),
            self.find_peer_ip.clone(),
            self.callbacks.clone(),
        )
    }
}

/// Finds the address at the other end of a request's connection.
#[derive(Clone)]
pub(crate) struct FindPeerIp(Arc<PeerIpOf>);

type PeerIpOf = dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync;

impl FindPeerIp {
    /// A panic of the function is one more way to find none: the request must not suffer.
    pub(crate) fn find(&self, request: &Parts) -> Option<IpAddr> {
        catch_unwind(AssertUnwindSafe(|| (self.0)(request))).unwrap_or_default()
    }
}

impl fmt::Debug for FindPeerIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FindPeerIp")
    }
}
