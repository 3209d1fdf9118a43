//! The page as a tower service.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use tower::Service;

use crate::web::{self, Access, View};

/// The page and its JSON as a service: [`Inspector::service_behind_login`](crate::Inspector::service_behind_login).
#[derive(Clone)]
pub struct InspectorService(Router);

impl InspectorService {
    pub(crate) fn new(view: View, access: Access) -> Self {
        Self(web::router(view, access))
    }
}

impl Service<Request<Body>> for InspectorService {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<Body>>::poll_ready(&mut self.0, context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.call(request)
    }
}

impl std::fmt::Debug for InspectorService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InspectorService").finish_non_exhaustive()
    }
}
