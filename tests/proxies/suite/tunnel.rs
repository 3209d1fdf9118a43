//! TLS for clients that write exact bytes: what they send in the clear leaves encrypted, and from
//! an address that is not the proxy's.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rti_conformance::client::HOST;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The visitors' address. The proxies connect to the application from 127.0.0.1.
pub(crate) const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Listens in the clear, and gives the address. It ends with the runtime.
pub(crate) async fn open(proxy: SocketAddr, tls: Arc<ClientConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connector = TlsConnector::from(tls);
    tokio::spawn(async move {
        while let Ok((mut visitor, _)) = listener.accept().await {
            let connector = connector.clone();
            tokio::spawn(async move {
                let mut encrypted = connect(proxy, &connector).await;
                // An error ends both sides, which the visitor sees.
                let _ = copy_bidirectional(&mut visitor, &mut encrypted).await;
            });
        }
    });
    address
}

async fn connect(proxy: SocketAddr, connector: &TlsConnector) -> TlsStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((VISITOR, 0).into()).unwrap();
    let stream = socket.connect(proxy).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    connector.connect(name, stream).await.unwrap()
}
