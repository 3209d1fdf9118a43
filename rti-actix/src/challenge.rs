//! The challenge callback, and how a request survives its panic.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage as _, HttpRequest};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use rti_core::{Decision, FailOpenReason, RESULT_HEADER, Rti};

use crate::discard;
use crate::lent::{self, Lent};

type Answer = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;
type Callback = dyn Fn(ServiceRequest, Decision, Next) -> Answer;

/// Lets a challenged request go on to the application after all.
///
/// ```
/// use actix_web::Error;
/// use actix_web::dev::{ServiceRequest, ServiceResponse};
/// use rti_actix::{Decision, Next};
///
/// async fn challenge(
///     request: ServiceRequest,
///     _decision: Decision,
///     next: Next,
/// ) -> Result<ServiceResponse, Error> {
///     next.run(request).await
/// }
/// ```
pub struct Next(Box<dyn FnOnce(ServiceRequest) -> Answer>);

impl Next {
    /// Runs what is behind the middleware.
    ///
    /// # Errors
    /// What the application returns.
    pub async fn run(self, request: ServiceRequest) -> Result<ServiceResponse, Error> {
        (self.0)(request).await
    }

    /// The spare goes before the application runs: routing changes the request, which takes that
    /// there be one of it. That it is gone tells that the request went on.
    fn new<S, B>(inner: Rc<S>, spare: Rc<Cell<Option<HttpRequest>>>) -> Self
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        Self(Box::new(move |request| {
            async move {
                drop(spare.take());
                Ok(inner.call(request).await?.map_into_boxed_body())
            }
            .boxed_local()
        }))
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next")
    }
}

#[derive(Clone)]
pub(crate) struct Challenge(Rc<Callback>);

impl Challenge {
    pub(crate) fn new<F, Fut, B>(callback: F) -> Self
    where
        F: Fn(ServiceRequest, Decision, Next) -> Fut + 'static,
        Fut: Future<Output = Result<ServiceResponse<B>, Error>> + 'static,
        B: MessageBody + 'static,
    {
        Self(Rc::new(move |request, decision, next| {
            callback(request, decision, next)
                .map(|answer| answer.map(ServiceResponse::map_into_boxed_body))
                .boxed_local()
        }))
    }

    /// Runs the callback in front of `inner`. Where it panics before it used `next`, the request
    /// goes on as it was; a panic of the application itself is passed on as without RTI.
    pub(crate) async fn run<S, B>(
        self,
        rti: &Rti,
        mut request: ServiceRequest,
        decision: Decision,
        inner: Rc<S>,
    ) -> Result<ServiceResponse, Error>
    where
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        let (payload, lender) = Lent::lend(request.take_payload());
        request.set_payload(payload);
        let spare = Rc::new(Cell::new(Some(request.request().clone())));
        let next = Next::new(Rc::clone(&inner), Rc::clone(&spare));
        let answered =
            AssertUnwindSafe(async move { (self.0)(request, decision, next).await }).catch_unwind();
        match (answered.await, spare.take()) {
            (Ok(Ok(answer)), Some(_)) => Ok(match lender.reclaim() {
                Some(payload) => discard::before(answer, payload).await,
                None => answer,
            }),
            (Ok(answer), _) => answer,
            (Err(_panic), Some(request)) => {
                let payload = lender.reclaim().unwrap_or_else(lent::lost);
                let mut request = ServiceRequest::from_parts(request, payload);
                request.headers_mut().remove(RESULT_HEADER);
                let decision = rti.fail_open(FailOpenReason::Internal);
                request.extensions_mut().insert(decision);
                Ok(inner.call(request).await?.map_into_boxed_body())
            }
            (Err(panic), None) => resume_unwind(panic),
        }
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge")
    }
}
