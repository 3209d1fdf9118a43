//! The record of requests and connections.

mod support;

use std::sync::{Arc, Mutex};

use rti_simulator::{Fault, Protocol, Received, Rule, Simulator, Verdict};
use support::{Client, FORM, JSON, V1, V4_1, call, post, with_rules};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

#[tokio::test]
async fn a_request_is_recorded_unchanged() {
    let simulator = with_rules([Rule::always().named("all").then(Verdict::threat(3))]).await;
    call(&simulator, V1, FORM).await;
    call(&simulator, V4_1, JSON).await;
    let [form, json] = simulator.journal().try_into().unwrap();
    assert_eq!(
        (form.index(), form.protocol(), form.path()),
        (0, Some(Protocol::V1), V1)
    );
    assert_eq!(
        (json.index(), json.protocol(), json.path()),
        (1, Some(Protocol::V4_1), V4_1)
    );
    assert_eq!(form.body(), FORM.as_bytes());
    assert_eq!(form.headers()[0], ("Host".to_owned(), b"rti".to_vec()));
    assert_eq!(
        form.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(
        form.fields()[0],
        ("EventType".to_owned(), "page_load".to_owned())
    );
    assert_eq!(
        json.json().unwrap()["endUserParams"]["headers"]["via"],
        "1.1 proxy"
    );
    assert!(form.json().is_none() && json.fields().is_empty());
    for received in [form, json] {
        assert_eq!(received.method(), "POST");
        assert_eq!(
            received.field("UserAgent").as_deref(),
            Some("Firefox/140.0")
        );
        assert_eq!(
            received.field("HeaderNames").as_deref(),
            Some("Host,User-Agent")
        );
        assert_eq!((received.rule(), received.refusal()), (Some("all"), None));
        assert_eq!(received.answer().unwrap().to_string(), "threat 3");
        assert!(!format!("{received:?}").contains("k-1"));
    }
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let simulator = with_rules([]).await;
    let mut client = Client::connect(&simulator).await;
    for _ in 0..3 {
        assert_eq!(client.call(V1, FORM).await.status, 200);
    }
    assert_eq!(client.call("/unknown", FORM).await.status, 404);
    assert_eq!(client.call(V4_1, JSON).await.status, 200);
    call(&simulator, V1, FORM).await;
    assert_eq!(simulator.connections_accepted(), 2);
    let connections: Vec<_> = simulator
        .journal()
        .iter()
        .map(Received::connection)
        .collect();
    assert_eq!(connections, [0, 0, 0, 0, 0, 1]);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let delayed = Rule::always()
        .then(Verdict::valid())
        .after(std::time::Duration::from_millis(5));
    let simulator = with_rules([delayed]).await;
    let mut client = Client::connect(&simulator).await;
    let requests: String = ["1", "2", "3"]
        .map(|number| post(V1, &FORM.replace("page_load", number)))
        .concat();
    let (first, second) = requests.split_at(700);
    client.send(first).await;
    simulator.wait_for(1).await;
    client.send(second).await;
    for _ in 0..3 {
        assert_eq!(client.answer().await.status, 200);
    }
    let journal = simulator.journal();
    let order: Vec<_> = journal
        .iter()
        .filter_map(|one| one.field("EventType"))
        .collect();
    assert_eq!(order, ["1", "2", "3"]);
}

#[tokio::test]
async fn chunked_bodies_and_expectations_are_supported() {
    let simulator = with_rules([]).await;
    let mut client = Client::connect(&simulator).await;
    let head = format!(
        "POST {V1} HTTP/1.1\r\nHost: rti\r\nExpect: 100-continue\r\n\
         Content-Type: Application/X-WWW-Form-Urlencoded; charset=utf-8\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    );
    client.send(head).await;
    let mut interim = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut client.stream, &mut interim)
        .await
        .unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    let (first, second) = FORM.split_at(10);
    client
        .send(format!(
            "a\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            second.len()
        ))
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 200);
    assert_eq!(support::header(&answer.head, "connection"), Some("close"));
    assert_eq!(client.rest().await.unwrap(), b"");
    assert_eq!(simulator.journal()[0].body(), FORM.as_bytes());
}

#[tokio::test]
async fn the_journal_is_bounded_and_can_be_cleared() {
    let simulator = Simulator::builder()
        .journal_capacity(2)
        .start()
        .await
        .unwrap();
    let mut client = Client::connect(&simulator).await;
    for _ in 0..5 {
        client.call(V1, FORM).await;
    }
    let kept: Vec<_> = simulator.journal().iter().map(Received::index).collect();
    assert_eq!(kept, [3, 4]);
    simulator.clear_journal();
    assert!(simulator.journal().is_empty());
    client.call(V1, FORM).await;
    simulator.wait_for(6).await;
    assert_eq!(simulator.journal()[0].index(), 5);
    assert_eq!(simulator.requests_arrived(), 6);
}

#[tokio::test]
async fn an_observer_sees_what_the_journal_keeps() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let observer = Arc::clone(&seen);
    let simulator = Simulator::builder()
        .observe(move |received| observer.lock().unwrap().push(received.index()))
        .start()
        .await
        .unwrap();
    call(&simulator, V1, FORM).await;
    call(&simulator, V1, "").await;
    assert_eq!(*seen.lock().unwrap(), [0, 1]);
}

#[tokio::test]
async fn shutdown_closes_everything_and_the_port_is_free_again() {
    let simulator = with_rules([Rule::always().then(Fault::Hang)]).await;
    let mut client = Client::connect(&simulator).await;
    client.send(post(V1, FORM)).await;
    simulator.wait_for(1).await;
    let address = simulator.address();
    simulator.shutdown().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    assert_eq!(client.rest().await.unwrap(), b"");
    TcpStream::connect(address).await.unwrap_err();
    let successor = Simulator::builder().bind(address).start().await.unwrap();
    assert_eq!(call(&successor, V1, FORM).await.status, 200);
}

#[tokio::test]
async fn dropping_closes_idle_connections() {
    let simulator = with_rules([]).await;
    let mut client = Client::connect(&simulator).await;
    client.call(V1, FORM).await;
    drop(simulator);
    assert_eq!(client.rest().await.unwrap(), b"");
}
