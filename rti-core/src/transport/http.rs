//! The transport over HTTP: hyper's pooled client with rustls.
//!
//! hyper-util and not reqwest, which is built on it: reqwest cannot say what a connection has
//! carried, and the rule for retries needs that; and a call costs some twelve per cent less. Those
//! who have a configured `reqwest::Client` can use that, with `ReqwestTransport`.

mod connection;
mod outliving;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use self::connection::{Counting, Traffic};
use self::outliving::Outliving;
use super::{ApiRequest, ApiResponse, MAX_RESPONSE_BYTES, Transport, failure};
use crate::config::{Config, ConfigError};
use crate::error::{CallError, FailOpenReason};

type Client = legacy::Client<Counting<Outliving<HttpsConnector<HttpConnector>>>, Full<Bytes>>;

/// Below the usual minute of servers and load balancers, so that it is mostly us who close.
const POOL_IDLE: Duration = Duration::from_secs(20);

/// How long an IPv6 address has to answer before the IPv4 ones are tried beside it. The usual 300 ms
/// are longer than the whole deadline; 25 are a quarter of it.
const HAPPY_EYEBALLS: Duration = Duration::from_millis(25);

/// How often an HTTP/2 connection is asked whether it lives, and how long it may take to say so.
/// All calls share the one connection: were it dead without a word, as behind a firewall that
/// forgot it, every call and every probe of the circuit breaker would run into its deadline.
const PING: Duration = Duration::from_secs(5);

/// Posts calls with a pooled HTTP client that is built once and shared.
///
/// Proxies of the environment are not used and redirects are not followed: a call goes to the
/// endpoint or nowhere. HTTP/2 is spoken where the service offers it.
///
/// A call that was sent on a connection of the pool which the service had just closed is made once
/// more, on a fresh one; never after a byte of an answer arrived, and never on a connection that
/// was fresh.
///
/// ```
/// use rti_core::{Config, HttpTransport, Rti};
///
/// let config = Config::builder("key", "hash", "http://127.0.0.1:9000").build()?;
/// let transport = HttpTransport::new(&config)?;
/// let rti = Rti::with_transport(config, transport);
/// # Ok::<(), rti_core::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: Client,
    /// Keeps no connections: what is sent with it is sent on a fresh one.
    fresh: Client,
    origin: Uri,
}

impl HttpTransport {
    /// A transport that trusts the authorities of `ca_file`, or without those the certificate
    /// authorities of this machine.
    ///
    /// The cryptography is that of the rustls provider which the process installed, else that of
    /// the feature `aws-lc-rs` or `ring`.
    ///
    /// # Errors
    /// The endpoint needs TLS, and this machine has no CA certificates or the process no provider.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let endpoint = config.api_endpoint();
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        tcp.set_happy_eyeballs_timeout(Some(HAPPY_EYEBALLS));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::client_config(config)?)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let client = |idle_connections: usize| {
            legacy::Client::builder(TokioExecutor::new())
                .timer(TokioTimer::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(POOL_IDLE)
                .http1_max_buf_size(MAX_RESPONSE_BYTES)
                .pool_max_idle_per_host(idle_connections)
                .http2_keep_alive_interval(PING)
                .http2_keep_alive_timeout(PING)
                .http2_keep_alive_while_idle(true)
                .build(Counting(Outliving::new(connector.clone())))
        };
        let origin = endpoint.origin().parse();
        let origin = origin.map_err(|error| {
            ConfigError::unusable(endpoint, format!("expected an origin: {error}"))
        })?;
        // The cap on calls in flight bounds the pool.
        Ok(Self {
            client: client(usize::MAX),
            fresh: client(0),
            origin,
        })
    }

    fn request(&self, call: &ApiRequest) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(call.body.clone()));
        *request.method_mut() = Method::POST;
        let mut uri = self.origin.clone().into_parts();
        uri.path_and_query = Some(PathAndQuery::from_static(call.path));
        *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
        request
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(call.content_type));
        request
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, call: ApiRequest) -> Result<ApiResponse, CallError> {
        let mut request = self.request(&call);
        let connection = capture_connection(&mut request);
        let sent = self.client.request(request).await;
        let traffic = traffic(&connection);
        let response = match (sent, traffic) {
            (Ok(response), traffic) => {
                traffic.inspect(|traffic| traffic.note_answer());
                response
            }
            // The service closed the connection while it was idle, and the call crossed with that.
            (Err(error), Some(traffic)) if failure::hung_up(&error) && traffic.went_stale() => self
                .fresh
                .request(self.request(&call))
                .await
                .map_err(unanswered)?,
            (Err(error), _) => return Err(unanswered(error)),
        };
        let status = response.status();
        // Only success carries a verdict; what comes with other statuses is not worth reading.
        let body = if status.is_success() {
            read(response).await?
        } else {
            Bytes::new()
        };
        Ok(ApiResponse::new(status.as_u16(), body))
    }
}

/// What the connection that a call was sent on has carried.
fn traffic(connection: &CaptureConnection) -> Option<Arc<Traffic>> {
    let mut extras = hyper::http::Extensions::new();
    connection
        .connection_metadata()
        .as_ref()?
        .get_extras(&mut extras);
    extras.remove()
}

async fn read(response: Response<Incoming>) -> Result<Bytes, CallError> {
    let body = response.into_body();
    if body.size_hint().lower() > MAX_RESPONSE_BYTES as u64 {
        return Err(FailOpenReason::Oversize.into());
    }
    match Limited::new(body, MAX_RESPONSE_BYTES).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(FailOpenReason::Oversize.into()),
        // An answer that began and did not end is no answer.
        Err(error) => Err(CallError::new(FailOpenReason::Malformed, error)),
    }
}

fn unanswered(error: legacy::Error) -> CallError {
    let kind = match failure::kind(&error) {
        FailOpenReason::Malformed if error.is_connect() => FailOpenReason::Connect,
        kind => kind,
    };
    CallError::new(kind, error)
}
