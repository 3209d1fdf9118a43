//! The service: one request's way past the engine.

use std::task::{Context, Poll};

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http;
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rti_core::{Decision, RESULT_HEADER, Rti};
use tower::{Service, ServiceExt as _};

use crate::callbacks::Callbacks;
use crate::view::View;
use crate::{discard, reply};

/// What [`RtiLayer`](crate::RtiLayer) makes of a service. The error of the inner service stays
/// what it is: where RTI answers, it answers with a response.
#[derive(Clone, Debug)]
pub struct RtiService<S> {
    inner: S,
    rti: Rti,
    callbacks: Callbacks,
}

impl<S> RtiService<S> {
    pub(crate) fn new(inner: S, rti: Rti, callbacks: Callbacks) -> Self {
        Self {
            inner,
            rti,
            callbacks,
        }
    }
}

impl<S, B, R> Service<http::Request<B>> for RtiService<S>
where
    S: Service<Request, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    R: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let mut request = request.map(Body::new);
        // The clone stays behind: it is `self.inner` that was made ready.
        let ready = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, ready)
            .map_response(|response| response.map(Body::new));
        if request
            .extensions()
            .get::<Decision>()
            .is_some_and(|decision| self.rti.is_own(decision))
        {
            return inner.oneshot(request).boxed();
        }
        // Removed after the look, not before: removing reorders the headers.
        let inspection = self.rti.inspect(&View::new(&request));
        request.headers_mut().remove(RESULT_HEADER);
        let decision = self.rti.decide(inspection);
        let (rti, callbacks) = (self.rti.clone(), self.callbacks.clone());
        async move {
            let decision = decision.await;
            let (mut request, body) = request.into_parts();
            // For the callbacks; the final one replaces it.
            request.extensions.insert(decision.clone());
            let (decision, reply) = callbacks.apply(&rti, &request, decision).await;
            let mut response = if let Some(response) = reply {
                discard::before(response, &request, body).await
            } else {
                reply::set_result_header(&decision, &mut request.headers);
                request.extensions.insert(decision.clone());
                inner.oneshot(Request::from_parts(request, body)).await?
            };
            reply::append_cookie(&decision, response.headers_mut());
            // For what stands outside, such as a log. The last engine that a request passes sets it.
            response.extensions_mut().insert(decision);
            Ok(response)
        }
        .boxed()
    }
}
