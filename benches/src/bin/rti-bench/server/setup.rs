//! What a server needs beside its framework.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use rti_bench::canned::{self, API_KEY, Canned, TAG_HASH};
use rti_bench::sample::Sample;
use rti_core::{ApiVersion, CircuitBreaker, Config, Mode, Rti};

use super::{GREETING, Options, is_layered};
use crate::ask::{ByHand, HyperUtil};
use crate::subject::Way;

/// A handler's state; cheap to clone.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) rti: Option<Rti>,
    asking: Asking,
}

#[derive(Clone)]
enum Asking {
    Nothing,
    Timer(Duration),
    ByHand(ByHand),
}

impl Setup {
    pub(super) fn new(options: &Options) -> Self {
        let service = options.service;
        let asking = match options.subject.way {
            Way::Bare | Way::Rti | Way::RtiHyperUtil => Asking::Nothing,
            Way::Timer => Asking::Timer(options.timeout),
            Way::Reqwest => Asking::ByHand(ByHand::reqwest(service, body())),
            Way::HyperUtil => Asking::ByHand(ByHand::hyper_util(service, body())),
        };
        let rti = is_layered(options.subject.way).then(|| engine(options));
        Self { rti, asking }
    }

    /// What the handler does.
    pub(super) async fn greet(&self) -> &'static str {
        match &self.asking {
            Asking::Nothing => {}
            Asking::Timer(wait) => tokio::time::sleep(*wait).await,
            Asking::ByHand(by_hand) => {
                by_hand.ask().await;
            }
        }
        GREETING
    }
}

fn engine(options: &Options) -> Rti {
    let breaker = if options.breaker {
        CircuitBreaker::On
    } else {
        CircuitBreaker::Off
    };
    let config = Config::builder(API_KEY, TAG_HASH, format!("http://{}", options.service))
        .mode(Mode::Blocking)
        .timeout(options.timeout)
        .circuit_breaker(breaker)
        .max_in_flight(options.max_in_flight)
        .build()
        .expect("the configuration of a measurement is valid");
    match options.subject.way {
        Way::RtiHyperUtil => Rti::with_transport(config, HyperUtil::new(options.service)),
        _ => Rti::new(config).expect("a client without TLS can be built"),
    }
}

/// What RTI posts about the browser's request: those who post by hand post the same.
pub(crate) fn body() -> Bytes {
    let body = Arc::new(Mutex::new(Bytes::new()));
    let kept = Arc::clone(&body);
    let seen = move |call: &rti_core::Call| {
        *kept.lock().expect("nothing panics with the lock") = call.body.clone();
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime can be built");
    let _entered = runtime.enter();
    let config = canned::config(ApiVersion::V1, "http://127.0.0.1:9", &[]);
    let rti = Rti::with_transport(config, Canned::new(ApiVersion::V1, seen, || {}));
    let decision = rti.decide(rti.inspect(&Sample::browser())).now_or_never();
    decision.expect("a canned transport answers at once");
    let body = body.lock().expect("nothing panics with the lock");
    body.clone()
}

/// An address for a server: any free port of loopback.
pub(super) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
