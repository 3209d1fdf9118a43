//! CORS around a service of hyper's: preflights are answered, other responses get the headers.

use std::convert::Infallible;

use example_custom::Body;
use hyper::body::Incoming;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use hyper::{Method, Request, Response, StatusCode};

use super::{status, with};
use rti_conformance::cors::FRIEND;

pub(super) async fn around(
    request: Request<Incoming>,
    service: impl AsyncFnOnce(Request<Incoming>) -> Result<Response<Body>, Infallible>,
) -> Result<Response<Body>, Infallible> {
    let headers = request.headers();
    let is_friend = (headers.get(ORIGIN)).is_some_and(|origin| origin == FRIEND);
    let asks = headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let response = if asks && request.method() == Method::OPTIONS {
        let response = status(StatusCode::NO_CONTENT);
        let response = with(response, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        with(response, ACCESS_CONTROL_ALLOW_HEADERS, "content-type")
    } else {
        service(request).await?
    };
    let response = with(response, VARY, "origin");
    if !is_friend {
        return Ok(response);
    }
    let response = with(response, ACCESS_CONTROL_ALLOW_ORIGIN, FRIEND);
    Ok(with(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"))
}
