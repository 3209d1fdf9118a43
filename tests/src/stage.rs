//! What a case is given, and sets to its needs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rti_core::{ApiVersion, ConfigBuilder, Mode, Observer, Rti, Strategy};
use rti_simulator::{Answer, Rule, Rules, Simulator};

use crate::application::{Application, BlockPage, Challenge};
use crate::capability::Capability;
use crate::cors::Cors;
use crate::harness::{Harness, Setup};
use crate::limits::Limits;
use crate::site::Site;

/// So long that a loaded machine answers in time: cases about time set their own.
const GENEROUS: Duration = Duration::from_secs(5);

/// The credentials that cases are configured with.
pub(crate) const API_KEY: &str = "k-1";
pub(crate) const TAG_HASH: &str = "t-1";

/// Where a case plays: a framework, a protocol, and what the case makes of them.
///
/// Unless the case says otherwise: every visitor is valid, the mode is the default (monitoring),
/// the timeout generous, and there is no challenge callback.
pub(crate) struct Stage {
    limits: Limits,
    protocol: ApiVersion,
    simulators: Simulators,
    rules: Rules,
    options: ConfigBuilder,
    config: Vec<Configure>,
    second: Option<Configure>,
    challenge: Challenge,
    kit: Option<rti_challenge::Challenge>,
    second_kit: Option<rti_challenge::Challenge>,
    observer: Option<Arc<dyn Observer>>,
    second_observer: Option<Arc<dyn Observer>>,
    block_page: BlockPage,
    layers: usize,
    cors: Cors,
}

type Configure = Box<dyn FnOnce(ConfigBuilder) -> ConfigBuilder + Send>;

/// The simulators that a case started, to be looked at when it is over.
pub(crate) type Simulators = Arc<Mutex<Vec<Arc<Simulator>>>>;

impl Stage {
    pub(crate) fn new(limits: Limits, protocol: ApiVersion, simulators: Simulators) -> Self {
        Self {
            limits,
            protocol,
            simulators,
            rules: [].into_iter().collect(),
            options: ConfigBuilder::default(),
            config: Vec::new(),
            second: None,
            challenge: Challenge::None,
            kit: None,
            second_kit: None,
            observer: None,
            second_observer: None,
            block_page: BlockPage::None,
            layers: 1,
            cors: Cors::None,
        }
    }

    /// Another stage of the same kind, for a case that plays more than once.
    #[must_use]
    pub(crate) fn again(&self) -> Self {
        let simulators = Arc::clone(&self.simulators);
        Self::new(self.limits.clone(), self.protocol, simulators)
    }

