//! How much of each value is taken.
//!
//! What tells visitors apart (the address, the URL, the host, the user agent, the referrer, the
//! cookies) has a place of its own, which nothing else can take. All other headers share one, and
//! and the values of extractors have their own. Together a request takes less than 64 KiB in any protocol,
//! whatever a client sends.

use super::text::Bound;
use crate::extractors::Extracted;
use crate::known_headers::KnownHeader as H;

/// 4,096 bytes: no browser's field is longer.
pub(super) const FIELD: Bound = Bound {
    bytes: 4096,
    encoded: 6144,
};

/// A host name has 253 characters at most; ids and methods are short.
pub(super) const SHORT: Bound = Bound {
    bytes: 255,
    encoded: 765,
};

/// All headers without a place of their own.
pub(super) const OTHER_HEADERS: usize = 8192;

/// The bound of a header without a place of its own, by what the others take.
pub(super) fn shared_place(others: Option<usize>) -> Bound {
    let left = OTHER_HEADERS.saturating_sub(others.unwrap_or_default());
    Bound {
        encoded: FIELD.encoded.min(left),
        ..FIELD
    }
}

/// The bound of what an extractor gives: each has a place of its own.
pub(super) fn extracted(what: Extracted) -> Bound {
    match what {
        Extracted::Channel => FIELD,
        Extracted::Ja3 | Extracted::Ja3Sorted | Extracted::IpTcp => Bound {
            bytes: 2048,
            encoded: 3072,
        },
        _ => SHORT,
    }
}

/// The bound of a header that has a place of its own.
pub(super) fn own_place(header: H) -> Option<Bound> {
    match header {
        H::UserAgent | H::XForwardedFor | H::Referer => Some(FIELD),
        // Ten hops, with ports and protocols.
        H::Forwarded => Some(Bound {
            bytes: 1024,
            encoded: 3072,
        }),
        H::Host | H::RequestId | H::XRealIp | H::TrueClientIp => Some(SHORT),
        _ => None,
    }
}
