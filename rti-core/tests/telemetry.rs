//! Telemetry: what reaches the service, and that no request pays for it.

#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

#[allow(dead_code, reason = "other tests use all of it")]
mod checking;

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use checking::{GENEROUS, check};
use rti_core::{ApiRequest, ApiResponse, CallError, FailOpenReason, Rti, Transport};
use rti_simulator::{Simulator, TelemetryLevel, TelemetryMessage};
use tokio::time::{sleep, timeout};
use tracing_subscriber::fmt::MakeWriter;

const KEY: &str = "the-secret-key";

/// Gives a verdict, or none.
#[derive(Clone, Copy)]
enum Canned {
    Verdict,
    Lost,
}

#[rti_core::async_trait]
impl Transport for Canned {
    async fn send(&self, _: ApiRequest) -> Result<ApiResponse, CallError> {
        match self {
            Self::Verdict => Ok(ApiResponse::new(
                200,
                r#"{"isInvalid":false,"threatTypeCode":0}"#,
            )),
            Self::Lost => Err(FailOpenReason::Connect.into()),
        }
    }
}

fn engine(telemetry: &str, transport: Canned) -> Rti {
    let config = checking::config("http://127.0.0.1:9")
        .api_key(KEY)
        .telemetry(telemetry);
    Rti::with_transport(config.build().unwrap(), transport).with_middleware_name("rust_axum_1.2.3")
}

async fn service() -> Simulator {
    let simulator = Simulator::builder().strict().api_key(KEY).tag_hash("t-1");
    simulator.start().await.unwrap()
}

async fn received(simulator: &Simulator, count: usize) -> Vec<TelemetryMessage> {
    let arrive = async {
        while simulator.telemetry().len() < count {
            sleep(Duration::from_millis(1)).await;
        }
    };
    let arrived = timeout(GENEROUS, arrive).await;
    assert!(arrived.is_ok(), "{:?}", simulator.journal());
    simulator.telemetry()
}

#[tokio::test]
async fn durations_and_failures_are_sent() {
    let simulator = service().await;
    let url = simulator.telemetry_url();
    let verdicts = engine(&url, Canned::Verdict);
    check(&verdicts).await;
    let message = received(&simulator, 1).await.remove(0);
    assert_eq!(message.level, TelemetryLevel::Info);
    assert_eq!(message.action.as_deref(), Some("check"));
    assert_eq!(message.application.as_deref(), Some("rust_axum_1.2.3"));
    let waited = message.message.strip_prefix("rti_duration: ").unwrap();
    assert!(waited.parse::<u32>().is_ok(), "{message}");

    let failures = engine(&url, Canned::Lost);
    check(&failures).await;
    let message = received(&simulator, 2).await.remove(1);
    assert_eq!(message.level, TelemetryLevel::Warn);
    assert_eq!(message.message, "failing open: connect");
    assert!(
        simulator
            .journal()
            .iter()
            .all(|received| received.remarks().is_empty())
    );
    assert_eq!(failures.statistics().telemetry_dropped, 0);
}

/// All of them, over one connection.
#[tokio::test]
async fn many_are_sent_one_after_the_other() {
    let simulator = service().await;
    let rti = engine(&simulator.telemetry_url(), Canned::Verdict);
    for _ in 0..200 {
        check(&rti).await;
    }
    assert_eq!(received(&simulator, 200).await.len(), 200);
    assert_eq!(simulator.connections_accepted(), 1);
    assert_eq!(rti.statistics().telemetry_dropped, 0);
}

/// A service that accepts connections, and never answers.
#[tokio::test]
async fn no_request_waits_and_what_does_not_fit_is_counted() {
    const REQUESTS: u64 = 3000;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/telemetry", silent.local_addr().unwrap());
    let rti = engine(&url, Canned::Verdict);
    let began = Instant::now();
    for _ in 0..REQUESTS {
        check(&rti).await;
    }
    let elapsed = began.elapsed();
    let dropped = rti.statistics().telemetry_dropped;
    // The queue holds 1,024, and the task one or two.
    assert!(
        (REQUESTS - 1026..=REQUESTS - 1024).contains(&dropped),
        "{dropped}"
    );
    assert!(elapsed < Duration::from_secs(4), "{elapsed:?}");
}

/// A runtime that ends takes the task along; the next message starts another.
#[test]
fn it_outlives_the_runtime_that_it_began_on() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let service_runtime = runtime();
    let simulator = service_runtime.block_on(service());
    let rti = engine(&simulator.telemetry_url(), Canned::Verdict);
    for sent in 1..=2 {
        let runtime = runtime();
        runtime.block_on(check(&rti));
        service_runtime.block_on(received(&simulator, sent));
        drop(runtime);
    }
}

/// What was written; clones share it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_failure_is_logged_once_and_without_the_key() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let simulator = service().await;
    let url = simulator.telemetry_url();
    drop(simulator);
    let rti = engine(&url, Canned::Verdict);
    for _ in 0..3 {
        check(&rti).await;
    }
    let fail_twice = async {
        while rti.statistics().telemetry_dropped < 2 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(GENEROUS, fail_twice).await.unwrap();
    let text = log.text();
    assert_eq!(
        text.matches("telemetry cannot be sent").count(),
        1,
        "{text}"
    );
    assert!(!text.contains(KEY), "{text}");
}

#[tokio::test]
async fn it_is_off_by_default() {
    let simulator = service().await;
    let config = checking::config(&simulator.origin()).api_key(KEY);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    check(&rti).await;
    // What it sent would be there before what another engine sends later.
    let other = engine(&simulator.telemetry_url(), Canned::Lost);
    check(&other).await;
    let messages = received(&simulator, 1).await;
    assert_eq!(messages[0].message, "failing open: connect");
    assert_eq!(simulator.journal().len(), 2);
}

/// A key is replaced while the application runs.
#[tokio::test]
async fn after_a_reload_it_is_sent_with_the_new_key() {
    let simulator = service().await;
    let url = simulator.telemetry_url();
    let config = |key: &str| checking::config("http://127.0.0.1:9").api_key(key);
    let config = |key: &str, url: &str| config(key).telemetry(url).build().unwrap();
    let rti = Rti::with_transport(config("the-old-key", &url), Canned::Verdict);
    rti.reload(config(KEY, &url)).unwrap();
    check(&rti).await;
    assert!(
        received(&simulator, 1).await[0]
            .message
            .contains("rti_duration")
    );
}

/// It must not be accepted and do nothing.
#[tokio::test]
async fn where_it_is_sent_cannot_change_without_a_restart() {
    let rti = engine("off", Canned::Verdict);
    let config = checking::config("http://127.0.0.1:9").telemetry("on");
    let error = rti.reload(config.build().unwrap()).unwrap_err();
    assert_eq!(error.faults()[0].option(), "telemetry");
}
