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
use crate::browser::is_friend;

pub(super) async fn around(
    request: Request<Incoming>,
    service: impl AsyncFnOnce(Request<Incoming>) -> Result<Response<Body>, Infallible>,
) -> Result<Response<Body>, Infallible> {
    let headers = request.headers();
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let friend = origin.filter(|origin| is_friend(origin)).map(str::to_owned);
    let asks = headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let response = if asks && request.method() == Method::OPTIONS {
        let response = status(StatusCode::NO_CONTENT);
        let response = with(response, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
        with(response, ACCESS_CONTROL_ALLOW_HEADERS, "content-type")
    } else {
        service(request).await?
    };
    let response = with(response, VARY, "origin");
    let Some(friend) = friend else {
        return Ok(response);
    };
    let response = with(response, ACCESS_CONTROL_ALLOW_ORIGIN, &friend);
    Ok(with(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"))
}
