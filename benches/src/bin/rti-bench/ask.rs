//! Asking by hand: what the adapters are held against, and a transport made of the same.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rti_core::{Answer, Call, CallError, FailOpenReason, Transport, async_trait};

/// What core keeps its connections for.
const POOL_IDLE: Duration = Duration::from_secs(20);
const PATH: &str = "/v1/realtime-interception";
const FORM: &str = "application/x-www-form-urlencoded";

/// The least that a person would write: a constant body, and the answer read and thrown away.
#[derive(Clone)]
pub(crate) enum ByHand {
    Reqwest(reqwest::Client, reqwest::Url, Bytes),
    HyperUtil(HyperUtil, Bytes),
}

impl ByHand {
    pub(crate) fn reqwest(service: SocketAddr, body: Bytes) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .pool_idle_timeout(POOL_IDLE)
            .build()
            .expect("a client without TLS can be built");
        let url = format!("http://{service}{PATH}").parse();
        Self::Reqwest(client, url.expect("an address makes a URL"), body)
    }

    pub(crate) fn hyper_util(service: SocketAddr, body: Bytes) -> Self {
        Self::HyperUtil(HyperUtil::new(service), body)
    }

    /// Asks; what comes back is its length, zero where nothing came.
    pub(crate) async fn ask(&self) -> usize {
        match self {
            Self::Reqwest(client, url, body) => {
                let request = client
                    .post(url.clone())
                    .header(CONTENT_TYPE, HeaderValue::from_static(FORM))
                    .body(body.clone());
                match request.send().await {
                    Ok(response) => response.bytes().await.map_or(0, |body| body.len()),
                    Err(_) => 0,
                }
            }
            Self::HyperUtil(client, body) => {
                let answer = client.post(PATH, FORM, body.clone()).await;
                answer.map_or(0, |answer| answer.body.len())
            }
        }
    }
}

/// hyper-util's client behind core's trait: what reqwest would be replaced by. It has no TLS, no
/// bound on the answer and no retry, which cost nothing while they are not needed.
#[derive(Clone)]
pub(crate) struct HyperUtil {
    client: Client<HttpConnector, Full<Bytes>>,
    origin: http::uri::Authority,
}

impl HyperUtil {
    pub(crate) fn new(service: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(POOL_IDLE)
                .pool_timer(TokioTimer::new())
                .build(connector),
            origin: service
                .to_string()
                .parse()
                .expect("an address is an authority"),
        }
    }

    async fn post(
        &self,
        path: &'static str,
        content_type: &'static str,
        body: Bytes,
    ) -> Result<Answer, CallError> {
        let uri = http::Uri::builder()
            .scheme(http::uri::Scheme::HTTP)
            .authority(self.origin.clone())
            .path_and_query(http::uri::PathAndQuery::from_static(path));
        let mut request = http::Request::new(Full::new(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = uri.build().map_err(broken)?;
        let content_type = HeaderValue::from_static(content_type);
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        let response = self.client.request(request).await.map_err(broken)?;
        Ok(Answer {
            status: response.status().as_u16(),
            body: response
                .into_body()
                .collect()
                .await
                .map_err(broken)?
                .to_bytes(),
        })
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> CallError {
    CallError::new(FailOpenReason::Connect, error)
}

#[async_trait]
impl Transport for HyperUtil {
    async fn send(&self, call: Call) -> Result<Answer, CallError> {
        self.post(call.path, call.content_type, call.body).await
    }
}
