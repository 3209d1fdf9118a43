//! The store in Redis with a real server, which the test starts. Without `redis-server` the tests say so
//! and pass; with `RTI_REQUIRE_REDIS=1` they fail.

#![cfg(feature = "redis")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is missing"
)]

use std::borrow::Cow;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use rti_challenge::{
    Challenge, ChallengeRequest, Claim, Cost, Keys, RedisStore, ReplayStore, RequestBody,
};
use rti_core::{HttpVersion, Reply, RtiRequest};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const TTL: Duration = Duration::from_secs(60);

/// A server of this test's own, on a free port, that keeps nothing.
struct Server {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Server {
    async fn start() -> Option<Self> {
        // Another process may take the port between the two steps.
        for _ in 0..5 {
            match Self::start_on(free_port()).await {
                Ok(Some(server)) => return Some(server),
                Ok(None) => {}
                Err(error) if std::env::var("RTI_REQUIRE_REDIS").as_deref() == Ok("1") => {
                    panic!("redis-server is required: {error}")
                }
                Err(error) => {
                    eprintln!("skipped: redis-server cannot be started: {error}");
                    return None;
                }
            }
        }
        panic!("redis-server starts on no port")
    }

    /// `None` where the port is taken.
    async fn start_on(port: u16) -> std::io::Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let mut process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &port.to_string()])
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await? {
            if line.contains("Ready to accept connections") {
                // What it still writes has to go somewhere.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Ok(Some(Self {
                    process,
                    url: format!("redis://127.0.0.1:{port}/"),
                    _folder: folder,
                }));
            }
        }
        Ok(None)
    }

    fn store(&self) -> RedisStore {
        RedisStore::new(&self.url).unwrap()
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test]
async fn an_id_is_claimed_once_until_it_expires() {
    let Some(server) = Server::start().await else {
        return;
    };
    let (one, other) = (server.store(), server.store());
    assert_eq!(one.claim("a", TTL).await.unwrap(), Claim::First);
    assert_eq!(one.claim("a", TTL).await.unwrap(), Claim::Replayed);
    assert_eq!(other.claim("a", TTL).await.unwrap(), Claim::Replayed);
    assert_eq!(other.claim("b", TTL).await.unwrap(), Claim::First);
    let elsewhere = server.store().with_key_prefix("other:");
    assert_eq!(elsewhere.claim("a", TTL).await.unwrap(), Claim::First);
    let client = redis::Client::open(server.url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let mut command = redis::cmd("PTTL");
    let left: i64 = command
        .arg("rti:challenge:a")
        .query_async(&mut connection)
        .await
        .unwrap();
    assert!((1..=60_000).contains(&left), "{left}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_100_claims_on_two_machines_one_is_the_first() {
    let Some(server) = Server::start().await else {
        return;
    };
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let store = std::sync::Arc::new(server.store());
        for _ in 0..50 {
            let store = std::sync::Arc::clone(&store);
            tasks.push(tokio::spawn(async move {
                store.claim("id", TTL).await.unwrap()
            }));
        }
    }
    let mut first = 0;
    for task in tasks {
        first += u32::from(task.await.unwrap() == Claim::First);
    }
    assert_eq!(first, 1);
}

#[tokio::test]
async fn a_solution_replayed_on_another_machine() {
    let Some(server) = Server::start().await else {
        return;
    };
    let machine = || {
        Challenge::proof_of_work(Keys::new([1; 32]))
            .cost(Cost::new(1_000, 16))
            .store(server.store())
    };
    let (one, other) = (machine(), machine());
    let solution = solved(&one).await;
    assert_eq!(verify(&one, &solution).await.status(), 200);
    let replayed = verify(&other, &solution).await;
    assert_eq!(replayed.status(), 403);
    assert!(
        std::str::from_utf8(replayed.body())
            .unwrap()
            .contains("replayed")
    );
}

#[tokio::test]
async fn a_server_that_is_gone_refuses_the_solution_and_comes_back() {
    let Some(mut server) = Server::start().await else {
        return;
    };
    let kit = Challenge::proof_of_work(Keys::new([1; 32]))
        .cost(Cost::new(1_000, 16))
        .store(server.store());
    let (first, second, third) = (solved(&kit).await, solved(&kit).await, solved(&kit).await);
    assert_eq!(verify(&kit, &first).await.status(), 200);
    server.process.kill().await.unwrap();
    let refused = verify(&kit, &second).await;
    assert_eq!(refused.status(), 403);
    assert!(
        std::str::from_utf8(refused.body())
            .unwrap()
            .contains("unavailable")
    );
    let port = server.url.rsplit(':').next().unwrap().trim_matches('/');
    let Some(_server) = Server::start_on(port.parse().unwrap()).await.unwrap() else {
        eprintln!("skipped: the port was taken meanwhile");
        return;
    };
    // The first claim after the loss may find the connection lost; it is made again for the next.
    let _lost = verify(&kit, &second).await;
    assert_eq!(verify(&kit, &third).await.status(), 200);
}

#[test]
fn an_error_shows_no_password() {
    let error = RedisStore::new("http://user:password@host/").unwrap_err();
    assert!(!error.to_string().contains("password"));
}

struct Program {
    method: &'static str,
    target: &'static str,
}

impl RtiRequest for Program {
    fn method(&self) -> &str {
        self.method
    }

    fn target(&self) -> Cow<'_, str> {
        self.target.into()
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        visit("content-type", b"application/json");
        visit("accept", b"application/json");
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }
}

async fn solved(kit: &Challenge) -> serde_json::Value {
    let view = Program {
        method: "GET",
        target: "/.well-known/rti/challenge",
    };
    let reply = kit.handle(&ChallengeRequest::new(&view, None)).await;
    let challenge: altcha::Challenge = serde_json::from_slice(reply.body()).unwrap();
    let options = altcha::SolveChallengeOptions::new(&challenge);
    let solution = altcha::solve_challenge(options).unwrap().unwrap();
    let payload = altcha::Payload {
        challenge: challenge.clone(),
        solution,
    };

    let payload = serde_json::to_vec(&payload).unwrap();
    let altcha = base64::engine::general_purpose::STANDARD.encode(payload);
    serde_json::json!({ "altcha": altcha })
}

async fn verify(kit: &Challenge, solution: &serde_json::Value) -> Reply {
    let view = Program {
        method: "POST",
        target: "/.well-known/rti/verify",
    };
    let body = RequestBody::Whole(solution.to_string().into());
    let request = ChallengeRequest::new(&view, None).with_body(body);
    kit.handle(&request).await
}
