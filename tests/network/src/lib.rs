//! A network for tests and measurements, all of it on loopback.
//!
//! - [`Proxy`]: a TCP proxy with a round-trip time, a bandwidth, and faults that are switched while
//!   it runs.
//! - [`Service`]: a verdict service that calls every visitor a bot, over TLS or plain, HTTP/1.1 or
//!   HTTP/2, with faults of a server.
//!
//! Each runs in a thread of its own and ends with its value: a runtime that a test blocks does not
//! block its network.
//!
//! ```text
//! engine ── Proxy (delay, faults of the path) ── Service (TLS, HTTP, faults of the server)
//! ```

mod background;
mod proxy;
mod service;

pub use self::proxy::{Fate, Proxy, ProxyBuilder};
pub use self::service::{
    Authority, Behaviour, Ending, Failure, Http, Scheme, Service, ServiceBuilder,
};
