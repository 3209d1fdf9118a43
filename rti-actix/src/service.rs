//! The service: one request's way past the engine.

use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, forward_ready};
use actix_web::{Error, HttpMessage as _, HttpResponse};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use rti_core::{Decision, Rti};

use crate::callbacks::{Answer, Callbacks};
#[cfg(feature = "challenge")]
use crate::challenge;
use crate::view::View;
use crate::{discard, reply};

/// What [`RtiMiddleware`](crate::RtiMiddleware) makes of a service. Where RTI answers, it answers
/// with a response; an error is always the application's.
///
/// The body is a `BoxBody`, whatever it was. `EitherBody` would keep its type and save nothing, as
/// routing boxes bodies already and does not box them twice; but it would change the type that
/// middlewares outside are given, and `ErrorHandlers` for one name that type.
#[derive(Debug)]
pub struct RtiService<S> {
    inner: Rc<S>,
    rti: Rti,
    callbacks: Callbacks,
}

impl<S> RtiService<S> {
    pub(crate) fn new(inner: S, rti: Rti, callbacks: Callbacks) -> Self {
        Self {
            inner: Rc::new(inner),
            rti,
            callbacks,
        }
    }
}

impl<S, B> Service<ServiceRequest> for RtiService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let earlier = request.extensions().get::<Decision>().cloned();
        if let Some(earlier) = earlier {
            if self.rti.is_own(&earlier) {
                let answer = self.inner.call(request);
                return async move { Ok(answer.await?.map_into_boxed_body()) }.boxed_local();
            }
            self.rti.note_other_engine(&earlier);
        }
        #[cfg(feature = "challenge")]
        if let Some(kit) = self.callbacks.kit()
            && let Some(pending) = kit.own(&self.rti, &View(&request))
        {
            return async move { Ok(challenge::answer(pending, request).await) }.boxed_local();
        }
        let inspection = self.rti.inspect(&View(&request));
        if reply::remove_headers(&mut request).is_err() {
            // The application would take the client's header for RTI's own.
            let refused = request.into_response(HttpResponse::BadRequest());
            return async move { Ok(refused.map_into_boxed_body()) }.boxed_local();
        }
        let (rti, callbacks) = (self.rti.clone(), self.callbacks.clone());
        let inner = Rc::clone(&self.inner);
        async move {
            let decision = rti.decide(inspection).await;
            // For the callbacks; the final one replaces it.
            request.extensions_mut().insert(decision.clone());
            let (decision, answer) = callbacks.apply(&rti, &request, decision).await;
            // Also of a request that is answered here: middlewares outside see it.
            request.extensions_mut().insert(decision.clone());
            let mut answer = match answer {
                Some(Answer::Response(response)) => {
                    let payload = request.take_payload();
                    let answer = request.into_response(response);
                    Ok(discard::before(answer, payload).await)
                }
                #[cfg(feature = "challenge")]
                Some(Answer::Kit(pending)) => Ok(challenge::answer(pending, request).await),
                None => {
                    reply::set_result_header(&decision, &mut request);
                    let answer = inner.call(request).await;
                    answer.map(ServiceResponse::map_into_boxed_body)
                }
            };
            reply::add_headers(&decision, &mut answer);
            answer
        }
        .boxed_local()
    }
}
