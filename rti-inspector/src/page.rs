//! The page's files, which are part of the program.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// By their paths. There is no build step: the browser loads the modules as they are.
const FILES: &[(&str, &str, &str)] = &[
    ("/", HTML, include_str!("page/index.html")),
    ("/inspector.css", STYLE, include_str!("page/inspector.css")),
    ("/inspector.js", SCRIPT, include_str!("page/inspector.js")),
    ("/charts.js", SCRIPT, include_str!("page/charts.js")),
    (
        "/configuration.js",
        SCRIPT,
        include_str!("page/configuration.js"),
    ),
    ("/decisions.js", SCRIPT, include_str!("page/decisions.js")),
    ("/detail.js", SCRIPT, include_str!("page/detail.js")),
    ("/elements.js", SCRIPT, include_str!("page/elements.js")),
    ("/marks.js", SCRIPT, include_str!("page/marks.js")),
    ("/overview.js", SCRIPT, include_str!("page/overview.js")),
    ("/trial.js", SCRIPT, include_str!("page/trial.js")),
    ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
];

pub(crate) fn files<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES
        .iter()
        .fold(Router::new(), |router, (path, content_type, content)| {
            router.route(path, get(async || file(content_type, content)))
        })
}

/// What someone sees who opens the page without its token.
pub(crate) fn without_token() -> Response {
    let page = file(HTML, include_str!("page/without-token.html"));
    (StatusCode::UNAUTHORIZED, page).into_response()
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    ([(CONTENT_TYPE, content_type)], content).into_response()
}
