//! The floor: the bytes core writes, written by hand.
//!
//! One buffer of the right size, every header known by its place, nothing kept, nothing checked,
//! no configuration. No program that asks the service can do with less by much; core is measured
//! against it, not against a clock.

mod form;
mod json;

use std::time::{Duration, SystemTime};

use crate::sample::Sample;

/// A request with the place of everything found beforehand.
#[derive(Debug)]
pub struct Floor<'a> {
    sample: &'a Sample,
    host: &'a str,
    cheq_cookie: Option<&'a str>,
    duid_cookie: Option<&'a str>,
    form: Vec<(&'static str, &'a str)>,
    json: Vec<(&'static str, &'a str)>,
    size: usize,
}

impl<'a> Floor<'a> {
    /// Finds everything; this is not part of what is measured. Of each value as much is taken as
    /// core takes.
    pub fn new(sample: &'a Sample) -> Self {
        let cookie = |name: &str| {
            let mut pairs = sample.value("cookie")?.split("; ");
            pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let text = |(name, value): &(String, String)| name.len() + value.len();
        let text: usize = sample.headers.iter().map(text).sum();
        let taken = |field: &(&'static str, &str), length: Option<usize>| {
            let value = sample.value(field.1)?;
            Some((field.0, value.get(..length?)?))
        };
        let form = form::Lengths::of(sample);
        let json = json::Lengths::of(sample);
        Self {
            sample,
            host: sample.value("host").unwrap_or_default(),
            cheq_cookie: cookie("_cheq_rti"),
            duid_cookie: cookie("_cq_duid"),
            form: (form::FIELDS.iter())
                .filter_map(|field| taken(field, form.get(field.0)))
                .collect(),
            json: (json::MEMBERS.iter())
                .filter_map(|member| taken(member, json.get(member.1)))
                .collect(),
            size: 1024 + 3 * text,
        }
    }

    /// The body of v1.
    pub fn form(&self, now: Duration) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size);
        form::write(self, now, &mut out);
        out
    }

    /// The body of v4.1.
    pub fn json(&self, now: Duration) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size);
        json::write(self, now, &mut out);
        out
    }
}

/// The time since the epoch, which either body tells.
pub fn now() -> Duration {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

/// `user-agent` as HTTP/1 writes it: `User-Agent`.
fn capitalise(name: &str, out: &mut Vec<u8>) {
    let mut begins = true;
    for byte in name.bytes() {
        out.push(if begins {
            byte.to_ascii_uppercase()
        } else {
            byte
        });
        begins = byte == b'-';
    }
}

fn number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn address(out: &mut Vec<u8>) {
    use std::io::Write as _;
    // Into memory: there is nothing to fail on.
    let _ = write!(out, "{}", crate::sample::PEER);
}

/// Copies a value in runs, up to each byte that must be written in another way.
fn runs(value: &[u8], plain: &[bool; 256], out: &mut Vec<u8>, escape: fn(u8, &mut Vec<u8>)) {
    let mut rest = value;
    while let Some(at) = rest.iter().position(|byte| !plain[*byte as usize]) {
        out.extend_from_slice(&rest[..at]);
        escape(rest[at], out);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use rti_core::ApiVersion;

    use super::*;
    use crate::canned::encoded;

    fn text(body: &[u8]) -> &str {
        std::str::from_utf8(body).unwrap()
    }

    #[test]
    fn the_form_is_the_same_to_the_byte() {
        for sample in [Sample::curl(), Sample::browser(), Sample::hostile()] {
            let body = encoded(ApiVersion::V1, &sample);
            let time = form_urlencoded::parse(&body).find(|(name, _)| name == "RequestTime");
            let now = Duration::from_millis(time.unwrap().1.parse().unwrap());
            let floor = Floor::new(&sample).form(now);
            assert_eq!(text(&floor), text(&body), "{}", sample.name);
        }
    }

    #[test]
    fn the_json_is_the_same_to_the_byte() {
        for sample in [Sample::curl(), Sample::browser(), Sample::hostile()] {
            let body = encoded(ApiVersion::V4_1, &sample);
            let read: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let now = Duration::from_micros(read["microTime"].as_str().unwrap().parse().unwrap());
            let floor = Floor::new(&sample).json(now);
            assert_eq!(text(&floor), text(&body), "{}", sample.name);
        }
    }
}
