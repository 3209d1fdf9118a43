//! Who the visitor is: the client address, and when a forwarded header is trusted.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// Where the client address comes from.
///
/// Anyone can write a forwarded header, so none counts until it is configured: by default the
/// visitor is the peer. With trusted proxies, forwarded headers count only on connections that
/// come from one of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientIpSource {
    pub(crate) trusted_header: Option<Box<str>>,
    pub(crate) trusted_proxies: Vec<IpNet>,
}

/// The forwarded headers of one request; several of a name are joined by commas.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ForwardedHeaders<'a> {
    pub(crate) trusted: Option<&'a str>,
    pub(crate) x_forwarded_for: Option<&'a str>,
    pub(crate) forwarded: Option<&'a str>,
}

impl ClientIpSource {
    pub(crate) fn resolve(
        &self,
        peer: Option<IpAddr>,
        headers: ForwardedHeaders<'_>,
    ) -> Option<IpAddr> {
        let peer = peer.map(|ip| ip.to_canonical());
        if !self.is_header_trusted(peer) {
            return peer;
        }
        if self.trusted_header.is_some() {
            let named = headers
                .trusted
                .and_then(|value| parse(value.rsplit(',').next()?));
            return named.or(peer);
        }
        let peer = peer?;
        if self.trusted_proxies.is_empty() {
            return Some(peer);
        }
        // X-Forwarded-For is what nearly every proxy writes. Forwarded counts only without it: a
        // proxy that writes the one and passes the other through would let a client choose.
        match (headers.x_forwarded_for, headers.forwarded) {
            (Some(hops), _) => Some(self.walk(peer, elements(hops).map(parse))),
            (None, Some(hops)) => Some(self.walk(peer, elements(hops).map(forwarded_for))),
            (None, None) => Some(peer),
        }
    }

    /// Whether headers that the configuration names count on a connection from this peer: without
    /// trusted proxies they count from everyone.
    pub(crate) fn is_header_trusted(&self, peer: Option<IpAddr>) -> bool {
        self.trusted_proxies.is_empty() || self.is_trusted_proxy(peer)
    }

    /// Whether anything but the peer's address can count.
    pub(crate) fn is_configured(&self) -> bool {
        self.trusted_header.is_some() || !self.trusted_proxies.is_empty()
    }

    /// Whether this connection comes from a proxy whose headers are trusted.
    pub(crate) fn is_trusted_proxy(&self, peer: Option<IpAddr>) -> bool {
        peer.is_some_and(|ip| self.contains(ip.to_canonical()))
    }

    /// From the right past trusted hops; a hop that is not an address ends the walk at the last
    /// one known, since nothing to its left can be vouched for.
    fn walk(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut client = peer;
        for hop in hops {
            let Some(hop) = hop else { break };
            client = hop;
            if !self.contains(hop) {
                break;
            }
        }
        client
    }

    fn contains(&self, ip: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&ip))
    }
}

/// What one visitor has: an address, or over IPv6 a network of 64 bits, in which it may choose any address.
pub(crate) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The elements of a list from the right. Empty ones mean nothing (RFC 9110).
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.rsplit(',')
        .filter(|element| !element.trim().is_empty())
}

/// An address as proxies write it: with a port, brackets, quotes or a zone.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let ip = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
                return None;
            }
            address
        }
        None => match text.split_once(':') {
            Some((address, port)) if !port.contains(':') => {
                if !is_port(port) {
                    return None;
                }
                address
            }
            _ => text,
        },
    };
    let ip = ip.split_once('%').map_or(ip, |(address, _zone)| address);
    ip.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

