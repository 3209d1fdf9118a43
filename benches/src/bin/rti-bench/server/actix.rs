//! actix-web.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::KeepAlive;
use actix_web::{App, Error, HttpServer, web};
use rti_actix::RtiMiddleware;

use super::control;
use super::setup::{Setup, any_port};

/// `wrap` changes the type of an application, and the bounds on it have no names outside actix-web.
macro_rules! run {
    ($app:expr, $listener:expr) => {
        HttpServer::new($app)
            .workers(1)
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(Duration::ZERO)
            .listen($listener)
            .expect("a bound socket can listen")
            .run()
            .await
    };
}

pub(super) fn serve(setup: Setup) {
    let listener = TcpListener::bind(any_port()).expect("loopback has a free port");
    control::announce(listener.local_addr().expect("a listener has an address"));
    let setup = web::Data::new(setup);
    let served = actix_web::rt::System::new().block_on(async move {
        match setup.rti.clone() {
            None => run!(move || app(&setup), listener),
            Some(rti) => {
                let app = move || app(&setup).wrap(RtiMiddleware::new(rti.clone()));
                run!(app, listener)
            }
        }
    });
    served.expect("a server serves until its process ends");
}

fn app(
    setup: &web::Data<Setup>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    // This runs in each worker, which has a runtime of its own.
    control::watch_tasks(tokio::runtime::Handle::current());
    App::new()
        .app_data(setup.clone())
        .route("/catalogue/shoes", web::get().to(greet))
}

async fn greet(setup: web::Data<Setup>) -> &'static str {
    setup.greet().await
}
