//! Accepting connections, and owning them.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::connections::{Connections, OpenConnection};
use crate::service::Service;
use crate::wire::Wire;

/// Accepts until the sender of `stop` is gone, then closes the listener and every connection.
///
/// The tasks of the connections belong to this one, so that none can outlive it.
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
                // Out of file descriptors, most likely: trying again at once would spin.
                Err(_) => sleep(Duration::from_millis(20)).await,
            },
        }
    }
    drop(listener);
    serving.shutdown().await;
}

/// Arguments are dropped from last to first: what counts as closed has a closed socket.
async fn serve(open: OpenConnection, service: Arc<Service>, stream: TcpStream) {
    let connection = Connection {
        wire: Wire::new(stream),
        number: open.number(),
        service: &service,
    };
    // A client that is gone is no error of the service's.
    let _ = connection.serve().await;
}
