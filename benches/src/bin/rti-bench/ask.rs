//! Asking by hand: what the adapters are held against.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::wire::Wire;

/// What core keeps its connections for.
const POOL_IDLE: Duration = Duration::from_secs(20);
const PATH: &str = "/v1/realtime-interception";
const FORM: &str = "application/x-www-form-urlencoded";

/// The least that a person would write: a constant body, and the answer read and thrown away.
pub(crate) enum ByHand {
    Reqwest(reqwest::Client, reqwest::Url, Bytes),
    HyperUtil(Box<HyperUtil<HttpConnector>>, Bytes),
    HyperUtilTls(Box<HyperUtil<HttpsConnector<HttpConnector>>>, Bytes),
}

impl ByHand {
    pub(crate) fn reqwest(wire: Wire, service: SocketAddr, body: Bytes) -> Self {
        let url = format!("{}{PATH}", wire.origin(service)).parse();
        let client = client(wire, service)
            .build()
            .expect("a client can be built");
        Self::Reqwest(client, url.expect("an address makes a URL"), body)
    }

    pub(crate) fn hyper_util(wire: Wire, service: SocketAddr, body: Bytes) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let uri = format!("{}{PATH}", wire.origin(service)).parse();
        let uri = uri.expect("an origin makes a URI");
        if wire == Wire::Plain {
            return Self::HyperUtil(Box::new(HyperUtil::new(connector, uri)), body);
        }
        connector.enforce_http(false);
        let tls = HttpsConnectorBuilder::new()
            .with_tls_config(wire.client_config(service))
            .https_only();
        let connector = match wire {
            Wire::TlsHttp2 => tls.enable_http2().wrap_connector(connector),
            Wire::Plain | Wire::TlsHttp1 => tls.enable_http1().wrap_connector(connector),
        };
        Self::HyperUtilTls(Box::new(HyperUtil::new(connector, uri)), body)
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
            Self::HyperUtilTls(client, body) => client.post(body.clone()).await,
        }
    }
}

/// A client as core's own is configured.
pub(crate) fn client(wire: Wire, service: SocketAddr) -> reqwest::ClientBuilder {
    // Always given: reqwest would look for the authorities of this machine, even where it needs none.
    let mut tls = wire.client_config(service);
    if wire == Wire::TlsHttp2 {
        tls.alpn_protocols = vec![b"h2".to_vec()];
    }
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls);
    client
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tcp_nodelay(true)
        .pool_idle_timeout(POOL_IDLE)
}

/// hyper-util's client, which reqwest is built on.
pub(crate) struct HyperUtil<C> {
    client: Client<C, Full<Bytes>>,
    uri: Uri,
}

impl<C: Connect + Clone + Send + Sync + 'static> HyperUtil<C> {
    fn new(connector: C, uri: Uri) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(POOL_IDLE)
                .pool_timer(TokioTimer::new())
                .build(connector),
            uri,
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
