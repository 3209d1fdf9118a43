//! The body of v4.1: JSON.

use std::time::Duration;

use rti_core::ApiVersion;
use serde_json::Value;

use super::{Floor, address, capitalise, number, runs};
use crate::canned::encoded;
use crate::sample::Sample;

/// Members and the headers they come from, in the order of the wire.
pub(super) const MEMBERS: [(&str, &str); 28] = [
    ("\",\"user-agent\":\"", "user-agent"),
    ("\",\"x-forwarded-for\":\"", "x-forwarded-for"),
    ("\",\"via\":\"", "via"),
    ("\",\"referer\":\"", "referer"),
    ("\",\"accept\":\"", "accept"),
    ("\",\"accept-encoding\":\"", "accept-encoding"),
    ("\",\"accept-language\":\"", "accept-language"),
    ("\",\"accept-charset\":\"", "accept-charset"),
    ("\",\"origin\":\"", "origin"),
    ("\",\"x-requested-with\":\"", "x-requested-with"),
    ("\",\"connection\":\"", "connection"),
    ("\",\"pragma\":\"", "pragma"),
    ("\",\"cache-control\":\"", "cache-control"),
    ("\",\"content-type\":\"", "content-type"),
    ("\",\"from\":\"", "from"),
    ("\",\"x-real-ip\":\"", "x-real-ip"),
    ("\",\"true-client-ip\":\"", "true-client-ip"),
    ("\",\"sec-fetch-dest\":\"", "sec-fetch-dest"),
    ("\",\"sec-fetch-mode\":\"", "sec-fetch-mode"),
    ("\",\"sec-fetch-site\":\"", "sec-fetch-site"),
    ("\",\"sec-fetch-user\":\"", "sec-fetch-user"),
    (
        "\",\"sec-fetch-storage-access\":\"",
        "sec-fetch-storage-access",
    ),
    ("\",\"sec-ch-ua\":\"", "sec-ch-ua"),
    ("\",\"sec-ch-ua-mobile\":\"", "sec-ch-ua-mobile"),
    ("\",\"sec-ch-ua-platform\":\"", "sec-ch-ua-platform"),
    ("\",\"sec-ch-ua-arch\":\"", "sec-ch-ua-arch"),
    ("\",\"sec-ch-ua-model\":\"", "sec-ch-ua-model"),
    ("\",\"signature\":\"", "signature"),
];

const BEGINNING: &[u8] = br#"{"tagHash":"591785b794601e212b260e25925636fd","apiKey":"b1946ac9-2492-4d23-8f3b-5d1c8a7e6f90","endUserParams":{"clientIp":""#;

/// How much of each header core takes.
pub(super) struct Lengths(Value);

impl Lengths {
    pub(super) fn of(sample: &Sample) -> Self {
        let body = encoded(ApiVersion::V4_1, sample);
        Self(serde_json::from_slice(&body).expect("core writes JSON"))
    }

    pub(super) fn get(&self, header: &str) -> Option<usize> {
        let value = self.0.get("endUserParams")?.get("headers")?.get(header)?;
        value.as_str().map(str::len)
    }
}

pub(super) fn write(floor: &Floor<'_>, now: Duration, out: &mut Vec<u8>) {
    out.extend_from_slice(BEGINNING);
    address(out);
    out.extend_from_slice(br#"","requestUrl":"http://"#);
    escape(floor.host, out);
    escape(floor.sample.target, out);
    out.extend_from_slice(br#"","headerNames":""#);
    for (index, (name, _)) in floor.sample.headers.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        capitalise(name, out);
    }
    out.extend_from_slice(br#"","method":"GET","headers":{"host":""#);
    escape(floor.host, out);
    for (member, value) in &floor.json {
        out.extend_from_slice(member.as_bytes());
        escape(value, out);
    }
    out.extend_from_slice(br#""}},"isHeaderNamesOrdered":true,"microTime":""#);
    number(now.as_micros() as u64, out);
    out.extend_from_slice(br#"","customId1":"page_load"#);
    if let Some(cookie) = floor.duid_cookie {
        out.extend_from_slice(br#"","duidCookie":""#);
        escape(cookie, out);
    }
    out.extend_from_slice(b"\"}");
}

/// A header has no control characters, so two bytes are all there is to escape.
fn escape(value: &str, out: &mut Vec<u8>) {
    runs(value.as_bytes(), &PLAIN, out, |byte, out| {
        out.extend_from_slice(&[b'\\', byte]);
    });
}

const PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};
