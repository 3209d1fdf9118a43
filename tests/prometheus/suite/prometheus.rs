//! The real Prometheus, as a process of its own.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rti_conformance::client::{Connection, Request};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::rules::ALERTS;

/// A loaded machine starts it slowly.
const LIMIT: Duration = Duration::from_secs(30);

/// The job that it scrapes.
pub(crate) const JOB: &str = "shop";

/// Running. Dropping it ends the process.
pub(crate) struct Prometheus {
    address: SocketAddr,
    child: Child,
    directory: TempDir,
}

/// One series of an answer.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

impl Prometheus {
    /// Starts it with the alerts of `deploy/`, scraping this application.
    pub(crate) async fn scraping(application: SocketAddr) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("prometheus.yml");
        let config = format!(
            "global: {{scrape_interval: 500ms, evaluation_interval: 500ms}}\n\
             rule_files: ['{ALERTS}']\n\
             scrape_configs:\n- job_name: {JOB}\n  static_configs: [{{targets: ['{application}']}}]\n"
        );
        fs::write(&file, config).unwrap();
        let address = free_address();
        let log = fs::File::create(directory.path().join("log")).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                directory.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut prometheus = Self {
            address,
            child,
            directory,
        };
        prometheus.ready().await;
        prometheus
    }

    /// It listens before it answers queries, with 503 until then.
    async fn ready(&mut self) {
        let deadline = Instant::now() + LIMIT;
        while !self.is_ready().await {
            assert!(self.child.try_wait().unwrap().is_none(), "it ended");
            assert!(Instant::now() < deadline, "it is slow");
            sleep(Duration::from_millis(20)).await;
        }
    }

    async fn is_ready(&self) -> bool {
        if TcpStream::connect(self.address).await.is_err() {
            return false;
        }
        let mut connection = Connection::open(self.address).await;
        connection.send(&Request::get("/-/ready")).await.status == 200
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let mut connection = Connection::open(self.address).await;
        connection.send(&Request::get(path)).await.json()
    }

    /// What a query answers now.
    pub(crate) async fn query(&self, query: &str) -> Vec<Sample> {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let answer = self.get(&format!("/api/v1/query?query={query}")).await;
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        let result = answer["data"]["result"].as_array().unwrap();
        result.iter().map(sample).collect()
    }

    /// Waits until a query answers with this number. Prometheus does not say when it has scraped, so it
    /// is asked again and again.
    pub(crate) async fn wait_for(&self, query: &str, expected: f64) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let samples = self.query(query).await;
            let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
            if values == [expected] {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{query}: {values:?}, not {expected}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn sample(series: &Value) -> Sample {
    let labels = series["metric"].as_object().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Sample {
        labels: labels
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        value: text(&series["value"][1]).parse().unwrap(),
    }
}

/// On an address of loopback that belongs to this process: Prometheus must be told its port, and between
/// the choice of a port and its start another test would take it on 127.0.0.1.
fn free_address() -> SocketAddr {
    let [.., high, low] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 128 + high % 64, low, 1);
    TcpListener::bind((address, 0))
        .unwrap()
        .local_addr()
        .unwrap()
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.directory.path().join("log"));
            println!("prometheus said: {}", log.unwrap_or_default());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
