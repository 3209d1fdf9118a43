//! A service that is as a scenario says, and a protected application that asks it.

use rti_conformance::{Application, Harness, Server, Setup};
use rti_core::{CircuitBreaker, Config, Mode, Rti};
use rti_simulator::{Rule, Simulator};

use crate::scenario::{DEADLINE, Scenario, Service, Unanswered};

/// Both, running, for as long as this lives.
pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) simulator: Option<Simulator>,
    _unanswered: Option<Unanswered>,
}

impl Rig {
    pub(crate) async fn start(
        framework: &'static dyn Harness,
        mode: Mode,
        scenario: &Scenario,
    ) -> Self {
        let (mut simulator, mut unanswered) = (None, None);
        let mut simulated = async |scheme: &str, rules| {
            let builder = Simulator::builder().strict().rules(rules);
            let started = builder.start().await.unwrap();
            let origin = format!("{scheme}://{}", started.address());
            simulator = Some(started);
            origin
        };
        let mut nobody_at = |nobody: Unanswered| {
            let origin = format!("http://{}", nobody.address);
            unanswered = Some(nobody);
            origin
        };
        let origin = match &scenario.service {
            Service::Simulator(rule) => simulated("http", vec![Rule::clone(rule)]).await,
            Service::WithoutTls => simulated("https", Vec::new()).await,
            Service::Nobody => nobody_at(Unanswered::refused().await),
            Service::FullBacklog => nobody_at(Unanswered::full_backlog().await),
        };
        let setup = Setup::new(Application::default(), engine(&origin, mode, scenario));
        Self {
            server: framework.start(setup).await,
            simulator,
            _unanswered: unanswered,
        }
    }
}

/// The options' defaults, save that every request is checked however many failed before it.
fn engine(origin: &str, mode: Mode, scenario: &Scenario) -> Rti {
    let certificate = rcgen::generate_simple_self_signed(["nobody.example".to_owned()]).unwrap();
    let config = Config::builder("k-1", "t-1", origin)
        .mode(mode)
        .timeout(DEADLINE)
        .circuit_breaker(CircuitBreaker::Off)
        // A machine without certificates can measure as well: no certificate is good here.
        .ca_certificates(certificate.cert.pem());
    Rti::new((scenario.configure)(config).build().unwrap()).unwrap()
}
