//! Attached, attached twice, and not attached.

use crate::harness::{Server, Service, app};
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::Header;
use rocket::local::asynchronous::{Client, LocalResponse};
use rocket::{Build, Request, Rocket, catch, catchers, get, routes};
use rti_rocket::{Mode, RtiDecision, RtiFairing};

#[get("/")]
fn handler(decision: RtiDecision) -> String {
    decision.outcome().as_str().to_owned()
}

#[get("/optional")]
fn optional(decision: Option<RtiDecision>) -> String {
    decision.is_some().to_string()
}

#[catch(default)]
async fn catcher(request: &Request<'_>) -> String {
    match request.guard::<RtiDecision>().await {
        rocket::outcome::Outcome::Error((_, missing)) => missing.to_string(),
        outcome => outcome.succeeded().unwrap().action().as_str().to_owned(),
    }
}

fn shop() -> Rocket<Build> {
    app().mount("/", routes![handler])
}

fn cookies(response: &LocalResponse<'_>) -> Vec<String> {
    let cookies = response.headers().get("set-cookie");
    cookies.map(str::to_owned).collect()
}

#[rocket::async_test]
async fn a_guard_without_a_fairing_stops_the_launch() {
    for routes in [routes![handler], routes![optional]] {
        let error = app().mount("/", routes).ignite().await.unwrap_err();
        let ErrorKind::SentinelAborts(aborts) = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(aborts.len(), 1);
        assert!(error.to_string().contains("sentinel"), "{error}");
    }
    assert!(app().ignite().await.is_ok());
}

#[rocket::async_test]
async fn a_catcher_finds_the_decision_where_there_is_one() {
    let service = Service::named("a");
    let app = shop().register("/", catchers![catcher]);
    let server = Server::start(app.attach(RtiFairing::new(service.blocking()))).await;
    assert_eq!(server.ask("GET /nowhere", "a").await.body(), "allow");
    let refused = server.ask("BREW /", "a").await;
    assert_eq!(
        refused.body(),
        "there is no RTI decision on this request: attach an RtiFairing"
    );
    assert_eq!((refused.status(), service.calls()), (400, 1));
}

#[rocket::async_test]
async fn an_engine_attached_twice_asks_once() {
    let service = Service::named("a");
    let rti = service.blocking();
    let app = shop()
        .attach(RtiFairing::new(rti.clone()))
        .attach(RtiFairing::new(Service::named("b").blocking()))
        .attach(RtiFairing::new(rti));
    let client = Client::untracked(app).await.unwrap();
    let answer = client.get("/").dispatch().await;
    assert_eq!(service.calls(), 1);
    assert_eq!(
        cookies(&answer),
        ["_cheq_rti=a==; Path=/", "_cheq_rti=b==; Path=/"]
    );
}

#[rocket::async_test]
async fn two_engines_are_asked_in_turn_until_one_answers() {
    let (first, second) = (Service::named("a"), Service::named("b"));
    let (watching, blocking) = (first.engine(Mode::Monitoring), second.blocking());
    let ours = blocking.clone();
    let app = shop()
        .attach(RtiFairing::new(watching))
        .attach(RtiFairing::new(blocking).on_challenge(|_, _| Box::pin(async { Some("captcha") })))
        .attach(AdHoc::on_response("whose", move |request, response| {
            let ours = ours.clone();
            Box::pin(async move {
                let decision = request.guard::<RtiDecision>().await.succeeded();
                let made = decision.is_some_and(|decision| ours.is_own(&decision));
                response.set_raw_header("x-made-by-second", made.to_string());
            })
        }));
    let client = Client::untracked(app).await.unwrap();
    for (visitor, status) in [("a", 200), ("robot", 403), ("suspect", 200)] {
        let request = client.get("/").header(Header::new("User-Agent", visitor));
        let answer = request.dispatch().await;
        assert_eq!(answer.status().code, status, "{visitor}");
        assert_eq!(answer.headers().get_one("x-made-by-second"), Some("true"));
        assert_eq!(cookies(&answer).len(), 2, "{visitor}");
    }
    assert_eq!((first.calls(), second.calls()), (3, 3));

    let (first, second) = (Service::named("a"), Service::named("b"));
    let app = shop()
        .attach(RtiFairing::new(first.blocking()))
        .attach(RtiFairing::new(second.blocking()));
    let client = Client::untracked(app).await.unwrap();
    let robot = Header::new("User-Agent", "robot");
    let answer = client.get("/").header(robot).dispatch().await;
    assert_eq!(answer.status().code, 403);
    assert_eq!((first.calls(), second.calls()), (1, 0));
}

#[rocket::async_test]
async fn each_dispatch_of_a_cloned_local_request_is_checked() {
    let service = Service::named("a");
    let app = shop().attach(RtiFairing::new(service.blocking()));
    let client = Client::untracked(app).await.unwrap();
    let request = client.get("/").header(Header::new("User-Agent", "robot"));
    for asked in 1..=3 {
        let answer = request.clone().dispatch().await;
        assert_eq!((answer.status().code, service.calls()), (403, asked));
        assert_eq!(cookies(&answer).len(), 1);
    }
}

#[rocket::async_test]
async fn a_response_fairing_sees_the_final_decision() {
    let service = Service::named("a");
    for (mode, user_agent, expected) in [
        (Mode::Blocking, "a", "allow allow "),
        (Mode::Blocking, "robot", "block block "),
        (Mode::Blocking, "suspect", "challenge challenge "),
        (Mode::Blocking, "broken", "allow allow internal"),
        (Mode::Monitoring, "robot", "allow block "),
    ] {
        let rti = RtiFairing::new(service.engine(mode))
            .on_challenge(|_, _| Box::pin(async { Some("captcha") }));
        let tell = AdHoc::on_response("tell", |request, response| {
            Box::pin(async move {
                let decision = request.guard::<RtiDecision>().await.succeeded().unwrap();
                let (action, policy_action) = (decision.action(), decision.policy_action());
                let reason = decision.reason().unwrap_or_default();
                let value = format!("{action} {policy_action} {reason}");
                response.set_header(Header::new("x-seen", value));
            })
        });
        let client = Client::untracked(shop().attach(rti).attach(tell))
            .await
            .unwrap();
        let request = client
            .get("/")
            .header(Header::new("user-agent", user_agent));
        let answer = request.dispatch().await;
        assert_eq!(
            answer.headers().get_one("x-seen"),
            Some(expected),
            "{user_agent}"
        );
    }
}
