//! Rocket: an application with the fairing attached.

mod routes;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use rocket::fairing::AdHoc;
use rocket::http::{Method, Status};
use rocket::response::Redirect;
use rocket::{Build, Request, Response, Rocket};
use rti_rocket::{Decision, Requester, RtiFairing, RtiReply};
use tokio::sync::oneshot;

use rti_conformance::application::{BlockPage, Challenge, panic_on_purpose};
use rti_conformance::cors::Cors;
use rti_conformance::{Capability, Harness, Limit, Server, Setup};

use crate::browser::is_friend;

pub(super) struct RocketFramework;

const LIMITS: &[Limit] = &[
    Limit {
        capability: Capability::HeaderCase,
        reason: "hyper keeps header names in lower case",
    },
    Limit {
        capability: Capability::RepeatedHeaderPlaces,
        reason: "the header maps of hyper and Rocket move repeats to the first of their name",
    },
    Limit {
        capability: Capability::NonUtf8HeaderValues,
        reason: "Rocket drops headers whose value is not UTF-8",
    },
    Limit {
        capability: Capability::UnknownMethods,
        reason: "Rocket answers methods it does not know with 400 before any fairing",
    },
    Limit {
        capability: Capability::AbsoluteTargets,
        reason: "Rocket does not tell the host of an absolute target: the `Host` header stands for it",
    },
    Limit {
        capability: Capability::RemovesHeaders,
        reason: "Rocket cannot remove a header of a request: it loses its value",
    },
    Limit {
        capability: Capability::ExpectContinue,
        reason: "Rocket looks into a body before any fairing, which gives the go-ahead",
    },
    Limit {
        capability: Capability::HeadBeforeBody,
        reason: "Rocket waits for the first bytes of a body before any fairing",
    },
    Limit {
        capability: Capability::NoticesHangUp,
        reason: "Rocket handles a request to its end on a task of its own",
    },
    Limit {
        capability: Capability::ResponsesInside,
        reason: "a response fairing of Rocket's sees every response, whoever gave it",
    },
    Limit {
        capability: Capability::TwoEngines,
        reason: "a fairing of Rocket's sees every request of the application",
    },
];

impl Harness for RocketFramework {
    fn name(&self) -> &'static str {
        "rocket"
    }

    fn middleware(&self) -> &'static str {
        "rust_rocket_"
    }

    fn limits(&self) -> &'static [Limit] {
        LIMITS
    }

    fn start(&self, setup: Setup) -> BoxFuture<'static, Server> {
        async move {
            let (lifted_off, liftoff) = oneshot::channel();
            let app = app(&setup).attach(AdHoc::on_liftoff("address", |rocket| {
                let address = (rocket.config().address, rocket.config().port);
                lifted_off.send(address).unwrap();
                Box::pin(async {})
            }));
            let app = app.ignite().await.unwrap();
            let shutdown = app.shutdown();
            let launched = tokio::spawn(app.launch());
            let (server, stop, stopped) = Server::new(liftoff.await.unwrap().into());
            tokio::spawn(async move {
                let _ = stop.await;
                shutdown.notify();
                launched.await.unwrap().unwrap();
                stopped.send_replace(true);
            });
            server
        }
        .boxed()
    }
}

fn app(setup: &Setup) -> Rocket<Build> {
    let config = rocket::Config::figment()
        .merge(("address", "127.0.0.1"))
        .merge(("port", 0))
        .merge(("log_level", "off"))
        .merge(("cli_colors", false))
        .merge(("shutdown.ctrlc", false));
    let mut app = rocket::custom(config)
        .manage(setup.application.clone())
        .mount("/", routes::pages())
        .mount("/", routes::documents())
        .mount("/", routes::answers());
    if setup.cors == Cors::Outside {
        app = app.attach(cors()).mount("/", routes::preflights());
    }
    for _ in 0..setup.layers {
        let fairing = RtiFairing::new(setup.rti.clone());
        let fairing = match setup.challenge {
            Challenge::None => fairing,
            behaviour => fairing.on_challenge(move |_request, decision| {
                Box::pin(async move { challenge(behaviour, &decision) })
            }),
        };
        let fairing = match &setup.kit {
            None => fairing,
            Some(kit) => fairing.challenge(kit.clone()),
        };
        app = app.attach(match setup.block_page {
            BlockPage::None => fairing,
            behaviour => fairing.on_block(move |_request, _decision| block_page(behaviour)),
        });
    }
    if setup.cors == Cors::Inside {
        app = app.attach(cors()).mount("/", routes::preflights());
    }
    app
}

fn block_page(behaviour: BlockPage) -> Option<(Status, &'static str)> {
    match behaviour {
        BlockPage::None | BlockPage::BuiltIn => None,
        BlockPage::Own => Some((Status::Gone, BlockPage::PAGE)),
        BlockPage::Panic => panic_on_purpose(),
    }
}

/// There is no CORS in Rocket.
fn cors() -> AdHoc {
    AdHoc::on_response("CORS", |request, response| {
        Box::pin(async { allow(request, response) })
    })
}

fn allow(request: &Request<'_>, response: &mut Response<'_>) {
    response.adjoin_raw_header("Vary", "Origin");
    let origin = request.headers().get_one("Origin");
    let Some(friend) = origin.filter(|origin| is_friend(origin)) else {
        return;
    };
    response.set_raw_header("Access-Control-Allow-Origin", friend.to_owned());
    response.set_raw_header("Access-Control-Allow-Credentials", "true");
    if request.method() == Method::Options {
        response.set_raw_header("Access-Control-Allow-Methods", "GET, POST");
        response.set_raw_header("Access-Control-Allow-Headers", "content-type");
    }
}

type Challenged = Result<Redirect, Result<(Status, String), RtiReply>>;

fn challenge(behaviour: Challenge, decision: &Decision) -> Option<Challenged> {
    match behaviour {
        Challenge::None | Challenge::Continue => None,
        Challenge::CaptchaOrDenial if decision.requester() != Requester::Navigation => {
            decision.denial().map(|denial| Err(Err(RtiReply(denial))))
        }
        Challenge::CaptchaOrDenial => Some(Ok(Redirect::found("/captcha"))),
        Challenge::Answer => {
            let code = decision.verdict()?.threat_type().code();
            let page = format!("{}{code}", Challenge::PAGE);
            Some(Err(Ok((Status::Unauthorized, page))))
        }
        Challenge::Panic => panic_on_purpose(),
    }
}
