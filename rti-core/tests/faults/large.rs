//! Requests that do not fit into the buffers between: they are written in parts.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use rti_core::{ApiRequest, FailOpenReason, HttpTransport, Transport as _};
use tokio::io::AsyncReadExt as _;
use tokio::sync::Notify;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::timeout;

use crate::checking::{GENEROUS, config};
use crate::service::{Connection, Service, answer};

/// More than the kernel keeps on both sides.
const LARGE: usize = 32 * 1024 * 1024;

fn request(size: usize) -> ApiRequest {
    ApiRequest::new("/", "text/plain", vec![b'x'; size].into())
}

fn transport(service: &Service) -> HttpTransport {
    HttpTransport::new(&config(&service.origin).build().unwrap()).unwrap()
}

async fn part(connection: &mut Connection) {
    connection.stream.read_exact(&mut [0; 1024]).await.unwrap();
}

#[tokio::test]
async fn a_slow_reader_gets_it_whole() {
    let service = Service::start(|mut connection| async move {
        part(&mut connection).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        // Its head is counted as well.
        let mut rest = vec![0; LARGE - 1024];
        connection.stream.read_exact(&mut rest).await.unwrap();
        connection.stream.read_exact(&mut [0; 50]).await.unwrap();
        let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        connection.write(response.as_bytes()).await.unwrap();
        connection.hung_up().await;
    })
    .await;
    let response = transport(&service).send(request(LARGE)).await.unwrap();
    assert_eq!((response.status, &response.body[..]), (200, &b"{}"[..]));
}

/// A service that is overloaded does not read what it refuses.
#[tokio::test]
async fn a_refusal_before_the_end_of_the_request_is_read() {
    for status in ["413 Too Large", "503 Overloaded"] {
        let service = Service::start(move |mut connection| async move {
            part(&mut connection).await;
            let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            connection.write(response.as_bytes()).await.unwrap();
            // Closed with bytes unread, which resets it.
        })
        .await;
        let response = transport(&service).send(request(LARGE)).await;
        assert_eq!(response.unwrap().status.to_string(), status[..3]);
        assert_eq!(service.accepted(), 1, "sent again");
    }
}

/// What cannot be completed does not keep its connection for long, nor the next call from another.
#[tokio::test]
async fn one_that_is_given_up_while_written_frees_its_connection() {
    let gone = Arc::new(Notify::new());
    let report = Arc::clone(&gone);
    let service = Service::start(move |mut connection| {
        let gone = Arc::clone(&report);
        async move {
            if connection.number > 0 {
                return connection.answer().await;
            }
            part(&mut connection).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
            connection.hung_up().await;
            gone.notify_one();
        }
    })
    .await;
    let transport = transport(&service);
    let given_up = timeout(Duration::from_millis(100), transport.send(request(LARGE))).await;
    assert!(given_up.is_err());
    let response = timeout(GENEROUS, transport.send(request(10))).await;
    assert_eq!(response.unwrap().unwrap().status, 200);
    let freed = timeout(GENEROUS / 2, gone.notified()).await;
    assert!(freed.is_ok(), "the connection stays open");
}

#[tokio::test]
async fn a_reset_in_its_middle_is_no_response() {
    let service = Service::start(|mut connection| async move {
        part(&mut connection).await;
        connection.reset();
    })
    .await;
    let error = transport(&service).send(request(LARGE)).await.unwrap_err();
    assert_eq!(error.kind(), FailOpenReason::Connect);
    assert_eq!(service.accepted(), 1, "sent again");
}

/// A visitor who leaves before anything could be written costs no call, nor the connection.
#[tokio::test]
async fn one_that_was_not_begun_is_not_sent() {
    let (report, mut requests) = unbounded_channel();
    let service = Service::start(move |mut connection| {
        let report = report.clone();
        async move {
            while connection.read_request().await {
                report.send(connection.number).unwrap();
                connection.write(&answer()).await.unwrap();
            }
        }
    })
    .await;
    let transport = transport(&service);
    transport.send(request(10)).await.unwrap();
    poll_without_budget(transport.send(request(10))).await;
    transport.send(request(10)).await.unwrap();
    drop(service);
    let mut served = Vec::new();
    while let Ok(number) = requests.try_recv() {
        served.push(number);
    }
    assert_eq!(served, [0, 0]);
}

/// Polls once in a task that has had its share: tokio lets it neither read nor write.
async fn poll_without_budget(call: impl Future) {
    let mut call = pin!(call);
    let (sender, mut receiver) = unbounded_channel();
    for _ in 0..1000 {
        sender.send(()).unwrap();
    }
    poll_fn(|cx| {
        while receiver.poll_recv(cx).is_ready() {}
        assert!(call.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}
