//! The body of v1: a form.

use std::collections::HashMap;
use std::time::Duration;

use rti_core::ApiVersion;

use super::{Floor, address, capitalise, number, runs};
use crate::canned::encoded;
use crate::sample::Sample;

/// Fields and the headers they come from, in the order of the wire.
pub(super) const FIELDS: [(&str, &str); 18] = [
    ("&UserAgent=", "user-agent"),
    ("&XForwardedFor=", "x-forwarded-for"),
    ("&Referer=", "referer"),
    ("&Accept=", "accept"),
    ("&AcceptEncoding=", "accept-encoding"),
    ("&AcceptLanguage=", "accept-language"),
    ("&AcceptCharset=", "accept-charset"),
    ("&Origin=", "origin"),
    ("&XRequestedWith=", "x-requested-with"),
    ("&Connection=", "connection"),
    ("&Pragma=", "pragma"),
    ("&CacheControl=", "cache-control"),
    ("&ContentType=", "content-type"),
    ("&TrueClientIP=", "true-client-ip"),
    ("&XRealIP=", "x-real-ip"),
    ("&RemoteAddr=", "remote-addr"),
    ("&Forwarded=", "forwarded"),
    ("&RequestId=", "request-id"),
];

const BEGINNING: &[u8] = b"EventType=page_load&ApiKey=b1946ac9-2492-4d23-8f3b-5d1c8a7e6f90&TagHash=591785b794601e212b260e25925636fd&ResourceType=text%2Fhtml";

/// How much of each field core takes.
pub(super) struct Lengths(HashMap<String, usize>);

impl Lengths {
    pub(super) fn of(sample: &Sample) -> Self {
        let body = encoded(ApiVersion::V1, sample);
        let fields = form_urlencoded::parse(&body);
        Self(
            fields
                .map(|(name, value)| (format!("&{name}="), value.len()))
                .collect(),
        )
    }

    pub(super) fn get(&self, field: &str) -> Option<usize> {
        self.0.get(field).copied()
    }
}

pub(super) fn write(floor: &Floor<'_>, now: Duration, out: &mut Vec<u8>) {
    out.extend_from_slice(BEGINNING);
    if let Some(cookie) = floor.cheq_cookie {
        out.extend_from_slice(b"&CheqCookie=");
        encode(cookie, out);
    }
    out.extend_from_slice(b"&Method=GET&ClientIP=");
    address(out);
    out.extend_from_slice(b"&RequestURL=http%3A%2F%2F");
    encode(floor.host, out);
    encode(floor.sample.target, out);
    out.extend_from_slice(b"&RequestTime=");
    number(now.as_millis() as u64, out);
    out.extend_from_slice(b"&HeaderNames=");
    for (index, (name, _)) in floor.sample.headers.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b"%2C");
        }
        capitalise(name, out);
    }
    out.extend_from_slice(b"&Host=");
    encode(floor.host, out);
    for (field, value) in &floor.form {
        out.extend_from_slice(field.as_bytes());
        encode(value, out);
    }
    out.extend_from_slice(MIDDLEWARE);
}

const MIDDLEWARE: &[u8] =
    concat!("&MiddlewareVersion=rust_custom_", env!("CARGO_PKG_VERSION")).as_bytes();

fn encode(value: &str, out: &mut Vec<u8>) {
    runs(value.as_bytes(), &PLAIN, out, |byte, out| {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        if byte == b' ' {
            out.push(b'+');
        } else {
            out.extend_from_slice(&[b'%', HEX[(byte >> 4) as usize], HEX[(byte & 15) as usize]]);
        }
    });
}

const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = matches!(byte as u8, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'*' | b'-' | b'.' | b'_');
        byte += 1;
    }
    plain
};
