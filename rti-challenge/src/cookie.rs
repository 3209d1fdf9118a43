//! The cookie of a clearance: its name, its attributes, and finding it in a request.

use std::fmt;

use crate::clearance::TOKEN_CHARACTERS;

/// Where browsers keep it: https, and a host of its own.
const SECURE_NAME: &str = "__Host-rti_clearance";
/// On plain http on loopback, for development.
const LOOPBACK_NAME: &str = "rti_clearance";

/// How many cookies of one name are looked at. A browser sends one; what a client sends beyond costs
/// nothing but the reading of it.
const MAX_CANDIDATES: usize = 4;

/// Values of the clearance's cookie in a request that have its length: at most a few.
#[derive(Clone, Default)]
pub(crate) struct Candidates {
    secure: Vec<String>,
    loopback: Vec<String>,
}

/// How many there are: who has one of them is that visitor.
impl fmt::Debug for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidates")
            .field("secure", &self.secure.len())
            .field("loopback", &self.loopback.len())
            .finish()
    }
}

impl Candidates {
    /// Reads one `Cookie` header.
    pub(crate) fn read(&mut self, header: &[u8]) {
        for pair in header.split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            let found = match pair {
                _ if pair.len() > SECURE_NAME.len() + 1 + TOKEN_CHARACTERS => continue,
                _ => std::str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| pair.split_once('=')),
            };
            let (kept, value) = match found {
                Some((SECURE_NAME, value)) => (&mut self.secure, value),
                Some((LOOPBACK_NAME, value)) => (&mut self.loopback, value),
                _ => continue,
            };
            if value.len() == TOKEN_CHARACTERS && kept.len() < MAX_CANDIDATES {
                kept.push(value.to_owned());
            }
        }
    }

    pub(crate) fn of(&self, site: Site) -> &[String] {
        match site {
            Site::Public => &self.secure,
            Site::Loopback => &self.loopback,
        }
    }
}

/// Which of the two names is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Public,
    /// Plain http on loopback.
    Loopback,
}

/// A whole `Set-Cookie` value.
pub(crate) fn set(site: Site, token: &str, max_age: u64) -> String {
    match site {
        Site::Public => format!(
            "{SECURE_NAME}={token}; Path=/; Max-Age={max_age}; Secure; HttpOnly; SameSite=Lax"
        ),
        Site::Loopback => {
            format!("{LOOPBACK_NAME}={token}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_cookies_is_bounded() {
        let value = "x".repeat(TOKEN_CHARACTERS);
        let mut candidates = Candidates::default();
        for _ in 0..100_000 {
            candidates.read(format!("{SECURE_NAME}={value}; a=b").as_bytes());
        }
        assert_eq!(candidates.of(Site::Public).len(), MAX_CANDIDATES);
        assert!(candidates.of(Site::Loopback).is_empty());
    }

    #[test]
    fn a_value_of_another_length_is_not_kept() {
        let mut candidates = Candidates::default();
        candidates.read(format!("{SECURE_NAME}={}", "x".repeat(10_000_000)).as_bytes());
        candidates.read(format!("{SECURE_NAME}=x; =; ;;; {LOOPBACK_NAME}").as_bytes());
        candidates.read(&[0xff; 100]);
        assert!(candidates.of(Site::Public).is_empty());
    }

    #[test]
    fn the_attributes() {
        assert_eq!(
            set(Site::Public, "t", 60),
            "__Host-rti_clearance=t; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            set(Site::Loopback, "t", 60),
            "rti_clearance=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
        );
    }
}
