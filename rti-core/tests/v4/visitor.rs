//! A visitor, and what the service is told of one.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use rti_core::{
    ApiRequest, ApiResponse, ApiVersion, CallError, Config, ConfigBuilder, HeaderOrder,
    HttpVersion, Rti, RtiRequest, Transport,
};
use serde_json::Value;

/// Both protocols of the family: what holds for the one holds for the other.
pub(crate) const BOTH: [ApiVersion; 2] = [ApiVersion::V4_0, ApiVersion::V4_1];

/// A request that shows what a test gives it and nothing else.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    headers: Vec<(String, String)>,
    order: HeaderOrder,
    peer: Option<IpAddr>,
}

impl Visitor {
    /// Someone with an address, who sends these headers.
    pub(crate) fn with(headers: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            headers: headers.iter().map(owned).collect(),
            order: HeaderOrder::Wire,
            peer: Some(Ipv4Addr::new(192, 0, 2, 1).into()),
        }
    }

    /// Someone of whom there is nothing to tell.
    pub(crate) fn unknown() -> Self {
        Self {
            peer: None,
            ..Self::with(&[])
        }
    }

    pub(crate) fn ordered(self, order: HeaderOrder) -> Self {
        Self { order, ..self }
    }
}

impl RtiRequest for Visitor {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> Cow<'_, str> {
        "/shop?item=1".into()
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in &self.headers {
            visit(name, value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http2
    }

    fn header_order(&self) -> HeaderOrder {
        self.order
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        self.peer
    }
}

/// A configuration of this protocol.
pub(crate) fn config(version: ApiVersion) -> ConfigBuilder {
    Config::builder("k-1", "t-1", "us").api_version(version)
}

/// A request as it is posted.
#[derive(Debug, Clone, Default)]
pub(crate) struct SentRequest {
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl SentRequest {
    /// The document of protocols v4.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Checks a visitor.
pub(crate) async fn request_sent(config: ConfigBuilder, visitor: &Visitor) -> SentRequest {
    let recorder = Recorder::default();
    let rti = Rti::with_transport(config.build().unwrap(), recorder.clone());
    rti.decide(rti.inspect(visitor)).await;
    recorder.0.lock().unwrap().clone()
}

/// Checks a visitor and reads what was sent.
pub(crate) async fn document(config: ConfigBuilder, visitor: &Visitor) -> Value {
    request_sent(config, visitor).await.document()
}

/// The names of an object's members.
pub(crate) fn names(object: &Value) -> Vec<&str> {
    let members = object.as_object().unwrap();
    members.keys().map(String::as_str).collect()
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<SentRequest>>);

#[rti_core::async_trait]
impl Transport for Recorder {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        *self.0.lock().unwrap() = SentRequest {
            path: call.path,
            content_type: call.content_type,
            body: String::from_utf8(call.body.to_vec()).unwrap(),
        };
        Ok(ApiResponse::new(200, "{}"))
    }
}
