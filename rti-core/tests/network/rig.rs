//! An engine, a path with delay and a verdict service.

use std::time::Duration;

use rti_core::{ConfigBuilder, Rti};
use rti_test_network::{Behaviour, Http, Proxy, Service};

use crate::checking::config;

/// The default of the options.
pub(crate) const DEADLINE: Duration = Duration::from_millis(100);

/// A connection over TLS 1.3 takes two of these before a call can be sent: the deadline passes
/// between the connect and the answer.
pub(crate) const FAR: Duration = Duration::from_millis(40);

/// So near that a call on a fresh connection is answered within the deadline.
pub(crate) const NEAR: Duration = Duration::from_millis(20);

/// How long the engine may take to find its feet: the targets hold from then on.
pub(crate) const SETTLED: Duration = Duration::from_secs(1);

/// All of it, in the order in which it ends.
pub(crate) struct Rig {
    pub(crate) rti: Rti,
    pub(crate) proxy: Proxy,
    pub(crate) service: Service,
}

impl Rig {
    pub(crate) fn start(http: Http, round_trip: Duration) -> Self {
        Self::behaving(http, round_trip, |_| {})
    }

    pub(crate) fn behaving(
        http: Http,
        round_trip: Duration,
        change: impl FnOnce(&mut Behaviour),
    ) -> Self {
        Self::configured(http, round_trip, change, |config| config)
    }

    pub(crate) fn configured(
        http: Http,
        round_trip: Duration,
        change: impl FnOnce(&mut Behaviour),
        configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder,
    ) -> Self {
        let service = Service::builder(http).behaving(change).start();
        let proxy = Proxy::to(service.address()).round_trip(round_trip).start();
        let config = config(&service.origin_through(&proxy))
            .timeout(DEADLINE)
            .min_idle_connections(4);
        Self {
            rti: trusting(&service, configure(config)),
            proxy,
            service,
        }
    }
}

/// An engine that trusts the service's authority.
fn trusting(service: &Service, config: ConfigBuilder) -> Rti {
    let config = config.ca_certificates(service.authority().pem());
    Rti::new(config.build().unwrap()).unwrap()
}
