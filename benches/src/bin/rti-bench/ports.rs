//! A port that is still free when a service comes back to it.
//!
//! Ports that the kernel gives to outgoing connections will not do: one of thousands of clients may
//! be given the port while nobody listens there, or connect from the port to itself.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// Below what Linux gives away by default.
const RANGE: std::ops::Range<u16> = 21_000..31_000;

/// Listens on the first port that is free.
pub(crate) fn listen() -> TcpListener {
    // Not two programs on the same way through the range, as a rule.
    let offset = (std::process::id() % 9_000) as u16;
    let mut ports = RANGE.skip(offset.into());
    let listener = ports.find_map(|port| listen_on(([127, 0, 0, 1], port).into()).ok());
    listener.expect("loopback has a free port")
}

/// Listens with room for as many who connect at once as the kernel allows: where there is none, a
/// client tries again after a second.
pub(crate) fn listen_on(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4096)
}
