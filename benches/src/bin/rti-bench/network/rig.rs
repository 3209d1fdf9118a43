//! An engine, a path with delay and a verdict service.

use std::time::Duration;

use rti_bench::canned::{API_KEY, TAG_HASH};
use rti_core::{Config, ConfigBuilder, Mode, Rti};
use rti_test_network::{Behaviour, Http, Proxy, Service};
use tokio::time::Instant;

use super::visitors::Engine;

/// All of it, in the order in which it ends.
pub(super) struct Rig {
    pub(super) engine: Engine,
    pub(super) path: Path,
}

/// The path and the service, without an engine.
pub(super) struct Path {
    pub(super) proxy: Proxy,
    pub(super) service: Service,
}

impl Rig {
    pub(super) fn start(http: Http, round_trip: Duration) -> Self {
        Path::start(http, round_trip, |_| {}).with_engine(|config| config)
    }

    pub(super) fn behaving(
        http: Http,
        round_trip: Duration,
        change: impl FnOnce(&mut Behaviour),
    ) -> Self {
        Path::start(http, round_trip, change).with_engine(|config| config)
    }
}

impl Path {
    pub(super) fn start(
        http: Http,
        round_trip: Duration,
        change: impl FnOnce(&mut Behaviour),
    ) -> Self {
        let service = Service::builder(http).behaving(change).start();
        let proxy = Proxy::to(service.address()).round_trip(round_trip).start();
        Self { proxy, service }
    }

    pub(super) fn origin(&self) -> String {
        self.service.origin_through(&self.proxy)
    }

    pub(super) fn pem(&self) -> String {
        self.service.authority().pem()
    }

    /// An engine with the options' defaults, but for what `configure` sets.
    pub(super) fn engine(&self, configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder) -> Engine {
        let began = Instant::now();
        let rti = engine(&self.origin(), &self.pem(), configure);
        Engine { rti, began }
    }

    pub(super) fn with_engine(self, configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder) -> Rig {
        Rig {
            engine: self.engine(configure),
            path: self,
        }
    }
}

/// An engine that trusts the authority of this PEM.
pub(super) fn engine(
    origin: &str,
    pem: &str,
    configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder,
) -> Rti {
    let config = Config::builder(API_KEY, TAG_HASH, origin)
        .mode(Mode::Blocking)
        .ca_certificates(pem);
    let config = configure(config).build();
    let config = config.expect("the configuration of a measurement is valid");
    Rti::new(config).expect("TLS can be set up")
}
