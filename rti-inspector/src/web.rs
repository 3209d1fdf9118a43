//! The page and its JSON over HTTP.

mod access;
mod api;
mod headers;
mod stream;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};

pub(crate) use self::access::{Access, Hosts};
use crate::engine::Watched;
use crate::page;
use crate::store::Shared;

/// What is sent to the page: options to try, and a mark.
const MAX_BODY_BYTES: usize = 64 << 10;

/// What the page shows.
pub(crate) struct View {
    pub(crate) shared: Arc<Shared>,
    pub(crate) watched: Watched,
}

/// Every path, with every check before it: a path that is written in another way has them too.
pub(crate) fn router(view: View, access: Access) -> Router {
    let View { shared, watched } = view;
    let access = Arc::new(access);
    page::files()
        .route("/api/summary", get(api::summary))
        .route("/api/config", get(api::config))
        .route("/api/decisions", get(api::decisions))
        .route("/api/decisions/{id}", get(api::decision))
        .route("/api/stream", get(stream::stream))
        .route("/api/what-if", post(api::what_if))
        .route("/api/mark", post(api::mark))
        .route("/api/export", get(api::export))
        .method_not_allowed_fallback(async || {
            let message = "another method: the header `Allow` has those of this path";
            api::error(StatusCode::METHOD_NOT_ALLOWED, message)
        })
        .fallback(async || api::error(StatusCode::NOT_FOUND, "no such path"))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(Extension(watched))
        .with_state(Arc::clone(&shared))
        .layer(from_fn_with_state((shared, access), access::check))
        .layer(from_fn(async |request, next: axum::middleware::Next| {
            let mut response: Response = next.run(request).await;
            headers::secure(response.headers_mut());
            response
        }))
}
