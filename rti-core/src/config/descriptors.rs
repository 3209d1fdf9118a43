//! How many file descriptors this process may open, and how many calls in flight they allow.

/// As many calls as descriptors allow: a call takes one and its visitor another. However many there
/// are, more calls than this would only wait for one another.
const MAX: usize = 4096;

/// With fewer, an ordinary crowd would be unchecked.
const MIN: usize = 64;

/// Where no limit can be read.
#[cfg(not(unix))]
const UNKNOWN: usize = 1024;

/// The soft limit on open descriptors; `None` where there is none.
#[cfg(unix)]
pub(super) fn limit() -> Option<usize> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current?;
    Some(usize::try_from(limit).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
pub(super) fn limit() -> Option<usize> {
    None
}

/// The default of `max_in_flight`.
#[cfg(unix)]
pub(super) fn calls_in_flight() -> usize {
    limit().map_or(MAX, calls)
}

#[cfg(not(unix))]
pub(super) fn calls_in_flight() -> usize {
    calls(2 * UNKNOWN)
}

fn calls(descriptors: usize) -> usize {
    (descriptors / 2).clamp(MIN, MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_descriptors_are_for_calls() {
        for (descriptors, expected) in [
            (0, 64),
            (64, 64),
            (256, 128),
            (1024, 512),
            (4096, 2048),
            (65_536, 4096),
            (usize::MAX, 4096),
        ] {
            assert_eq!(calls(descriptors), expected, "{descriptors}");
        }
    }
}
