//! Rocket.

use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use rocket::{State, get, routes};
use rti_rocket::RtiFairing;

use super::control;
use super::setup::Setup;

pub(super) async fn serve(setup: Setup) {
    let config = rocket::Config {
        address: [127, 0, 0, 1].into(),
        port: 0,
        log_level: LogLevel::Off,
        shutdown: rocket::config::Shutdown {
            ctrlc: false,
            ..rocket::config::Shutdown::default()
        },
        ..rocket::Config::release_default()
    };
    let rti = setup.rti.clone();
    let announce = AdHoc::on_liftoff("address", |rocket| {
        Box::pin(async move {
            control::announce((rocket.config().address, rocket.config().port).into());
        })
    });
    let app = rocket::custom(config)
        .mount("/", routes![greet])
        .manage(setup)
        .attach(announce);
    let app = match rti {
        None => app,
        Some(rti) => app.attach(RtiFairing::new(rti)),
    };
    app.launch()
        .await
        .expect("a server serves until its process ends");
}

#[get("/catalogue/shoes")]
async fn greet(setup: &State<Setup>) -> &'static str {
    setup.greet().await
}
