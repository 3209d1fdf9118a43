//! The verdict's cookie on an error's way out, and what middlewares outside see of both.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, SERVER};
use actix_web::middleware::{ErrorHandlerResponse, ErrorHandlers, Logger, Next, from_fn};
use actix_web::{App, Error, HttpResponse, ResponseError, error, web};
use rti_actix::RtiMiddleware;

use crate::harness::{COOKIE, SCRAPER, VALID, engine, get};

#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on sundays")
    }
}

impl ResponseError for Closed {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

async fn closed(_: ServiceRequest, _: Next<BoxBody>) -> Result<ServiceResponse, Error> {
    Err(Closed.into())
}

/// Names no generic body: it fits outside RTI as it does without.
#[allow(
    clippy::unnecessary_wraps,
    reason = "the shape that `ErrorHandlers` asks for"
)]
fn signed(mut response: ServiceResponse) -> Result<ErrorHandlerResponse<BoxBody>, Error> {
    response
        .headers_mut()
        .insert(SERVER, HeaderValue::from_static("signed"));
    Ok(ErrorHandlerResponse::Response(
        response.map_into_left_body(),
    ))
}

#[test]
fn an_error_of_an_inner_middleware_carries_the_cookie_once() {
    let (rti, _) = engine(VALID);
    let address = serve!(
        App::new()
            .wrap(from_fn(closed))
            .wrap(RtiMiddleware::new(rti.clone()))
    );
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.ends_with("closed on sundays"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
}

#[test]
fn an_error_of_a_handler_carries_the_cookie() {
    let (rti, _) = engine(VALID);
    let address = serve!(
        App::new()
            .route(
                "/",
                web::get().to(|| async { Err::<String, _>(error::ErrorTooManyRequests("slow")) }),
            )
            .wrap(RtiMiddleware::new(rti.clone()))
    );
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
}

#[test]
fn an_error_stays_the_error_it_is_for_those_outside() {
    let (rti, _) = engine(VALID);
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    let address = serve!({
        let counted = Arc::clone(&counted);
        App::new()
            .wrap(from_fn(closed))
            .wrap(RtiMiddleware::new(rti.clone()))
            .wrap(
                ErrorHandlers::new()
                    .handler(StatusCode::SERVICE_UNAVAILABLE, signed)
                    .handler(StatusCode::FORBIDDEN, signed),
            )
            .wrap(from_fn(move |request, next: Next<_>| {
                let counted = Arc::clone(&counted);
                async move {
                    let answer = next.call(request).await;
                    if let Err(error) = &answer {
                        let found = usize::from(error.as_error::<Closed>().is_some());
                        counted.fetch_add(found, Ordering::Relaxed);
                    }
                    answer
                }
            }))
    });
    let answer = get(address, "/");
    assert!(answer.contains(COOKIE), "{answer}");
    assert!(
        !answer.contains("signed"),
        "left alone, as without RTI: {answer}"
    );
    assert_eq!(seen.load(Ordering::Relaxed), 1);
}

#[test]
fn middlewares_outside_see_what_rti_answers() {
    let (rti, _) = engine(SCRAPER);
    let logged = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&logged);
    let address = serve!({
        let log = Arc::clone(&log);
        App::new()
            .default_service(web::to(HttpResponse::Ok))
            .wrap(RtiMiddleware::new(rti.clone()))
            .wrap(ErrorHandlers::new().handler(StatusCode::FORBIDDEN, signed))
            .wrap(Logger::new("%s %{STATUS}xo").custom_response_replace(
                "STATUS",
                move |response| {
                    log.lock().unwrap().push(response.status().as_u16());
                    String::new()
                },
            ))
    });
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("server: signed"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
    assert_eq!(*logged.lock().unwrap(), [403]);
}
