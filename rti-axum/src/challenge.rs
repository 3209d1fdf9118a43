//! The challenge callback, and how a request survives its panic.

use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rti_core::{Decision, FailOpenReason, RESULT_HEADER, Rti};
use tower::{Service, ServiceExt as _};

use crate::discard;
use crate::lent::{self, Lent};

type Callback = dyn Fn(Request, Decision, Next) -> BoxFuture<'static, Response> + Send + Sync;

/// Lets a challenged request go on to the application after all.
///
/// ```
/// use axum::{extract::Request, response::Response};
/// use rti_axum::{Decision, Next};
///
/// async fn challenge(request: Request, _decision: Decision, next: Next) -> Response {
///     next.run(request).await
/// }
/// ```
pub struct Next(Box<dyn FnOnce(Request) -> BoxFuture<'static, Response> + Send>);

impl Next {
    /// Runs what is behind the layer. Errors of a service that can fail are returned by the layer,
    /// whatever the callback answers. Once the callback has answered it is too late: a 503.
    pub async fn run(self, request: Request) -> Response {
        (self.0)(request).await
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Next")
    }
}

#[derive(Clone)]
pub(crate) struct Challenge(Arc<Callback>);

impl Challenge {
    pub(crate) fn new<F, Fut>(callback: F) -> Self
    where
        F: Fn(Request, Decision, Next) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoResponse> + Send + 'static,
    {
        Self(Arc::new(move |request, decision, next| {
            callback(request, decision, next)
                .map(IntoResponse::into_response)
                .boxed()
        }))
    }

    /// Runs the callback in front of `inner`. Where it panics before it used `next`, the request
    /// goes on as it was; a panic of the application itself is passed on as without RTI.
    pub(crate) async fn run<S, E>(
        self,
        rti: &Rti,
        request: Request,
        decision: Decision,
        inner: S,
    ) -> Result<Response, E>
    where
        S: Service<Request, Response = Response, Error = E, Future: Send> + Send + 'static,
        E: Send + 'static,
    {
        let (parts, body) = request.into_parts();
        let spare = parts.clone();
        let (body, lender) = Lent::lend(body);
        let onward = Onward::new(inner);
        let (request, next) = (Request::from_parts(parts, body), onward.next());
        let answered =
            AssertUnwindSafe(async move { (self.0)(request, decision, next).await }).catch_unwind();
        match (answered.await, onward.progress()) {
            (Ok(_), Progress::Failed(error)) => Err(error),
            (Ok(response), Progress::Waiting(_)) => Ok(match lender.reclaim() {
                Some(body) => discard::before(response, &spare, body).await,
                None => response,
            }),
            (Ok(response), Progress::Used) => Ok(response),
            (Err(_panic), Progress::Waiting(inner)) => {
                let body = lender.reclaim().unwrap_or_else(lent::lost);
                let mut request = Request::from_parts(spare, body);
                request.headers_mut().remove(RESULT_HEADER);
                request
                    .extensions_mut()
                    .insert(rti.fail_open(FailOpenReason::Internal));
                inner.oneshot(request).await
            }
            (Err(panic), _) => resume_unwind(panic),
        }
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge")
    }
}

/// The service behind, shared with a `Next` that must not name its types: the callback's
/// signature would carry them otherwise.
struct Onward<S, E>(Arc<Mutex<Progress<S, E>>>);

enum Progress<S, E> {
    Waiting(S),
    Used,
    Failed(E),
}

impl<S, E> Onward<S, E>
where
    S: Service<Request, Response = Response, Error = E, Future: Send> + Send + 'static,
    E: Send + 'static,
{
    fn new(inner: S) -> Self {
        Self(Arc::new(Mutex::new(Progress::Waiting(inner))))
    }

    fn progress(&self) -> Progress<S, E> {
        std::mem::replace(
            &mut self.0.lock().unwrap_or_else(PoisonError::into_inner),
            Progress::Used,
        )
    }

    fn next(&self) -> Next {
        let onward = Self(Arc::clone(&self.0));
        Next(Box::new(move |request| {
            async move {
                let Progress::Waiting(inner) = onward.progress() else {
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                };
                match inner.oneshot(request).await {
                    Ok(response) => response,
                    Err(error) => {
                        *onward.0.lock().unwrap_or_else(PoisonError::into_inner) =
                            Progress::Failed(error);
                        Response::default()
                    }
                }
            }
            .boxed()
        }))
    }
}
