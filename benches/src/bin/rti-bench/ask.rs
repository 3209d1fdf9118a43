//! Asking by hand: what the adapters are held against.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// What core keeps its connections for.
const POOL_IDLE: Duration = Duration::from_secs(20);
const PATH: &str = "/v1/realtime-interception";
const FORM: &str = "application/x-www-form-urlencoded";

/// The least that a person would write: a constant body, and the answer read and thrown away.
pub(crate) enum ByHand {
    Reqwest(reqwest::Client, reqwest::Url, Bytes),
    HyperUtil(Box<HyperUtil>, Bytes),
}

impl ByHand {
    pub(crate) fn reqwest(service: SocketAddr, body: Bytes) -> Self {
        let url = format!("http://{service}{PATH}").parse();
        let client = client().build().expect("a client without TLS can be built");
        Self::Reqwest(client, url.expect("an address makes a URL"), body)
    }

    pub(crate) fn hyper_util(service: SocketAddr, body: Bytes) -> Self {
        Self::HyperUtil(Box::new(HyperUtil::new(service)), body)
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
            Self::HyperUtil(client, body) => client.post(body.clone()).await,
        }
    }
}

/// A client as core's own is configured.
pub(crate) fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .pool_idle_timeout(POOL_IDLE)
}

/// hyper-util's client, which reqwest is built on.
pub(crate) struct HyperUtil {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
}

impl HyperUtil {
    fn new(service: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let uri = format!("http://{service}{PATH}").parse();
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(POOL_IDLE)
                .pool_timer(TokioTimer::new())
                .build(connector),
            uri: uri.expect("an address makes a URI"),
        }
    }

    async fn post(&self, body: Bytes) -> usize {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri.clone();
        let content_type = HeaderValue::from_static(FORM);
        request.headers_mut().insert(CONTENT_TYPE, content_type);
        let Ok(response) = self.client.request(request).await else {
            return 0;
        };
        let body = response.into_body().collect().await;
        body.map_or(0, |body| body.to_bytes().len())
    }
}
