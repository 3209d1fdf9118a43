//! The challenge callback, and how a request survives its panic.

use std::any::Any;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use rocket::Request;
use rocket::futures::FutureExt as _;
use rocket::futures::future::BoxFuture;
use rocket::response::Responder;
use rti_core::Decision;

use crate::passage::Answer;

type Callback =
    dyn for<'r> Fn(&'r Request<'_>, Decision) -> BoxFuture<'r, Option<Answer>> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Challenge(Arc<Callback>);

impl Challenge {
    pub(crate) fn new<F, R>(callback: F) -> Self
    where
        F: for<'r> Fn(&'r Request<'_>, Decision) -> BoxFuture<'r, Option<R>>
            + Send
            + Sync
            + 'static,
        R: for<'r> Responder<'r, 'static> + 'static,
    {
        Self(Arc::new(move |request, decision| {
            callback(request, decision)
                .map(|responder| responder.map(|responder| responder.respond_to(request)))
                .boxed()
        }))
    }

    /// What the callback answers; `Ok(None)` lets the request go on. Rocket would drop the
    /// connection on a fairing's panic, so that is caught here.
    pub(crate) async fn run(
        &self,
        request: &Request<'_>,
        decision: Decision,
    ) -> Result<Option<Answer>, Box<dyn Any + Send>> {
        AssertUnwindSafe(async { (self.0)(request, decision).await })
            .catch_unwind()
            .await
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge")
    }
}
