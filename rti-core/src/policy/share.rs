//! Which visitors a policy acts on, when it acts on a share of them.

use std::fmt;
use std::hash::Hasher as _;
use std::net::IpAddr;

use siphasher::sip::SipHasher24;

use crate::client_ip;

/// A hundredth of a per cent is the finest share.
const BUCKETS: u16 = 10_000;

/// The share of visitors that a policy acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share(u16);

impl Share {
    pub(crate) const ALL: Self = Self(BUCKETS);

    /// From per cent, with at most two decimals.
    pub(crate) fn from_percent(percent: f64) -> Option<Self> {
        let hundredths = (percent * 100.0).round();
        let is_exact = (percent * 100.0 - hundredths).abs() < 1e-6;
        let in_range = (0.0..=f64::from(BUCKETS)).contains(&hundredths);
        // No number that is larger or has a fraction is left.
        (is_exact && in_range)
            .then(|| (0..=BUCKETS).find(|share| f64::from(*share) >= hundredths))
            .flatten()
            .map(Self)
    }

    pub(crate) fn contains(self, bucket: Bucket) -> bool {
        bucket.0 < self.0
    }

    pub(crate) fn percent(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    pub(crate) fn is_all(self) -> bool {
        self == Self::ALL
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole}"),
            _ if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            _ => write!(f, "{whole}.{rest:02}"),
        }
    }
}

/// Where a visitor stands among all: a share takes the visitors of the lowest buckets, so that those who
/// were in a share are in any larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucket(u16);

impl Bucket {
    /// Of a visitor who is not known: in no share but that of everybody.
    pub(crate) const UNKNOWN: Self = Self(BUCKETS - 1);

    /// By client address (IPv6 by its network of 64 bits, which a household has) and user agent, keyed
    /// with the tag hash: the same on every machine and after every restart, and another on every site.
    ///
    /// `SipHash` is specified, so it is the same in every version; the standard library's hasher is not.
    pub(crate) fn of(tag_hash: &str, client_ip: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        let mut hasher = SipHasher24::new();
        for part in [tag_hash, user_agent.unwrap_or_default()] {
            hasher.write_u64(part.len() as u64);
            hasher.write(part.as_bytes());
        }
        match client_ip.map(client_ip::network) {
            Some(IpAddr::V4(ip)) => hasher.write(&ip.octets()),
            Some(IpAddr::V6(ip)) => hasher.write(&ip.octets()),
            None => {}
        }
        let bucket = hasher.finish() % u64::from(BUCKETS);
        Self(u16::try_from(bucket).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(number: u32) -> Bucket {
        let ip = IpAddr::from(number.to_be_bytes());
        Bucket::of("hash", Some(ip), Some("Mozilla/5.0"))
    }

    #[test]
    fn per_cent_has_two_decimals() {
        for (percent, shown) in [
            (0.0, "0"),
            (5.0, "5"),
            (0.5, "0.5"),
            (12.34, "12.34"),
            (100.0, "100"),
            (0.01, "0.01"),
        ] {
            assert_eq!(Share::from_percent(percent).unwrap().to_string(), shown);
        }
        for percent in [-1.0, 100.01, 0.001, f64::NAN, f64::INFINITY] {
            assert_eq!(Share::from_percent(percent), None, "{percent}");
        }
    }

    #[test]
    fn a_share_holds_as_many_visitors_as_it_says_and_grows() {
        let mut before = Vec::new();
        for percent in [0.0, 1.0, 5.0, 25.0, 50.0, 90.0, 100.0] {
            let share = Share::from_percent(percent).unwrap();
            let inside: Vec<u32> = (0..10_000)
                .filter(|visitor| share.contains(bucket(*visitor)))
                .collect();
            let count = f64::from(u32::try_from(inside.len()).unwrap());
            assert!((count / 100.0 - percent).abs() <= 2.0, "{percent}: {count}");
            assert!(before.iter().all(|visitor| inside.contains(visitor)));
            before = inside;
        }
    }

    #[test]
    fn a_bucket_is_the_visitors_own_and_the_same_everywhere() {
        assert_eq!(bucket(7), bucket(7));
        let of = |ip: &str, user_agent| Bucket::of("hash", ip.parse().ok(), Some(user_agent));
        assert_eq!(of("2001:db8:1:2::3", "a"), of("2001:db8:1:2:ffff::1", "a"));
        assert_ne!(of("2001:db8:1:2::3", "a"), of("2001:db8:1:3::3", "a"));
        assert_ne!(of("192.0.2.1", "a"), of("192.0.2.1", "b"));
        assert_ne!(
            of("192.0.2.1", "a"),
            Bucket::of("other", "192.0.2.1".parse().ok(), Some("a"))
        );
        // Computed once: it must not change from version to version.
        assert_eq!(of("192.0.2.1", "Mozilla/5.0"), Bucket(8587));
    }
}
