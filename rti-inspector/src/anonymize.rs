//! Clients without their addresses.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// Whether clients are shown by their addresses, the option `inspector_anonymize`.
///
/// ```
/// # use rti_inspector::Anonymize;
/// assert_eq!("networks".parse(), Ok(Anonymize::Networks));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Anonymize {
    /// Addresses are shown and kept.
    #[default]
    Off,
    /// Only the network is shown and kept: 24 bits of IPv4, 48 of IPv6. What was sent and what came back is not
    /// kept then, since addresses are in it.
    Networks,
}

impl FromStr for Anonymize {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "off" => Ok(Self::Off),
            "networks" | "on" => Ok(Self::Networks),
            _ => Err("expected `off` or `networks`"),
        }
    }
}

impl Anonymize {
    /// How a client is shown.
    pub(crate) fn client(self, ip: IpAddr) -> String {
        match self {
            Self::Off => ip.to_string(),
            Self::Networks => network(ip),
        }
    }
}

/// The network of a client, by which clients are counted together in any case.
pub(crate) fn network(ip: IpAddr) -> String {
    let bits = if ip.is_ipv4() { 24 } else { 48 };
    IpNet::new(ip, bits).map_or_else(|_| String::new(), |network| network.trunc().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bits_are_gone() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let anonymous = |text| Anonymize::Networks.client(ip(text));
        assert_eq!(anonymous("198.51.100.7"), "198.51.100.0/24");
        assert_eq!(anonymous("2001:db8:1:2::7"), "2001:db8:1::/48");
        assert_eq!(Anonymize::Off.client(ip("198.51.100.7")), "198.51.100.7");
    }
}
