//! The events of decisions, in JSON.

use std::io;
use std::sync::{Arc, Mutex};

use rti_axum::LogDecisions;
use serde_json::Value;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::site::{REQUEST_ID, Site};

/// What was written; clones share it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// A log in JSON of all levels.
    fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn decisions(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap();
        let lines = std::str::from_utf8(&bytes).unwrap().lines();
        let events = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
        let is_decision =
            |event: &Value| event["target"] == "rti" && event["fields"]["message"] == "decision";
        events.filter(is_decision).collect()
    }

    fn levels(&self) -> Vec<String> {
        let text = |event: &Value| event["level"].as_str().unwrap().to_owned();
        self.decisions().iter().map(text).collect()
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

/// Of a visitor, a bot that is blocked, and one without a verdict.
async fn levels(log_decisions: LogDecisions) -> Vec<String> {
    let (log, _guard) = Log::begin();
    let site = Site::start(log_decisions).await;
    for user_agent in ["visitor", "bot", "unlucky"] {
        site.visit(user_agent).await;
    }
    log.levels()
}

#[tokio::test]
async fn what_did_something_is_logged_at_info_and_all_else_at_debug() {
    assert_eq!(
        levels(LogDecisions::Actions).await,
        ["DEBUG", "INFO", "DEBUG"]
    );
}

#[tokio::test]
async fn all_are_logged_at_info_on_demand() {
    assert_eq!(levels(LogDecisions::All).await, ["INFO", "INFO", "INFO"]);
}

#[tokio::test]
async fn nothing_is_logged_on_demand() {
    assert!(levels(LogDecisions::Off).await.is_empty());
}

/// Texts are texts in JSON: a value in the form of `Debug` would have quotes within its quotes.
#[tokio::test]
async fn a_decision_in_json_has_plain_values() {
    let (log, _guard) = Log::begin();
    let site = Site::start(LogDecisions::default()).await;
    site.visit("bot").await;
    let decisions = log.decisions();
    let fields = &decisions[0]["fields"];
    for (name, value) in [
        ("request_id", REQUEST_ID),
        ("method", "GET"),
        ("path", "/shop"),
        ("client", "127.0.0.1"),
        ("action", "block"),
        ("policy_action", "block"),
        ("outcome", "evaluated"),
    ] {
        assert_eq!(fields[name], value, "{name}: {fields}");
    }
    assert_eq!(fields["threat_type"], 3, "{fields}");
    assert_eq!(fields["challenge_passed"], false, "{fields}");
    assert!(fields["elapsed_us"].is_u64(), "{fields}");
    assert!(fields.get("reason").is_none(), "{fields}");
}
