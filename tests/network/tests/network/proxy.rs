//! The proxy in front of a server that echoes.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use rti_test_network::{Fate, Proxy, ProxyBuilder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::client::{A_WHILE, GENEROUS};

const ROUND_TRIP: Duration = Duration::from_millis(60);

/// A proxy to a server that sends back what it reads, and ends with its client.
async fn to_echo() -> ProxyBuilder {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::to(listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    proxy
}

async fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Whether a new connection is reset, however early that shows.
async fn is_new_reset(proxy: &Proxy) -> bool {
    match TcpStream::connect(proxy.address()).await {
        Ok(mut stream) => is_reset(&mut stream).await,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// Sends a byte and waits for it.
async fn echo(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"x").await?;
    stream.read_u8().await.map(drop)
}

async fn is_silent(stream: &mut TcpStream) -> bool {
    timeout(A_WHILE, echo(stream)).await.is_err()
}

async fn is_reset(stream: &mut TcpStream) -> bool {
    let read = timeout(GENEROUS, echo(stream)).await.unwrap();
    read.is_err_and(|error| {
        matches!(
            error.kind(),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        )
    })
}

/// One to connect and one to ask; then one each.
#[tokio::test]
async fn a_connect_and_an_echo_take_a_round_trip_each() {
    let proxy = to_echo().await.round_trip(ROUND_TRIP).start();
    let began = Instant::now();
    let mut stream = connect(&proxy).await;
    echo(&mut stream).await.unwrap();
    let first = began.elapsed();
    assert!(
        first >= 2 * ROUND_TRIP && first < 6 * ROUND_TRIP,
        "{first:?}"
    );
    let began = Instant::now();
    echo(&mut stream).await.unwrap();
    let second = began.elapsed();
    assert!(
        second >= ROUND_TRIP && second < 3 * ROUND_TRIP,
        "{second:?}"
    );
}

#[tokio::test]
async fn order_and_end_are_kept_while_the_delay_changes() {
    let proxy = to_echo().await.round_trip(ROUND_TRIP).start();
    let stream = connect(&proxy).await;
    let (mut from, mut to) = stream.into_split();
    let writing = async {
        for number in 0..2000_u32 {
            to.write_u32(number).await.unwrap();
            if number % 100 == 0 {
                proxy.set_round_trip(ROUND_TRIP * (number / 100 % 2));
                tokio::task::yield_now().await;
            }
        }
        drop(to);
    };
    let reading = async {
        let mut read = Vec::new();
        from.read_to_end(&mut read).await.unwrap();
        read
    };
    let ((), read) = tokio::join!(writing, reading);
    let expected: Vec<u8> = (0..2000_u32).flat_map(u32::to_be_bytes).collect();
    assert!(read == expected, "{} bytes", read.len());
}

#[tokio::test]
async fn bandwidth_is_shared_by_all_connections() {
    let proxy = to_echo().await.bandwidth(320_000).start();
    let began = Instant::now();
    let transfer = async || {
        let mut stream = connect(&proxy).await;
        stream.write_all(&[0; 16_000]).await.unwrap();
        stream.read_exact(&mut [0; 16_000]).await.unwrap();
    };
    tokio::join!(transfer(), transfer());
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(95), "{took:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn open_and_new_connections_are_swallowed_apart() {
    let proxy = to_echo().await.start();
    let mut open = connect(&proxy).await;
    echo(&mut open).await.unwrap();
    proxy.open_connections(Fate::Swallow);
    assert!(is_silent(&mut open).await);
    let mut new = connect(&proxy).await;
    echo(&mut new).await.unwrap();

    proxy.new_connections(Fate::Swallow);
    echo(&mut new).await.unwrap();
    assert!(is_silent(&mut connect(&proxy).await).await);

    proxy.all_connections(Fate::Carry);
    assert!(is_silent(&mut open).await, "what was lost is lost");
    echo(&mut connect(&proxy).await).await.unwrap();
}

#[tokio::test]
async fn open_and_new_connections_are_reset_apart() {
    let proxy = to_echo().await.start();
    let mut open = connect(&proxy).await;
    echo(&mut open).await.unwrap();
    proxy.open_connections(Fate::Reset);
    assert!(is_reset(&mut open).await);
    echo(&mut connect(&proxy).await).await.unwrap();
    proxy.new_connections(Fate::Reset);
    assert!(is_new_reset(&proxy).await);
}

#[tokio::test]
async fn a_pause_keeps_bytes_until_it_ends() {
    let proxy = to_echo().await.start();
    let mut stream = connect(&proxy).await;
    echo(&mut stream).await.unwrap();
    proxy.all_connections(Fate::Pause);
    assert!(is_silent(&mut stream).await);
    proxy.all_connections(Fate::Carry);
    timeout(GENEROUS, stream.read_u8()).await.unwrap().unwrap();
}

#[tokio::test]
async fn connections_past_the_limit_are_reset() {
    let proxy = to_echo().await.start();
    proxy.limit(1);
    let mut first = connect(&proxy).await;
    echo(&mut first).await.unwrap();
    assert!(is_new_reset(&proxy).await);
    assert_eq!(proxy.accepted(), 2);
    drop(first);
    // The proxy notices the end in its own time.
    timeout(GENEROUS, async {
        while proxy.open() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    echo(&mut connect(&proxy).await).await.unwrap();
}
