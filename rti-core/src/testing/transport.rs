//! A service that gives scripted results.

use std::collections::VecDeque;
use std::future;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::json;

use crate::error::{CallError, FailOpenReason};
use crate::threat_type::{ThreatGroup, ThreatType};
use crate::transport::{ApiRequest, ApiResponse, Transport};
use crate::words::ApiVersion;

/// A [`Transport`] that gives one result for each call, in order. Clones share the script and the count.
///
/// A call after the last result fails with [`FailOpenReason::Internal`]: the request continues, and
/// [`calls`](Self::calls) counts the call.
///
/// The responses are those of whichever protocol is configured. With 4.x an invalid visitor is
/// suspicious where the group of the threat type is [`ThreatGroup::Suspicious`], and malicious otherwise.
///
/// ```
/// # use std::borrow::Cow;
/// # struct Request;
/// # impl rti_core::RtiRequest for Request {
/// #     fn method(&self) -> &str { "GET" }
/// #     fn target(&self) -> Cow<'_, str> { "/".into() }
/// #     fn for_each_header(&self, _: &mut dyn FnMut(&str, &[u8])) {}
/// #     fn http_version(&self) -> rti_core::HttpVersion { rti_core::HttpVersion::Http11 }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), rti_core::ConfigError> {
/// use rti_core::testing::ScriptedTransport;
/// use rti_core::{Action, Config, FailOpenReason, Mode, Rti, ThreatType};
///
/// let service = ScriptedTransport::new()
///     .valid()
///     .invalid(ThreatType::Scrapers)
///     .fails(FailOpenReason::Connect);
/// let config = Config::builder("key", "hash", "us").mode(Mode::Blocking).build()?;
/// let rti = Rti::with_transport(config, service.clone());
///
/// for expected in [Action::Allow, Action::Block, Action::Allow] {
///     assert_eq!(rti.decide(rti.inspect(&Request)).await.action(), expected);
/// }
/// assert_eq!(service.calls(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ScriptedTransport(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    results: VecDeque<ScriptedResult>,
    calls: usize,
}

#[derive(Debug, Clone, Copy)]
enum ScriptedResult {
    Verdict(ThreatType),
    Failure(FailOpenReason),
    Hanging,
}

impl ScriptedTransport {
    /// A transport whose script is empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next call gives a valid visitor.
    pub fn valid(self) -> Self {
        self.then(ScriptedResult::Verdict(ThreatType::Valid))
    }

    /// The next call gives a visitor who is not real, of this threat type.
    pub fn invalid(self, threat_type: ThreatType) -> Self {
        self.then(ScriptedResult::Verdict(threat_type))
    }

    /// The next call fails for this reason, at once.
    ///
    /// The circuit breaker counts failures that say something about the service; it opens after
    /// `circuit_breaker_min_calls` of them, over at least `circuit_breaker_window`.
    pub fn fails(self, reason: FailOpenReason) -> Self {
        self.then(ScriptedResult::Failure(reason))
    }

    /// The next call never ends: the engine gives it up at the configured `timeout`. Under
    /// `tokio::time::pause` that passes without a wait.
    pub fn hangs(self) -> Self {
        self.then(ScriptedResult::Hanging)
    }

    /// How many calls were made, those included that came after the last result.
    pub fn calls(&self) -> usize {
        self.script(|script| script.calls)
    }

    /// How many results no call has taken yet.
    pub fn remaining(&self) -> usize {
        self.script(|script| script.results.len())
    }

    fn then(self, result: ScriptedResult) -> Self {
        self.script(|script| script.results.push_back(result));
        self
    }

    fn next(&self) -> Option<ScriptedResult> {
        self.script(|script| {
            script.calls += 1;
            script.results.pop_front()
        })
    }

    fn script<T>(&self, access: impl FnOnce(&mut Script) -> T) -> T {
        access(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        match self.next() {
            Some(ScriptedResult::Verdict(threat_type)) => Ok(response(&call, threat_type)),
            Some(ScriptedResult::Failure(FailOpenReason::Status(status))) => {
                Ok(ApiResponse::new(status, ""))
            }
            Some(ScriptedResult::Failure(reason)) => {
                Err(CallError::new(reason, "scripted by the test"))
            }
            Some(ScriptedResult::Hanging) => future::pending().await,
            None => {
                let source = "the script of the test has no more results";
                Err(CallError::new(FailOpenReason::Internal, source))
            }
        }
    }
}

/// A response of the protocol that the call is made in.
fn response(call: &ApiRequest, threat_type: ThreatType) -> ApiResponse {
    let is_v4 = [ApiVersion::V4_0, ApiVersion::V4_1]
        .map(ApiVersion::path)
        .contains(&call.path);
    let response = if is_v4 {
        let level = match (threat_type, threat_type.group()) {
            (ThreatType::Valid, _) => "benign",
            (_, Some(ThreatGroup::Suspicious)) => "suspicious",
            _ => "malicious",
        };
        json!({
            "decision": { "verdict": level },
            "classification": { "code": threat_type.code() },
            "ids": { "rayId": "" },
        })
    } else {
        json!({
            "isInvalid": threat_type != ThreatType::Valid,
            "threatTypeCode": threat_type.code(),
        })
    };
    ApiResponse::new(200, response.to_string())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::config::Config;
    use crate::decision::{Action, Decision, Outcome};
    use crate::engine::Rti;
    use crate::request::{HttpVersion, RtiRequest};
    use crate::words::Mode;

    struct Page;

    impl RtiRequest for Page {
        fn method(&self) -> &'static str {
            "GET"
        }

        fn target(&self) -> Cow<'_, str> {
            "/".into()
        }

        fn for_each_header(&self, _visit: &mut dyn FnMut(&str, &[u8])) {}

        fn http_version(&self) -> HttpVersion {
            HttpVersion::Http11
        }
    }

    fn engine(version: ApiVersion, service: &ScriptedTransport) -> Rti {
        let config = Config::builder("k-1", "t-1", "us").mode(Mode::Blocking);
        let config = config.api_version(version).build().unwrap();
        Rti::with_transport(config, service.clone())
    }

    async fn check(rti: &Rti) -> Decision {
        rti.decide(rti.inspect(&Page)).await
    }

    #[tokio::test]
    async fn verdicts_are_those_of_the_configured_protocol() {
        for version in [
            ApiVersion::V1,
            ApiVersion::V3,
            ApiVersion::V4_0,
            ApiVersion::V4_1,
        ] {
            let service = ScriptedTransport::new().invalid(ThreatType::Scrapers);
            let service = service.valid().invalid(ThreatType::Vpn);
            let rti = engine(version, &service);
            for expected in [Action::Block, Action::Allow, Action::Challenge] {
                let decision = check(&rti).await;
                assert_eq!(decision.action(), expected, "{version:?}: {decision:?}");
                assert!(decision.verdict().is_some());
            }
            assert_eq!((service.calls(), service.remaining()), (3, 0));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn failures_have_their_reason_and_so_has_an_empty_script() {
        let service = ScriptedTransport::new()
            .fails(FailOpenReason::Tls)
            .fails(FailOpenReason::Status(503))
            .hangs();
        let rti = engine(ApiVersion::V1, &service);
        for expected in [
            FailOpenReason::Tls,
            FailOpenReason::Status(503),
            FailOpenReason::Timeout,
            FailOpenReason::Internal,
            FailOpenReason::Internal,
        ] {
            let decision = check(&rti).await;
            assert_eq!(decision.outcome(), &Outcome::FailedOpen(expected));
        }
        assert_eq!(service.calls(), 5);
    }
}
