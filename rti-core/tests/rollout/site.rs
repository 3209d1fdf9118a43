//! An engine whose service has one answer for all, and visitors.

use std::borrow::Cow;
use std::net::IpAddr;

use rti_core::{
    ApiRequest, ApiResponse, CallError, Config, ConfigBuilder, Decision, FailOpenReason,
    HttpVersion, Rti, RtiRequest, ThreatType, Transport,
};

/// What the service says of every visitor.
#[derive(Clone, Copy)]
pub(crate) enum Service {
    Valid,
    Threat(ThreatType),
    Down,
}

#[rti_core::async_trait]
impl Transport for Service {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        let (is_invalid, code) = match self {
            Self::Valid => (false, 0),
            Self::Threat(threat) => (true, threat.code()),
            Self::Down => return Err(FailOpenReason::Connect.into()),
        };
        let body = format!(r#"{{"isInvalid":{is_invalid},"threatTypeCode":{code}}}"#);
        Ok(ApiResponse::new(200, body))
    }
}

pub(crate) struct Visit {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) ip: IpAddr,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Visit {
    pub(crate) fn to(target: &str) -> Self {
        Self {
            method: "GET",
            target: target.to_owned(),
            ip: [192, 0, 2, 1].into(),
            headers: vec![("user-agent", "Mozilla/5.0".to_owned())],
        }
    }

    pub(crate) fn from(mut self, ip: impl Into<IpAddr>) -> Self {
        self.ip = ip.into();
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl RtiRequest for Visit {
    fn method(&self) -> &str {
        self.method
    }

    fn target(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.target)
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in &self.headers {
            visit(name, value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        Some(self.ip)
    }
}

pub(crate) fn builder() -> ConfigBuilder {
    Config::builder("key", "hash", "http://127.0.0.1:9")
}

pub(crate) fn engine(config: ConfigBuilder, service: Service) -> Rti {
    Rti::with_transport(config.build().unwrap(), service)
}

pub(crate) async fn decide(rti: &Rti, visit: &Visit) -> Decision {
    rti.decide(rti.inspect(visit)).await
}

/// Policy, what was done, and what blocking would do.
pub(crate) async fn seen(rti: &Rti, target: &str) -> String {
    let decision = decide(rti, &Visit::to(target)).await;
    let (action, policy_action) = (decision.action(), decision.policy_action());
    format!("{} {action} {policy_action}", decision.policy())
}