    /// The framework under test, for what differs between them.
    pub(crate) fn harness(&self) -> &'static dyn Harness {
        self.limits.harness()
    }

    /// The protocol between RTI and the service.
    pub(crate) fn protocol(&self) -> ApiVersion {
        self.protocol
    }

    fn is_v4(&self) -> bool {
        matches!(self.protocol, ApiVersion::V4_0 | ApiVersion::V4_1)
    }

    /// The cookies that a verdict with this one sets: none, where the protocol has no place for it.
    pub(crate) fn set_by_verdict(&self, cookie: &'static str) -> Vec<&'static str> {
        if self.is_v4() { vec![] } else { vec![cookie] }
    }

    /// The name of a session cookie, and of the field that its value travels in.
    pub(crate) fn session_cookie(&self) -> (&'static str, &'static str) {
        if self.is_v4() {
            ("_cq_duid", "duidCookie")
        } else {
            ("_cheq_rti", "CheqCookie")
        }
    }

    /// Whether the framework can do this. A case that asks must pin what happens where it cannot.
    pub(crate) fn can(&self, capability: Capability) -> bool {
        self.limits.reason(capability).is_none()
    }

    /// Answers every payload with this verdict or fault.
    #[must_use]
    pub(crate) fn answer(self, answer: impl Into<Answer>) -> Self {
        self.rules([Rule::always().then(answer)])
    }

    /// Answers by these rules; whom none matches is valid.
    #[must_use]
    pub(crate) fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules = rules.into_iter().collect();
        self
    }

    /// Acts on verdicts.
    #[must_use]
    pub(crate) fn blocking(self) -> Self {
        self.configure(|config| config.mode(Mode::Blocking))
    }

    /// Acts on verdicts, and sends visitors there who would be blocked.
    #[must_use]
    pub(crate) fn redirecting(self, url: &'static str) -> Self {
        let by_strategy = self.is_v4();
        self.blocking().configure(move |config| {
            let config = config.redirect_url(url);
            if by_strategy {
                return config.blocking_strategy(Strategy::Redirect);
            }
            config
        })
    }

    /// Sets options.
    #[must_use]
    pub(crate) fn configure(
        mut self,
        configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder + Send + 'static,
    ) -> Self {
        self.config.push(Box::new(configure));
        self
    }

    /// Takes options that were read from elsewhere. They come first, and need no credentials and no
    /// endpoint.
    #[must_use]
    pub(crate) fn configure_from(mut self, options: ConfigBuilder) -> Self {
        self.options = options;
        self
    }

    /// Protects the same routes below `/second` with an engine of their own, which has these
    /// options, and none of [`configure`](Self::configure).
    #[must_use]
    pub(crate) fn second(
        mut self,
        configure: impl FnOnce(ConfigBuilder) -> ConfigBuilder + Send + 'static,
    ) -> Self {
        self.second = Some(Box::new(configure));
        self
    }

    /// Sets what the challenge callback does.
    #[must_use]
    pub(crate) fn challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = challenge;
        self
    }

    /// Challenges visitors by this kit.
    #[must_use]
    pub(crate) fn kit(mut self, kit: rti_challenge::Challenge) -> Self {
        self.kit = Some(kit);
        self
    }

    /// Challenges those below `/second` by this kit.
    #[must_use]
    pub(crate) fn second_kit(mut self, kit: rti_challenge::Challenge) -> Self {
        self.second_kit = Some(kit);
        self
    }

    /// Observes the engine.
    #[must_use]
    pub(crate) fn observer(mut self, observer: Arc<impl Observer>) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Observes the engine of what is below `/second`.
    #[must_use]
    pub(crate) fn second_observer(mut self, observer: Arc<impl Observer>) -> Self {
        self.second_observer = Some(observer);
        self
    }

    /// Sets what the callback for the page of blocked visitors does.
    #[must_use]
    pub(crate) fn block_page(mut self, block_page: BlockPage) -> Self {
        self.block_page = block_page;
        self
    }

    /// Layers the engine this often around the application.
    #[must_use]
    pub(crate) fn layered(mut self, times: usize) -> Self {
        self.layers = times;
        self
    }

    /// Lets pages of [`FRIEND`](crate::cors::FRIEND) read responses.
    #[must_use]
    pub(crate) fn cors(mut self, cors: Cors) -> Self {
        self.cors = cors;
        self
    }

    /// Starts the service and the application.
    pub(crate) async fn start(self) -> Site {
        let simulator = Simulator::builder()
            .strict()
            .rules(self.rules)
            .api_key(API_KEY)
            .tag_hash(TAG_HASH);
        let simulator = Arc::new(simulator.start().await.unwrap());
        self.simulators.lock().unwrap().push(Arc::clone(&simulator));
        let origin = simulator.origin();
        let complete = |options| complete(self.protocol, &origin, options);
        let config = complete(self.options);
        let config = self
            .config
            .into_iter()
            .fold(config, |config, set| set(config));
        let second = self
            .second
            .map(|set| set(complete(ConfigBuilder::default())));
        let application = Application::default();
        let rti = engine(config, self.observer);
        let setup = Setup {
            layers: self.layers,
            challenge: self.challenge,
            kit: self.kit,
            second_kit: self.second_kit,
            cors: self.cors,
            block_page: self.block_page,
            second: second.map(|config| engine(config, self.second_observer)),
            ..Setup::new(application.clone(), rti.clone())
        };
        let server = self.limits.harness().start(setup).await;
        Site::new(simulator, server, application, rti, self.protocol)
    }
}

/// The options of every case beside its own.
pub(crate) fn complete(
    protocol: ApiVersion,
    origin: &str,
    options: ConfigBuilder,
) -> ConfigBuilder {
    let options = options.api_key(API_KEY).tag_hash(TAG_HASH);
    let options = options.api_endpoint(origin).timeout(GENEROUS);
    options.api_version(protocol)
}

fn engine(config: ConfigBuilder, observer: Option<Arc<dyn Observer>>) -> Rti {
    let mut builder = Rti::builder(config.build().unwrap());
    if let Some(observer) = observer {
        builder = builder.observer(observer);
    }
    builder.build().unwrap()
}
