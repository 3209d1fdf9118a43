//! Where RTI may be wrapped, and how often it asks.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, web};
use rti_actix::{RESULT_HEADER, ResultHeader, RtiMiddleware};

use crate::harness::{COOKIE, SCRAPER, VALID, engine, engine_with, get, send};

#[test]
fn however_often_wrapped_it_checks_once_and_sets_one_cookie() {
    let (rti, journal) = engine(VALID);
    let address = serve!({
        let rti = || RtiMiddleware::new(rti.clone());
        let resource = web::resource("/b").wrap(rti()).to(HttpResponse::Ok);
        App::new()
            .service(web::scope("/a").wrap(rti()).service(resource))
            .wrap(rti())
            .wrap(rti())
    });
    let answer = get(address, "/a/b");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(answer.matches(COOKIE).count(), 1, "{answer}");
    assert_eq!(journal.calls().len(), 1);
}

#[test]
fn two_engines_check_each() {
    let (outer, first) = engine(VALID);
    let (inner, second) = engine(SCRAPER);
    let address = serve!(
        App::new()
            .default_service(web::to(HttpResponse::Ok))
            .wrap(RtiMiddleware::new(inner.clone()))
            .wrap(RtiMiddleware::new(outer.clone()))
    );
    let answer = get(address, "/");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!((first.calls().len(), second.calls().len()), (1, 1));
}

#[test]
fn a_scope_a_resource_and_a_route_check_for_their_own() {
    let (rti, journal) = engine(SCRAPER);
    let address = serve!({
        let rti = || RtiMiddleware::new(rti.clone());
        App::new()
            .service(web::scope("/scope").wrap(rti()))
            .service(web::resource("/resource").wrap(rti()).to(HttpResponse::Ok))
            .route("/route", web::get().to(HttpResponse::Ok).wrap(rti()))
            .route("/free", web::get().to(HttpResponse::Ok))
    });
    for path in ["/scope/unknown", "/resource", "/route"] {
        let answer = get(address, path);
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
    assert!(get(address, "/free").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/unknown").starts_with("HTTP/1.1 404"));
    assert_eq!(journal.calls().len(), 3);
}

#[test]
fn unknown_routes_are_checked_and_stay_unknown() {
    let (rti, journal) = engine(VALID);
    let address = serve!(App::new().wrap(RtiMiddleware::new(rti.clone())));
    let answer = get(address, "/unknown");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(answer.contains(COOKIE), "{answer}");
    assert_eq!(journal.calls().len(), 1);
}

/// Keeps a clone of the request while the application answers.
async fn keeping(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, Error> {
    let _kept = request.request().clone();
    next.call(request).await
}

#[test]
fn a_clone_kept_outside_is_no_harm_where_it_is_none_without_rti() {
    let (rti, _) = engine(VALID);
    let address = serve!(
        App::new().service(
            web::resource("/")
                .wrap(RtiMiddleware::new(rti.clone()))
                .wrap(from_fn(keeping))
                .to(HttpResponse::Ok)
        )
    );
    assert!(get(address, "/").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_clone_kept_outside_costs_the_result_header_and_not_the_page() {
    let (rti, _) = engine_with(VALID, |config| config.result_header(ResultHeader::On));
    let address = serve!(
        App::new().service(
            web::resource("/")
                .wrap(RtiMiddleware::new(rti.clone()))
                .wrap(from_fn(keeping))
                .to(|request: HttpRequest| async move {
                    format!("{:?}", request.headers().get(RESULT_HEADER))
                })
        )
    );
    let response = get(address, "/");
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.ends_with("None"), "{response}");
    let forged = send(address, "GET /", "x-cheq-rti-result: version=1\r\n", "");
    assert!(forged.starts_with("HTTP/1.1 400"), "{forged}");
}
