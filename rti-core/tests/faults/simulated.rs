//! A service whose answers follow from the time of the call, and visitors at a steady rate. With
//! tokio's clock paused, a minute of it takes no time and is the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rti_core::{
    ApiRequest, ApiResponse, CallError, CircuitBreaker, ConfigBuilder, Decision, FailOpenReason,
    Rti, Transport,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::checking::{check, config};

/// The default of the options.
pub(crate) const DEADLINE: Duration = Duration::from_millis(100);

/// What a healthy service takes for an answer.
pub(crate) const SERVICE_TIME: Duration = Duration::from_millis(10);

/// What a call comes to, and after how long.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reply {
    Verdict(Duration),
    Status(u16, Option<Duration>),
    Error(FailOpenReason),
    Never,
}

impl Reply {
    /// Of a healthy service.
    pub(crate) const PROMPT: Self = Self::Verdict(SERVICE_TIME);
    /// Of a machine on which nothing listens.
    pub(crate) const REFUSED: Self = Self::Error(FailOpenReason::Connect);
}

type Behaviour = dyn Fn(Duration) -> Reply + Send + Sync;

/// Clones share it.
#[derive(Clone)]
pub(crate) struct Simulated(Arc<State>);

struct State {
    began: Instant,
    behaviour: Box<Behaviour>,
    calls: Mutex<Vec<Duration>>,
    bodies: Mutex<Vec<bytes::Bytes>>,
}

impl Simulated {
    /// The reply follows from the time since now at which a call is made.
    pub(crate) fn new(behaviour: impl Fn(Duration) -> Reply + Send + Sync + 'static) -> Self {
        Self(Arc::new(State {
            began: Instant::now(),
            behaviour: Box::new(behaviour),
            calls: Mutex::default(),
            bodies: Mutex::default(),
        }))
    }

    /// An engine with the options' defaults.
    pub(crate) fn engine(&self) -> Rti {
        self.engine_with(|config| config)
    }

    pub(crate) fn engine_with(&self, options: impl Fn(ConfigBuilder) -> ConfigBuilder) -> Rti {
        let config = options(config("http://127.0.0.1:9").timeout(DEADLINE));
        Rti::with_transport(config.build().unwrap(), self.clone())
    }

    /// An engine that calls whatever happened before: its verdicts are those that were obtainable.
    pub(crate) fn engine_that_always_calls(&self) -> Rti {
        self.engine_with(|config| config.circuit_breaker(CircuitBreaker::Off))
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.began.elapsed()
    }

    /// When calls were made, since the service began.
    pub(crate) fn calls(&self) -> Vec<Duration> {
        self.0.calls.lock().unwrap().clone()
    }

    /// What was sent.
    pub(crate) fn bodies(&self) -> Vec<bytes::Bytes> {
        self.0.bodies.lock().unwrap().clone()
    }
}

#[rti_core::async_trait]
impl Transport for Simulated {
    async fn send(&self, request: ApiRequest) -> Result<ApiResponse, CallError> {
        let now = self.elapsed();
        self.0.calls.lock().unwrap().push(now);
        self.0.bodies.lock().unwrap().push(request.body);
        match (self.0.behaviour)(now) {
            Reply::Verdict(after) => {
                tokio::time::sleep(after).await;
                let verdict = r#"{"isInvalid":true,"threatTypeCode":3}"#;
                Ok(ApiResponse::new(200, verdict))
            }
            Reply::Status(status, retry_after) => {
                Ok(ApiResponse::new(status, "").with_retry_after(retry_after))
            }
            Reply::Error(reason) => Err(reason.into()),
            Reply::Never => std::future::pending().await,
        }
    }
}

/// One visitor's request, and what became of it.
#[derive(Debug)]
pub(crate) struct Visit {
    /// Since the first visitor.
    pub(crate) arrived: Duration,
    pub(crate) decision: Decision,
}

impl Visit {
    pub(crate) fn is_evaluated(&self) -> bool {
        self.decision.outcome().as_str() == "evaluated"
    }

    /// Whether the visitor waited for the whole deadline, and in vain.
    pub(crate) fn waited_in_vain(&self) -> bool {
        !self.is_evaluated() && self.decision.elapsed() >= DEADLINE
    }
}

/// Visitors at a steady rate, in the order of arrival.
pub(crate) async fn visits(rti: &Rti, per_second: u32, during: Duration) -> Vec<Visit> {
    let began = Instant::now();
    let mut visits = JoinSet::new();
    let every = Duration::from_secs(1) / per_second;
    let mut next = Duration::ZERO;
    while next < during {
        tokio::time::sleep_until(began + next).await;
        let (rti, arrived) = (rti.clone(), next);
        visits.spawn(async move {
            let decision = check(&rti).await;
            Visit { arrived, decision }
        });
        next += every;
    }
    let mut visits = visits.join_all().await;
    visits.sort_by_key(|visit| visit.arrived);
    visits
}

/// Which part of the verdicts that were obtainable came: of two equal services, one is called for
/// every visitor.
pub(crate) async fn obtained(
    service: impl Fn() -> Simulated,
    per_second: u32,
    during: Duration,
) -> f64 {
    let evaluated = async |rti: Rti| {
        let visits = visits(&rti, per_second, during).await;
        let evaluated = visits.iter().filter(|visit| visit.is_evaluated()).count();
        f64::from(u32::try_from(evaluated).unwrap())
    };
    let obtained = evaluated(service().engine()).await;
    obtained / evaluated(service().engine_that_always_calls()).await
}

/// Numbers that look random and are the same in every run (splitmix64).
#[derive(Debug)]
pub(crate) struct Random(AtomicU64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// From 0 to 1, uniformly.
    pub(crate) fn fraction(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        f64::from(u32::try_from(bits >> 32).unwrap()) / f64::from(u32::MAX)
    }
}
