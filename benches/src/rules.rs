//! Exclusions by the thousand.

/// So many exact paths, of the shape of a shop's.
pub fn exact(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("/section-{}/page-{n}", n % 7))
        .collect()
}

/// So many anchored regexes.
pub fn regex(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("re:^/section-{}/static-{n}/[a-z0-9]+$", n % 7))
        .collect()
}

/// Paths that none of them excludes, and that differ, so that no cache holds just one.
pub const MISSES: [&str; 8] = [
    "/",
    "/catalogue/shoes",
    "/section-3/other",
    "/section-6/static-x/y",
    "/checkout/address",
    "/section-1/page-",
    "/account/orders/2026-0000017",
    "/search",
];

/// A path that the last exact rule excludes.
pub fn exact_hit(count: usize) -> String {
    exact(count).pop().unwrap_or_default()
}

/// A path that the last regex excludes.
pub fn regex_hit(count: usize) -> String {
    let last = count - 1;
    format!("/section-{}/static-{last}/app1", last % 7)
}
