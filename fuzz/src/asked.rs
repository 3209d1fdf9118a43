//! An engine that asks nobody, and what it would have asked.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex};

use rti_core::{
    ApiRequest, ApiResponse, ApiVersion, CallError, CircuitBreaker, Config, ConfigBuilder,
    Decision, FailOpenReason, Mode, Outcome, Rti, Transport,
};
use tokio::runtime::{Builder, Runtime};

use crate::{FuzzRequest, Question};

/// The key of every engine here.
pub const KEY: &str = "fuzz-key-0123456789abcdef";

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().unwrap());

/// A configuration that acts on verdicts and never gives up asking.
pub fn config(version: ApiVersion) -> ConfigBuilder {
    Config::builder(KEY, "t-1", "http://127.0.0.1:9")
        .api_version(version)
        .mode(Mode::Blocking)
        .circuit_breaker(CircuitBreaker::Off)
}

/// An engine, and what lies between it and a service.
pub struct Engine {
    rti: Rti,
    version: ApiVersion,
    wire: Wire,
}

#[derive(Clone)]
struct Wire(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    answer: Vec<u8>,
    asked: Option<ApiRequest>,
}

/// What came of one request.
#[derive(Debug)]
pub struct Asked {
    /// The decision.
    pub decision: Decision,
    /// What was asked, if anything was.
    pub payload: Option<Question>,
    /// The client address, if anything was asked.
    pub client_ip: Option<IpAddr>,
}

impl Engine {
    /// An engine with these options; `None` where they are not valid.
    pub fn new(config: ConfigBuilder) -> Option<Self> {
        let config = config.build().ok()?;
        let version = config.api_version();
        let wire = Wire(Arc::default());
        let rti = Rti::with_transport(config, wire.clone());
        Some(Self { rti, version, wire })
    }

    /// Asks about a request. It must not break, whatever the request is.
    pub fn ask(&self, request: &FuzzRequest) -> Asked {
        self.ask_and_hear(request, br#"{"isInvalid":false,"threatTypeCode":0}"#)
    }

    /// Asks about a request, and is answered so.
    pub fn ask_and_hear(&self, request: &FuzzRequest, answer: &[u8]) -> Asked {
        *self.wire.0.lock().unwrap() = State {
            answer: answer.to_vec(),
            asked: None,
        };
        let inspection = self.rti.inspect(request);
        let client_ip = inspection.payload().and_then(|payload| payload.client_ip());
        let decision = RUNTIME.block_on(self.rti.decide(inspection));
        let broken = Outcome::FailedOpen(FailOpenReason::Internal);
        assert_ne!(decision.outcome(), &broken, "a panic was caught");
        let asked = self.wire.0.lock().unwrap().asked.take();
        Asked {
            decision,
            payload: asked.map(|call| Question::read(self.version, &call)),
            client_ip,
        }
    }
}

#[rti_core::async_trait]
impl Transport for Wire {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        let mut state = self.0.lock().unwrap();
        state.asked = Some(call);
        Ok(ApiResponse::new(200, state.answer.clone()))
    }
}
