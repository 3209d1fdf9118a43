//! The service: the path of one request through the engine.

use std::task::{Context, Poll};

use axum_core::BoxError;
use axum_core::body::Body;
use axum_core::response::Response;
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use rti_core::{Decision, REMOVED_HEADERS, Rti};
use tower_service::Service;

use crate::callbacks::{Answer, Callbacks};
#[cfg(feature = "challenge")]
use crate::challenge;
use crate::layer::FindPeerIp;
use crate::reply;
use crate::view::view;

/// The service that [`RtiLayer`](crate::RtiLayer) puts around another one. The error of the inner
/// service is returned unchanged: where RTI answers, it answers with a response.
///
/// The inner service gets the request with the body that it came with. The body of a response is
/// axum-core's, since it is either that of the inner service or a reply of RTI.
#[derive(Clone, Debug)]
pub struct RtiService<S> {
    inner: S,
    rti: Rti,
    find_peer_ip: FindPeerIp,
    callbacks: Callbacks,
}

impl<S> RtiService<S> {
    pub(crate) fn new(inner: S, rti: Rti, find_peer_ip: FindPeerIp, callbacks: Callbacks) -> Self {
        Self {
            inner,
            rti,
            find_peer_ip,
            callbacks,
        }
    }
}

impl<S, B, R> Service<Request<B>> for RtiService<S>
where
    S: Service<Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    B: http_body::Body + Send + 'static,
    R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if let Some(earlier) = request.extensions().get::<Decision>() {
            if self.rti.is_own(earlier) {
                let response = self.inner.call(request);
                return async move { Ok(response.await?.map(Body::new)) }.boxed();
            }
            self.rti.note_other_engine(earlier);
        }
        // The clone stays behind: it is `self.inner` that was made ready.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let (mut request, body) = request.into_parts();
        let peer_ip = self.find_peer_ip.find(&request);
        let seen = view(&request, peer_ip);
        #[cfg(feature = "challenge")]
        if let Some(pending) = (self.callbacks.kit()).and_then(|kit| kit.own(&self.rti, &seen)) {
            return async move { Ok(challenge::answer(pending, &request, body).await) }.boxed();
        }
        // Removed after the inspection, not before: removing reorders the headers.
        let inspection = self.rti.inspect(&seen);
        for name in REMOVED_HEADERS {
            request.headers.remove(name);
        }
        let (rti, callbacks) = (self.rti.clone(), self.callbacks.clone());
        async move {
            let decision = rti.decide(inspection).await;
            // For the callbacks; the final one replaces it.
            request.extensions.insert(decision.clone());
            let (decision, answer) = callbacks.apply(&rti, &request, peer_ip, decision).await;
            let mut response = match answer {
                Some(Answer::Response(response)) => {
                    reply::after_discarding(response, &request, body).await
                }
                #[cfg(feature = "challenge")]
                Some(Answer::Kit(pending)) => challenge::answer(pending, &request, body).await,
                None => {
                    reply::set_result_header(&decision, &mut request.headers);
                    request.extensions.insert(decision.clone());
                    let response = inner.call(Request::from_parts(request, body)).await?;
                    response.map(Body::new)
                }
            };
            reply::add_headers(&decision, response.headers_mut());
            // For what stands outside, such as a log. The last engine that a request passes sets it.
            response.extensions_mut().insert(decision);
            Ok(response)
        }
        .boxed()
    }
}
