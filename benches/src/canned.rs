//! A transport that answers at once, so that what remains is core.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt as _;
use rti_core::{
    ApiRequest, ApiResponse, ApiVersion, CallError, Config, ConfigBuilder, Mode, Rti, RtiRequest,
    Transport, async_trait,
};

/// An answer of v1 that lets the visitor pass and sets a cookie.
pub const ANSWER_V1: &str = r#"{"version":1,"isInvalid":false,"threatTypeCode":0,"requestId":"0a8f2c9e-6d2b-4f3a-9d54-0b1c2d3e4f50","setCookie":"_cheq_rti=MTc2MzgwMDAwMA==; Path=/; Max-Age=1800; Secure; HttpOnly"}"#;

/// An answer of v4.1, as long as they come.
pub const ANSWER_V4_1: &str = r#"{"metadata":{"timestamp":"2026-11-22T17:54:55Z","version":"4.1","tagName":"shop","sessionFound":true},"decision":{"verdict":"benign","ruleName":"none","riskScore":"1.50"},"classification":{"code":0,"name":"Valid","group":"valid"},"ids":{"rayId":"0a8f2c9e-6d2b-4f3a-9d54-0b1c2d3e4f50","pageViewId":"pv-1","duid":"1.1763800000.k3JdPq81","uniqueVisitId":"v-1"},"device":{"type":"desktop","os":"Windows","browser":"Chrome"},"network":{"ip":"203.0.113.7","xForwardedFor":null,"geoIp":{"country":"NL"},"as":{"asNumber":64500,"asName":"EXAMPLE"}},"fingerprints":{"http2":"x","tls":{"ja3":"y"}},"cheqDetection":{"detectedRiskScore":"1.50","isAutomated":false,"isProxy":false,"proxyTypes":[],"rateLimit":{"hit":false,"ids":[]},"reasons":[12,-3],"disabledReasons":[]}}"#;

/// What the service answers, by protocol.
pub fn answer(version: ApiVersion) -> &'static str {
    match version {
        ApiVersion::V1 | ApiVersion::V3 => ANSWER_V1,
        _ => ANSWER_V4_1,
    }
}

type Seen = dyn Fn(&ApiRequest) + Send + Sync;
type Answering = dyn Fn() + Send + Sync;

/// Answers every call at once, and says when.
pub struct Canned {
    body: &'static str,
    seen: Arc<Seen>,
    answering: Arc<Answering>,
}

impl Canned {
    /// `seen` is called with each call, `answering` just before its answer is there.
    pub fn new(
        version: ApiVersion,
        seen: impl Fn(&ApiRequest) + Send + Sync + 'static,
        answering: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self {
            body: answer(version),
            seen: Arc::new(seen),
            answering: Arc::new(answering),
        }
    }
}

#[async_trait]
impl Transport for Canned {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        (self.seen)(&call);
        let answer = ApiResponse::new(200, self.body.as_bytes());
        (self.answering)();
        Ok(answer)
    }
}

/// The key of the configuration; of no service.
pub const API_KEY: &str = "b1946ac9-2492-4d23-8f3b-5d1c8a7e6f90";

/// The tag hash of the configuration.
pub const TAG_HASH: &str = "591785b794601e212b260e25925636fd";

/// A configuration that acts on verdicts and excludes these paths.
pub fn config(version: ApiVersion, origin: &str, exclusions: &[String]) -> Config {
    builder(version, origin)
        .uri_exclusion(exclusions.iter().cloned())
        .build()
        .expect("the configuration of a measurement is valid")
}

/// What every configuration of a measurement begins with.
pub fn builder(version: ApiVersion, origin: &str) -> ConfigBuilder {
    let builder = Config::builder(API_KEY, TAG_HASH, origin);
    builder.api_version(version).mode(Mode::Blocking)
}

/// An engine over a canned transport.
pub fn engine(version: ApiVersion, exclusions: &[String]) -> Rti {
    let config = config(version, "http://127.0.0.1:9", exclusions);
    Rti::with_transport(config, Canned::new(version, |_| {}, || {}))
}

/// What core posts about a request. Not to be called in a runtime: it makes one.
pub fn encoded(version: ApiVersion, request: &dyn RtiRequest) -> Bytes {
    let body = Arc::new(Mutex::new(Bytes::new()));
    let kept = Arc::clone(&body);
    let seen = move |call: &ApiRequest| {
        *kept.lock().expect("nothing panics with the lock") = call.body.clone();
    };
    let config = config(version, "http://127.0.0.1:9", &[]);
    let rti = Rti::with_transport(config, Canned::new(version, seen, || {}));
    in_runtime(|| rti.decide(rti.inspect(request)).now_or_never())
        .expect("a canned transport answers at once");
    let body = body.lock().expect("nothing panics with the lock");
    body.clone()
}

/// Runs this where `Rti::decide` finds the clock for its deadline.
pub fn in_runtime<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime can be built");
    let _entered = runtime.enter();
    work()
}
