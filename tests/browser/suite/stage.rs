//! What a case is given, and the running site that it makes of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rti_conformance::{Application, Challenge, Cors, Harness, Server, Setup};
use rti_core::{ConfigBuilder, Mode, Rti};
use rti_inspector::{Inspector, InspectorServer};
use rti_simulator::{Answer, Rule, Rules, Simulator};

/// So long that a loaded machine answers in time.
const GENEROUS: Duration = Duration::from_secs(5);

/// The simulators that a case started, to be looked at when it is over.
pub(crate) type Simulators = Arc<Mutex<Vec<Arc<Simulator>>>>;

/// A framework, and what the case makes of it.
///
/// Unless the case says otherwise: every visitor is valid, the mode is the default (monitoring), and
/// there is no callback and no CORS.
pub(crate) struct Stage {
    harness: &'static dyn Harness,
    simulators: Simulators,
    rules: Rules,
    config: ConfigBuilder,
    challenge: Challenge,
    kit: Option<rti_challenge::Challenge>,
    cors: Cors,
    inspector: Option<Inspector>,
}

impl Stage {
    pub(crate) fn new(harness: &'static dyn Harness, simulators: Simulators) -> Self {
        Self {
            harness,
            simulators,
            rules: [].into_iter().collect(),
            config: ConfigBuilder::default(),
            challenge: Challenge::None,
            kit: None,
            cors: Cors::None,
            inspector: None,
        }
    }

    /// Another stage on the same framework, for a case with two applications.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.harness, Arc::clone(&self.simulators))
    }

    /// The name of the framework.
    pub(crate) fn framework(&self) -> &'static str {
        self.harness.name()
    }

    /// Answers every payload with this verdict or fault.
    pub(crate) fn answer(self, answer: impl Into<Answer>) -> Self {
        self.rules([Rule::always().then(answer)])
    }

    /// Answers by these rules; whom none matches is valid.
    pub(crate) fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules = rules.into_iter().collect();
        self
    }

    /// Acts on verdicts.
    pub(crate) fn blocking(self) -> Self {
        self.configure(|config| config.mode(Mode::Blocking))
    }

    /// Sets options.
    pub(crate) fn configure(
        mut self,
        configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder,
    ) -> Self {
        self.config = configure(self.config);
        self
    }

    /// Sets what the challenge callback does.
    pub(crate) fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = challenge;
        self
    }

    /// Challenges visitors by this kit.
    pub(crate) fn kit(mut self, kit: rti_challenge::Challenge) -> Self {
        self.kit = Some(kit);
        self
    }

    /// Sets where CORS is. It allows [friends](rti_tests::browser::FRIEND).
    pub(crate) fn cors(mut self, cors: Cors) -> Self {
        self.cors = cors;
        self
    }

    /// Has the inspector observe, and serve its page.
    pub(crate) fn inspected(mut self) -> Self {
        self.inspector = Some(Inspector::new().unwrap());
        self
    }

    /// Starts the service and the application.
    pub(crate) async fn start(self) -> Site {
        let simulator = Simulator::builder().strict().rules(self.rules);
        let simulator = Arc::new(simulator.start().await.unwrap());
        self.simulators.lock().unwrap().push(Arc::clone(&simulator));
        let config = self.config.api_key("k-1").tag_hash("t-1");
        let config = config.api_endpoint(simulator.origin()).timeout(GENEROUS);
        let mut engine = Rti::builder(config.build().unwrap());
        if let Some(inspector) = &self.inspector {
            engine = inspector.observe(engine);
        }
        let rti = engine.build().unwrap();
        let inspector = self.inspector.map(|inspector| {
            inspector.watch(&rti);
            inspector.serve(([127, 0, 0, 1], 0).into()).unwrap()
        });
        let application = Application::default();
        let mut setup = Setup::new(application.clone(), rti);
        setup.challenge = self.challenge;
        setup.kit = self.kit;
        setup.cors = self.cors;
        Site {
            simulator,
            server: self.harness.start(setup).await,
            application,
            inspector,
        }
    }
}

/// A protected application, and the service that it asks, both running.
pub(crate) struct Site {
    pub(crate) simulator: Arc<Simulator>,
    server: Server,
    pub(crate) application: Application,
    /// Where the case has one.
    pub(crate) inspector: Option<InspectorServer>,
}

impl Site {
    /// Where the application listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// From now on answers every payload with this verdict or fault.
    pub(crate) fn answer(&self, answer: impl Into<Answer>) {
        self.simulator.set_rules([Rule::always().then(answer)]);
    }
}
