//! Which visitor something was issued to: what a clearance and a challenge are bound to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::keys::{KEY_ID_BYTES, Keys, Purpose};
use crate::request::ChallengeRequest;

/// How much of a MAC binds: 128 bits.
pub(crate) const BINDING_BYTES: usize = 16;

/// What a clearance is bound to.
///
/// | word | bound to | trade |
/// | --- | --- | --- |
/// | `none` | nothing | a stolen or sold cookie clears any client |
/// | `network` | user agent, and network of the client (IPv4 /24, IPv6 /48) | survives a new address in the same network; roaming between networks needs a new solution |
/// | `exact` | user agent, and address of the client | visitors on mobile networks and on both IPv4 and IPv6 are challenged often |
///
/// ```
/// use rti_challenge::Binding;
///
/// assert_eq!(Binding::default(), Binding::Network);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Binding {
    /// Nothing.
    None,
    /// User agent and client network.
    #[default]
    Network,
    /// User agent and client address.
    Exact,
}

/// The network of a client: IPv4 /24, IPv6 /48. It is what rates are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Network {
    V4([u8; 3]),
    V6([u8; 6]),
    Unknown,
}

impl Network {
    pub(crate) fn of(ip: Option<IpAddr>) -> Self {
        match ip.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => Self::v4(ip),
            Some(IpAddr::V6(ip)) => Self::v6(ip),
            None => Self::Unknown,
        }
    }

    fn v4(ip: Ipv4Addr) -> Self {
        let [a, b, c, _] = ip.octets();
        Self::V4([a, b, c])
    }

    fn v6(ip: Ipv6Addr) -> Self {
        let network = ip.octets().first_chunk().copied();
        network.map_or(Self::Unknown, Self::V6)
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
            Self::Unknown => &[],
        }
    }
}

/// The visitor as bytes that say nothing about it: they are in what clients hold.
pub(crate) fn binding(
    keys: &Keys,
    key_id: [u8; KEY_ID_BYTES],
    binding: Binding,
    request: &ChallengeRequest,
) -> Option<[u8; BINDING_BYTES]> {
    let ip = request.client_ip().map(|ip| ip.to_canonical());
    let network = Network::of(ip);
    let exact = ip.map(|ip| ip.to_string()).unwrap_or_default();
    let agent = request.user_agent();
    let parts: &[&[u8]] = match binding {
        Binding::None => &[b"none"],
        Binding::Network => &[b"network", network.bytes(), agent],
        Binding::Exact => &[b"exact", exact.as_bytes(), agent],
    };
    let digest = keys.digest(key_id, Purpose::Visitor, parts)?;
    digest.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> Network {
        Network::of(Some(ip.parse().unwrap()))
    }

    #[test]
    fn networks_are_of_24_and_48_bits() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.254"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
        assert_eq!(network("2001:db8:1::1"), network("2001:db8:1:ffff::2"));
        assert_ne!(network("2001:db8:1::1"), network("2001:db8:2::1"));
    }
}