/// The `for` of one element of a `Forwarded` header (RFC 7239).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("for")
            .then(|| parse(value))?
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn behind(networks: &[&str]) -> ClientIpSource {
        ClientIpSource {
            trusted_header: None,
            trusted_proxies: networks
                .iter()
                .map(|network| network.parse().unwrap())
                .collect(),
        }
    }

    fn xff(value: &str) -> ForwardedHeaders<'_> {
        ForwardedHeaders {
            x_forwarded_for: Some(value),
            ..ForwardedHeaders::default()
        }
    }

    #[test]
    fn a_visitor_has_an_address_or_a_network_of_64_bits() {
        for (one, other, is_same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ] {
            let is_one = network(ip(one)) == network(ip(other));
            assert_eq!(is_one, is_same, "{one}, {other}");
        }
    }

    #[test]
    fn by_default_the_visitor_is_the_peer() {
        let source = ClientIpSource::default();
        let headers = ForwardedHeaders {
            trusted: Some("198.51.100.7"),
            x_forwarded_for: Some("198.51.100.7"),
            forwarded: Some("for=198.51.100.7"),
        };
        assert_eq!(
            source.resolve(Some(ip("192.0.2.1")), headers),
            Some(ip("192.0.2.1"))
        );
        assert_eq!(source.resolve(None, headers), None);
        assert_eq!(
            source.resolve(Some(ip("::ffff:192.0.2.1")), headers),
            Some(ip("192.0.2.1"))
        );
    }

    #[test]
    fn a_trusted_header_names_the_visitor() {
        let source = ClientIpSource {
            trusted_header: Some("client-ip".into()),
            trusted_proxies: vec![],
        };
        let peer = Some(ip("192.0.2.1"));
        for (value, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("203.0.113.9, 198.51.100.7", "198.51.100.7"),
            (" 198.51.100.7:4711 ", "198.51.100.7"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("unknown", "192.0.2.1"),
            ("198.51.100.7,", "192.0.2.1"),
            ("198.51.100.7:port", "192.0.2.1"),
            ("", "192.0.2.1"),
        ] {
            let headers = ForwardedHeaders {
                trusted: Some(value),
                ..ForwardedHeaders::default()
            };
            assert_eq!(source.resolve(peer, headers), Some(ip(expected)), "{value}");
        }
    }

    #[test]
    fn with_trusted_proxies_the_header_counts_only_from_them() {
        let source = ClientIpSource {
            trusted_header: Some("client-ip".into()),
            ..behind(&["10.0.0.0/8"])
        };
        let headers = ForwardedHeaders {
            trusted: Some("198.51.100.7"),
            ..ForwardedHeaders::default()
        };
        assert_eq!(
            source.resolve(Some(ip("10.1.1.1")), headers),
            Some(ip("198.51.100.7"))
        );
        assert_eq!(
            source.resolve(Some(ip("192.0.2.1")), headers),
            Some(ip("192.0.2.1"))
        );
        assert_eq!(source.resolve(None, headers), None);
    }

    #[test]
    fn the_walk_goes_from_the_right_past_trusted_hops() {
        let source = behind(&["10.0.0.0/8", "2001:db8::/32"]);
        let peer = Some(ip("10.0.0.1"));
        for (value, expected) in [
            ("198.51.100.7", "198.51.100.7"),
            ("1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
            ("198.51.100.7, 10.0.0.3,10.0.0.2", "198.51.100.7"),
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
            ("198.51.100.7, garbage, 10.0.0.2", "10.0.0.2"),
            ("", "10.0.0.1"),
            ("[2001:db8::5]:1, ::ffff:10.0.0.9", "2001:db8::5"),
        ] {
            assert_eq!(
                source.resolve(peer, xff(value)),
                Some(ip(expected)),
                "{value}"
            );
        }
        assert_eq!(
            source.resolve(Some(ip("192.0.2.1")), xff("1.1.1.1")),
            Some(ip("192.0.2.1"))
        );
    }

    #[test]
    fn forwarded_counts_where_x_forwarded_for_is_absent() {
        let source = behind(&["10.0.0.0/8"]);
        let peer = Some(ip("10.0.0.1"));
        let mut headers = ForwardedHeaders {
            forwarded: Some("for=1.1.1.1;proto=http, For=\"[2001:db8::7]:4711\";by=10.0.0.1"),
            ..ForwardedHeaders::default()
        };
        assert_eq!(source.resolve(peer, headers), Some(ip("2001:db8::7")));
        headers.x_forwarded_for = Some("198.51.100.7");
        assert_eq!(source.resolve(peer, headers), Some(ip("198.51.100.7")));
    }

    proptest! {
        #[test]
        fn any_text_is_survived_and_strangers_change_nothing(text in ".*") {
            let peer = Some(ip("192.0.2.1"));
            prop_assert_eq!(behind(&["10.0.0.0/8"]).resolve(peer, xff(&text)), peer);
            behind(&["0.0.0.0/0", "::/0"]).resolve(peer, xff(&text));
            forwarded_for(&text);
        }

        #[test]
        fn what_a_client_writes_to_the_left_changes_nothing(forged in "[ -~]{0,80}") {
            let source = behind(&["10.0.0.0/8"]);
            let value = format!("{forged}, 198.51.100.7, 10.0.0.9");
            prop_assert_eq!(source.resolve(Some(ip("10.0.0.1")), xff(&value)), Some(ip("198.51.100.7")));
        }
    }
}
