//! One connection through the proxy.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::controls::{Controls, Told};
use super::{Fate, direction};

/// Carries a connection until both directions have ended, or one side or its fate resets it.
pub(super) async fn carry(
    mut client: TcpStream,
    upstream: SocketAddr,
    told: Told,
    controls: Arc<Controls>,
) {
    let mut service = None;
    let carrying = connect_and_carry(&mut client, &mut service, upstream, &told, &controls);
    let ended = tokio::select! {
        ended = carrying => Some(ended),
        () = lost(&told) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None if *told.fate.borrow() == Fate::Swallow => swallow(&mut client, &told).await,
        None => false,
    };
    if !ended {
        for stream in service.iter().chain([&client]) {
            // What is gone already cannot be reset.
            let _ = stream.set_zero_linger();
        }
    }
}

/// Returns when the connection is to carry nothing more.
async fn lost(told: &Told) {
    let is_lost = |fate: &Fate| matches!(fate, Fate::Swallow | Fate::Reset);
    let _ = told.fate.clone().wait_for(is_lost).await;
}

/// Loses what the client sends until it leaves. What the service sends is not read, and that the
/// service leaves is not passed on.
async fn swallow(client: &mut TcpStream, told: &Told) -> bool {
    let mut fate = told.fate.clone();
    let mut buffer = [0; 4096];
    loop {
        tokio::select! {
            read = client.read(&mut buffer) => match read {
                Ok(1..) => {}
                Ok(0) | Err(_) => return false,
            },
            _ = fate.wait_for(|fate| *fate == Fate::Reset) => return false,
        }
    }
}

/// Whether the connection ended in order; if not, both sides are to be reset.
async fn connect_and_carry(
    client: &mut TcpStream,
    service: &mut Option<TcpStream>,
    upstream: SocketAddr,
    told: &Told,
    controls: &Controls,
) -> bool {
    // The round trip that a connect takes; see the module.
    let round_trip = controls.round_trip();
    if !round_trip.is_zero() {
        sleep(round_trip).await;
    }
    let Ok(connected) = TcpStream::connect(upstream).await else {
        return false;
    };
    let service = service.insert(connected);
    for stream in [&*client, &*service] {
        let _ = stream.set_nodelay(true);
    }
    let delay = || controls.round_trip() / 2;
    let (from_client, to_client) = client.split();
    let (from_service, to_service) = service.split();
    let (there, back) = (told.fate.clone(), told.fate.clone());
    let there = direction::carry(from_client, to_service, &controls.to_service, delay, there);
    let back = direction::carry(from_service, to_client, &controls.to_client, delay, back);
    tokio::try_join!(there, back).is_ok()
}
