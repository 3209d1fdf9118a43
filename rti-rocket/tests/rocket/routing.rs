//! What access logs see of RTI: nothing on a request that continues.

use std::sync::{Arc, Mutex};

use crate::harness::{Server, Service, app};
use rocket::fairing::AdHoc;
use rocket::http::uri::Origin;
use rocket::http::{Header, Method, Status};
use rocket::local::asynchronous::Client;
use rocket::{Build, Request, Rocket, catch, catchers, get, routes};
use rti_rocket::{Mode, RtiFairing};

#[get("/page")]
fn page() -> &'static str {
    "page"
}

#[catch(404)]
fn missing(request: &Request<'_>) -> String {
    format!("nothing at {}", request.uri())
}

/// Method, URI and name of the route.
type Entry = (Method, String, Option<String>);

/// What a response fairing sees of requests.
#[derive(Clone, Default)]
struct AccessLog(Arc<Mutex<Vec<Entry>>>);

impl AccessLog {
    fn attach(&self, app: Rocket<Build>) -> Rocket<Build> {
        let log = self.clone();
        app.attach(AdHoc::on_response("access log", move |request, _| {
            let route = request.route().and_then(|route| route.name.as_deref());
            let entry = (
                request.method(),
                request.uri().to_string(),
                route.map(str::to_owned),
            );
            log.0.lock().unwrap().push(entry);
            Box::pin(async {})
        }))
    }

    fn last(&self) -> Entry {
        self.0.lock().unwrap().pop().unwrap()
    }
}

fn shop(mode: Mode) -> (Rocket<Build>, AccessLog) {
    let log = AccessLog::default();
    let app = log.attach(app().mount("/", routes![page]));
    let app = app.register("/", catchers![missing]);
    let fairing = RtiFairing::new(Service::named("a").engine(mode));
    (app.attach(fairing), log)
}

#[rocket::async_test]
async fn a_request_that_continues_has_the_application_s_route_or_none() {
    for mode in [Mode::Blocking, Mode::Monitoring] {
        let (app, log) = shop(mode);
        let server = Server::start(app).await;
        for (line, method, uri, route) in [
            ("GET /page", Method::Get, "/page", Some("page")),
            ("GET /page?a=b", Method::Get, "/page?a=b", Some("page")),
            ("HEAD /page", Method::Get, "/page", Some("page")),
            ("GET /nowhere", Method::Get, "/nowhere", None),
            ("HEAD /nowhere", Method::Get, "/nowhere", None),
            ("POST /page", Method::Post, "/page", None),
        ] {
            server.ask(line, "a").await;
            let seen = (method, uri.to_owned(), route.map(str::to_owned));
            assert_eq!(log.last(), seen, "{line}");
        }
    }
}

#[rocket::async_test]
async fn a_blocked_request_keeps_its_method_and_path_and_has_rti_s_route() {
    let (app, log) = shop(Mode::Blocking);
    let server = Server::start(app).await;
    for (line, method, before) in [
        ("GET /page", Method::Get, "/page?rti="),
        ("HEAD /page", Method::Head, "/page?rti="),
        ("POST /nowhere?a=b", Method::Post, "/nowhere?a=b&rti="),
        ("DELETE /page?", Method::Delete, "/page?&rti="),
    ] {
        assert_eq!(server.ask(line, "robot").await.status(), 403, "{line}");
        let (seen, uri, route) = log.last();
        assert_eq!((seen, route.as_deref()), (method, Some("RTI")), "{line}");
        assert!(uri.starts_with(before), "{line}: {uri}");
    }
}

/// Rocket's parser takes none of these, its server does.
#[rocket::async_test]
async fn a_target_that_cannot_be_marked_is_blocked_too() {
    let (app, log) = shop(Mode::Blocking);
    let server = Server::start(app).await;
    for path in ["/a|b", "/a\"b", "/{a}", "/a?b|c", "/a%zz", "/a\u{e9}"] {
        let answer = server.ask(&format!("GET {path}"), "robot").await;
        assert!([403, 400].contains(&answer.status()), "{path}: {answer:?}");
        if answer.status() == 403 {
            assert_eq!(log.last().2.as_deref(), Some("RTI"), "{path}");
        }
    }
}

#[rocket::async_test]
async fn a_visitor_cannot_use_the_gate() {
    let (app, log) = shop(Mode::Blocking);
    let client = Client::untracked(app).await.unwrap();
    let robot = Header::new("User-Agent", "robot");
    client.get("/page").header(robot).dispatch().await;
    let (_, marked, _) = log.last();
    // Even one who knows the mark is served as anyone.
    let answer = client.get(Origin::parse(&marked).unwrap()).dispatch().await;
    assert_eq!(answer.into_string().await.unwrap(), "page");
    assert_eq!(log.last().2.as_deref(), Some("page"));
    for path in ["/nowhere", "/rti", "/nowhere?rti", "/nowhere?rti=0"] {
        let answer = client.get(path).dispatch().await;
        assert_eq!(answer.status(), Status::NotFound, "{path}");
        assert_eq!(log.last().2, None, "{path}");
    }
    let connect = client.req(Method::Connect, "/page").dispatch().await;
    assert_eq!(connect.status(), Status::NotFound);
}

#[rocket::async_test]
async fn a_mark_differs_from_application_to_application() {
    let mark = async || {
        let (app, log) = shop(Mode::Blocking);
        let client = Client::untracked(app).await.unwrap();
        let robot = Header::new("User-Agent", "robot");
        client.get("/").header(robot).dispatch().await;
        log.last().1
    };
    assert_ne!(mark().await, mark().await);
}

#[rocket::async_test]
async fn a_catcher_of_a_blocked_request_sees_the_visitor_s_uri() {
    let service = Service::named("a");
    let fairing = RtiFairing::new(service.blocking())
        .on_challenge(|_, _| Box::pin(async { Some(Err::<(), Status>(Status::NotFound)) }));
    let app = app().mount("/", routes![page]);
    let app = app.register("/", catchers![missing]).attach(fairing);
    let server = Server::start(app).await;
    for line in ["GET /page?a=b", "GET /nowhere"] {
        let path = line.split_once(' ').unwrap().1;
        let answer = server.ask(line, "suspect").await;
        assert_eq!(answer.body(), format!("nothing at {path}"));
    }
    // hyper removes the body too, in HTTP/1 alone: the suite has the same over HTTP/2.
    let head = server.ask("HEAD /nowhere", "suspect").await;
    assert_eq!((head.status(), head.body()), (404, ""));
    let missing = server.ask("HEAD /nowhere", "a").await;
    assert_eq!(head.comparable(), missing.comparable());
}
