//! What a server needs beside its framework.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use rti_bench::canned::{self, API_KEY, TAG_HASH};
use rti_bench::sample::Sample;
use rti_core::{ApiVersion, CircuitBreaker, Config, Mode, ReqwestTransport, Rti};
use rti_inspector::Inspector;

use super::control::Options;
use crate::ask::{self, ByHand};
use crate::subject::Way;
use crate::wire::{Wire, certificate_of};

const GREETING: &str = "hello";

/// What a handler shares with all others: by reference, as what is posted by hand must not be made
/// dearer by copies.
pub(super) struct Setup {
    pub(super) rti: Option<Rti>,
    asking: Asking,
}

enum Asking {
    Nothing,
    Timer(Duration),
    ByHand(Box<ByHand>),
}

impl Setup {
    pub(super) fn new(options: &Options) -> Self {
        let service = options.service;
        let asking = match options.subject.way {
            Way::Bare | Way::Rti | Way::RtiInspector | Way::RtiReqwest => Asking::Nothing,
            Way::Timer => Asking::Timer(options.timeout),
            Way::Reqwest => Asking::ByHand(ByHand::reqwest(options.wire, service, body()).into()),
            Way::HyperUtil => {
                Asking::ByHand(ByHand::hyper_util(options.wire, service, body()).into())
            }
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

/// Which handler a way needs: RTI is around it, all else is in it.
fn is_layered(way: Way) -> bool {
    matches!(way, Way::Rti | Way::RtiInspector | Way::RtiReqwest)
}

fn engine(options: &Options) -> Rti {
    let breaker = if options.breaker {
        CircuitBreaker::On
    } else {
        CircuitBreaker::Off
    };
    let (wire, service) = (options.wire, options.service);
    let config = Config::builder(API_KEY, TAG_HASH, wire.origin(service));
    let config = match wire {
        Wire::Plain => config.mode(Mode::Blocking),
        // The service over TLS finds a threat in each request, and the load wants to see its page.
        Wire::TlsHttp1 | Wire::TlsHttp2 => config
            .mode(Mode::Monitoring)
            .ca_file(certificate_of(service)),
    };
    let config = config
        .timeout(options.timeout)
        .circuit_breaker(breaker)
        .max_in_flight(options.max_in_flight)
        .build()
        .expect("the configuration of a measurement is valid");
    match options.subject.way {
        Way::RtiReqwest => {
            let transport =
                ReqwestTransport::new(ask::client(wire, service), config.api_endpoint());
            Rti::with_transport(
                config,
                transport.expect("a client without TLS can be built"),
            )
        }
        Way::RtiInspector => {
            let inspector = Inspector::new().expect("a thread can be started");
            let engine = inspector.observe(Rti::builder(config));
            engine.build().expect("a client without TLS can be built")
        }
        _ => Rti::new(config).expect("a client without TLS can be built"),
    }
}

/// What RTI posts about the browser's request: those who post by hand post the same.
pub(crate) fn body() -> Bytes {
    canned::encoded(ApiVersion::V1, &Sample::browser())
}

/// An address for a server: any free port of loopback.
pub(super) fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}
