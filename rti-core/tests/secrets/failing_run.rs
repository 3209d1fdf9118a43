//! All that goes wrong, one after the other, with everything printed that can be.

use std::sync::Arc;
use std::time::Duration;

use rti_core::{
    ApiRequest, ApiResponse, ApiVersion, CallError, ConfigBuilder, Decision, FailOpenReason,
    HttpTransport, Outcome, Rti, Transport,
};
use rti_simulator::{Fault, Rule, Simulator, Verdict};

use crate::authority::Authority;
use crate::checking::Page;
use crate::key::KEY;
use crate::service::{Alpn, Service};

fn config(origin: &str) -> ConfigBuilder {
    crate::checking::config(origin)
        .api_key(KEY)
        .timeout(Duration::from_millis(500))
}

/// Prints what it can of each step.
async fn check(rti: &Rti) -> Decision {
    let inspection = rti.inspect(&Page::default());
    println!("{rti:?} {inspection:?} {:?}", inspection.payload());
    let decision = rti.decide(inspection).await;
    println!("{decision:?} {:?}", decision.outcome());
    decision
}

/// Everything, as the program of a user would do it.
pub(crate) async fn run() {
    for version in [ApiVersion::V1, ApiVersion::V3, ApiVersion::V4_1] {
        let builder = config("http://127.0.0.1:9").api_version(version);
        println!("{builder:?}");
        println!("{:?}", builder.build().unwrap());
        faults(version).await;
    }
    over_tls().await;
    transports_of_others().await;
    panicking_extractor().await;
}

async fn faults(version: ApiVersion) {
    let simulator = Simulator::builder().strict().start().await.unwrap();
    let engine = || {
        let config = config(&simulator.origin()).api_version(version);
        Rti::new(config.build().unwrap()).unwrap()
    };
    for fault in [
        Fault::Hang,
        Fault::Reset,
        Fault::Close,
        Fault::status_with_body(401, format!("there is no key {KEY}")),
        Fault::redirect(format!("http://127.0.0.1:9/?{KEY}")),
        Fault::MalformedJson,
        Fault::WrongTypes,
        Fault::TruncatedHead,
        Fault::TruncatedBody,
        Fault::EndlessBody,
        Fault::Garbage,
        Fault::CloseOnNextRequest(Verdict::threat(3)),
    ] {
        simulator.set_rules([Rule::always().then(fault)]);
        // An engine of its own for each: only the first failure in a row is logged.
        let rti = engine();
        check(&rti).await;
        check(&rti).await;
    }
    simulator.set_rules([Rule::always().then(Fault::status(503))]);
    let config = config(&simulator.origin())
        .api_version(version)
        .circuit_breaker_window(Duration::from_millis(1));
    let rti = Rti::new(config.build().unwrap()).unwrap();
    let open = Outcome::FailedOpen(FailOpenReason::CircuitOpen);
    while *check(&rti).await.outcome() != open {}
}

async fn over_tls() {
    let authority = Authority::new();
    let good = Service::start(authority.good(), Alpn::Http2).await;
    let bad = Service::start(authority.expired(), Alpn::Http1).await;
    let other = Authority::new();
    for (origin, trusted) in [
        (good.origin.as_str(), &authority),
        (&bad.origin, &authority),
        (&good.origin, &other),
        ("https://does-not-exist.invalid", &authority),
    ] {
        let config = config(origin).ca_certificates(trusted.pem());
        let config = config.build().unwrap();
        let transport = HttpTransport::new(&config).unwrap();
        println!("{transport:?}");
        check(&Rti::with_transport(config, transport)).await;
    }
}

/// What others may do with a call: print it, and fail with what it was.
struct Talkative;

#[rti_core::async_trait]
impl Transport for Talkative {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        println!("{call:?}");
        let error = CallError::new(FailOpenReason::Connect, format!("lost {call:?}"));
        println!("{error} {error:?}");
        Err(error)
    }
}

/// Its panic says what it was given.
struct Panicking;

#[rti_core::async_trait]
impl Transport for Panicking {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        panic!("cannot send {call:?}");
    }
}

async fn transports_of_others() {
    let config = || config("http://127.0.0.1:9").build().unwrap();
    check(&Rti::with_transport(config(), Talkative)).await;
    check(&Rti::with_transport(config(), Panicking)).await;
}

async fn panicking_extractor() {
    // It knows the engine, as one does that lives in an application's state.
    let known = Arc::new(std::sync::OnceLock::<Rti>::new());
    let told = Arc::clone(&known);
    let config = config("http://127.0.0.1:9").channel(move |_| panic!("no channel: {told:?}"));
    let rti = Rti::new(config.build().unwrap()).unwrap();
    known.set(rti.clone()).unwrap();
    check(&rti).await;
}
