//! Bytes that nobody requested: they are nobody's verdict, and the next visitor gets the own one.

use std::time::Duration;

use rti_core::Rti;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::checking::{GENEROUS, check};
use crate::outcome::assert_failed_open;
use crate::service::{Connection, Service, answer};

/// What a visitor gets who is not the one of [`answer`].
const HARMLESS: &str = r#"{"version":1,"isInvalid":false,"threatTypeCode":0}"#;

fn harmless() -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-length";
    format!("{head}: {}\r\n\r\n{HARMLESS}", HARMLESS.len()).into_bytes()
}

async fn assert_harmless(rti: &Rti, what: &str) {
    let decision = check(rti).await;
    assert_eq!(decision.outcome().as_str(), "evaluated", "{what}");
    let threat = decision.verdict().unwrap().threat_type();
    assert_eq!(threat.code(), 0, "{what}: the verdict of nobody");
}

/// The first connection gives a harmless verdict with `more` in the same write; all give harmless
/// ones from then on.
async fn after_a_verdict(more: Vec<u8>) -> Service {
    Service::start(move |mut connection| {
        let more = more.clone();
        async move {
            connection.read_request().await;
            let more = if connection.number == 0 {
                more
            } else {
                Vec::new()
            };
            connection
                .write(&[harmless(), more].concat())
                .await
                .unwrap();
            answers_on(connection).await;
        }
    })
    .await
}

async fn answers_on(mut connection: Connection) {
    while connection.read_request().await && connection.write(&harmless()).await.is_ok() {}
}

#[tokio::test]
async fn what_follows_a_verdict_at_once_is_left() {
    for more in [answer(), answer()[..1].to_vec(), b"\r\n".to_vec()] {
        let service = after_a_verdict(more).await;
        let rti = service.engine_within(GENEROUS);
        for _ in 0..3 {
            assert_harmless(&rti, "behind another verdict").await;
        }
        assert_eq!(service.accepted(), 2);
    }
}

/// The first read takes a verdict and no more.
#[tokio::test]
async fn what_follows_a_verdict_in_the_next_read_is_left() {
    const READ: usize = 4096;
    let head = harmless().len() + "x: \r\n".len();
    let padded = String::from_utf8(harmless()).unwrap();
    let padded = padded.replacen(
        "\r\n",
        &format!("\r\nx: {}\r\n", "y".repeat(READ - head)),
        1,
    );
    assert_eq!(padded.len(), READ);
    for more in [answer(), b"H".to_vec()] {
        let response = [padded.as_bytes(), &more].concat();
        let service = Service::start(move |mut connection| {
            let response = response.clone();
            async move {
                connection.read_request().await;
                let first = connection.number == 0;
                let response = if first { response } else { harmless() };
                connection.write(&response).await.unwrap();
                answers_on(connection).await;
            }
        })
        .await;
        let rti = service.engine_within(GENEROUS);
        for _ in 0..3 {
            assert_harmless(&rti, "behind another verdict").await;
        }
        assert_eq!(service.accepted(), 2);
    }
}

/// On a thread of its own, a service that continues when the test says so: the runtime of the test is
/// blocked meanwhile, and does not learn what arrives.
struct Apart {
    service: String,
    to_do: std::sync::mpsc::Sender<()>,
    done: std::sync::mpsc::Receiver<()>,
    /// How many requests each connection got after its first one.
    second_requests: UnboundedReceiver<u64>,
}

fn apart(then: fn(&std::net::TcpStream)) -> Apart {
    let (to_do, wanted) = std::sync::mpsc::channel::<()>();
    let (report, done) = std::sync::mpsc::channel();
    let (second, second_requests) = unbounded_channel();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let service = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (first, _) = listener.accept().unwrap();
        read_request(&first);
        write(&first, &harmless());
        wanted.recv().unwrap();
        then(&first);
        report.send(()).unwrap();
        let on_first = std::thread::spawn({
            let second = second.clone();
            move || serve(&first, 0, &second)
        });
        let (other, _) = listener.accept().unwrap();
        serve(&other, 1, &second);
        on_first.join().unwrap();
    });
    Apart {
        service,
        to_do,
        done,
        second_requests,
    }
}

