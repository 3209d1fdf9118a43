//! Accepts connections, owns their tasks and counts them.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::service::Service;
use crate::socket::Socket;

/// Accepts until the sender of `stop` is dropped, then closes the listener and every connection.
///
/// The tasks of the connections belong to this one, so that none outlives it.
pub(crate) async fn listen(
    listener: TcpListener,
    service: Arc<Service>,
    connections: Arc<Connections>,
    mut stop: oneshot::Receiver<()>,
) {
    let mut serving = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stop => break,
            Some(_) = serving.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let open = OpenConnection::count(Arc::clone(&connections));
                    serving.spawn(serve(open, Arc::clone(&service), stream));
                }
                // Probably out of file descriptors: trying again immediately would be a busy loop.
                Err(_) => sleep(Duration::from_millis(20)).await,
            },
        }
    }
    drop(listener);
    serving.shutdown().await;
}

/// Arguments are dropped from last to first, so a connection that counts as closed is closed.
async fn serve(open: OpenConnection, service: Arc<Service>, stream: TcpStream) {
    let connection = Connection {
        socket: Socket::new(stream),
        number: open.number,
        service: &service,
    };
    // A client that disconnects is not an error of the service.
    let _ = connection.serve().await;
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    accepted: u64,
    open: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Connections(watch::Sender<Counts>);

impl Connections {
    pub(crate) fn accepted(&self) -> u64 {
        self.0.borrow().accepted
    }

    pub(crate) fn open(&self) -> u64 {
        self.0.borrow().open
    }

    pub(crate) async fn wait_for_accepted(&self, connections: u64) {
        self.wait_until(|counts| counts.accepted >= connections)
            .await;
    }

    pub(crate) async fn wait_for_none_open(&self) {
        self.wait_until(|counts| counts.open == 0).await;
    }

    async fn wait_until(&self, holds: impl Fn(&Counts) -> bool) {
        let mut counts = self.0.subscribe();
        // The sender is in `self`, so the channel cannot close meanwhile.
        let _ = counts.wait_for(|counts| holds(counts)).await;
    }
}

/// A connection that counts as open while this exists.
struct OpenConnection {
    connections: Arc<Connections>,
    number: u64,
}

impl OpenConnection {
    fn count(connections: Arc<Connections>) -> Self {
        let number = connections.accepted();
        connections.0.send_modify(|counts| {
            counts.accepted += 1;
            counts.open += 1;
        });
        Self {
            connections,
            number,
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.connections.0.send_modify(|counts| counts.open -= 1);
    }
}