fn serve(stream: &std::net::TcpStream, number: u64, requests: &UnboundedSender<u64>) {
    while read_request(stream) {
        // The test may be over.
        let _ = requests.send(number);
        write(stream, &harmless());
    }
}

fn read_request(mut stream: &std::net::TcpStream) -> bool {
    use std::io::Read as _;
    let mut request = Vec::new();
    while !crate::service::is_whole(&request) {
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(read) if read > 0 => request.extend_from_slice(&bytes[..read]),
            _ => return false,
        }
    }
    true
}

fn write(mut stream: &std::net::TcpStream, bytes: &[u8]) {
    use std::io::Write as _;
    // The client may have left.
    let _ = stream.write_all(bytes);
}

/// The next call begins before tokio can know what the kernel has.
async fn is_seen_in_the_kernel(then: fn(&std::net::TcpStream)) {
    let mut apart = apart(then);
    let config = crate::checking::config(&apart.service);
    let rti = Rti::new(config.build().unwrap()).unwrap();
    assert_harmless(&rti, "the first").await;
    apart.to_do.send(()).unwrap();
    apart.done.recv().unwrap();
    assert_harmless(&rti, "the second").await;
    let served_by = apart.second_requests.recv().await;
    assert_eq!(served_by, Some(1), "sent on the connection that was over");
    assert_harmless(&rti, "the third").await;
    drop(rti);
}

#[tokio::test]
async fn a_verdict_before_the_call_is_left() {
    is_seen_in_the_kernel(|stream| write(stream, &answer())).await;
}

/// Nothing is sent where it cannot be answered.
#[tokio::test]
async fn a_connection_that_was_just_closed_is_left() {
    is_seen_in_the_kernel(|stream| stream.shutdown(std::net::Shutdown::Write).unwrap()).await;
}

/// Nobody calls meanwhile: the connection is closed, not kept until the next call.
#[tokio::test]
async fn a_verdict_for_nobody_ends_an_idle_connection() {
    let (report, mut ended) = unbounded_channel();
    let service = Service::start(move |mut connection| {
        let report = report.clone();
        async move {
            connection.read_request().await;
            connection.write(&harmless()).await.unwrap();
            if connection.number > 0 {
                return answers_on(connection).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            connection.write(&answer()).await.unwrap();
            connection.hung_up().await;
            report.send(()).unwrap();
        }
    })
    .await;
    let rti = service.engine_within(GENEROUS);
    assert_harmless(&rti, "the first").await;
    let ended = tokio::time::timeout(GENEROUS / 2, ended.recv()).await;
    assert_eq!(ended, Ok(Some(())), "it stays open");
    assert_harmless(&rti, "the second").await;
    assert_eq!(service.accepted(), 2);
}

/// The answer of a visitor who was let on without it is not the next visitor's.
#[tokio::test]
async fn a_late_verdict_is_left() {
    const DEADLINE: Duration = Duration::from_millis(200);
    let service = Service::start(|mut connection| async move {
        connection.read_request().await;
        if connection.number == 0 {
            tokio::time::sleep(DEADLINE * 3 / 2).await;
            connection.write(&answer()).await.unwrap();
        } else {
            connection.write(&harmless()).await.unwrap();
        }
        answers_on(connection).await;
    })
    .await;
    let rti = service.engine_within(DEADLINE);
    assert_failed_open(&check(&rti).await, rti_core::FailOpenReason::Timeout);
    for pause in [0, 50, 50, 50, 50] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        assert_harmless(&rti, "after the timeout").await;
    }
    assert_eq!(service.accepted(), 2);
}
