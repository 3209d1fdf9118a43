//! The requests that are measured with.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

use rti_core::{HeaderOrder, HttpVersion, RtiRequest};

/// A request held in memory, as cheap to look at as any framework's.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What it stands for.
    pub name: &'static str,
    /// Path and query.
    pub target: &'static str,
    /// In the order of the wire, names in lower case.
    pub headers: Vec<(String, String)>,
}

/// The address of every visitor; one of documentation's (RFC 5737).
pub const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));

impl Sample {
    /// What `curl` sends: three headers.
    pub fn curl() -> Self {
        Self::new("curl", "/", &CURL)
    }

    /// What a browser sends that has been here before: 18 headers, 1.2 KB.
    pub fn browser() -> Self {
        Self::new(
            "browser",
            "/catalogue/shoes?size=42&colour=dark%20red",
            &BROWSER,
        )
    }

    /// What someone sends who wants to be dear: 100 headers, every known one among them, values
    /// that must be cut, values of which every byte is encoded, and a long cookie.
    pub fn hostile() -> Self {
        let mut sample = Self::new("hostile", "/%2e%2e/?a=<b>&c=\"d\"", &CURL);
        let known = [
            "x-forwarded-for",
            "via",
            "referer",
            "accept-encoding",
            "accept-language",
            "accept-charset",
            "origin",
            "x-requested-with",
            "connection",
            "pragma",
            "cache-control",
            "content-type",
            "from",
            "x-real-ip",
            "true-client-ip",
            "remote-addr",
            "forwarded",
            "request-id",
            "sec-fetch-dest",
            "sec-ch-ua",
        ];
        for name in known {
            sample.push(name, "%&=+ \"<>,;".repeat(30));
        }
        sample.push("cookie", "a=b; ".repeat(800) + "_cheq_rti=c2Vzc2lvbg==");
        while sample.headers.len() < 99 {
            let name = format!("x-filler-{}", sample.headers.len());
            sample.push(&name, "f".repeat(40));
        }
        sample.push("sec-ch-ua-platform", "\u{fc}".repeat(4000));
        sample
    }

    fn new(name: &'static str, target: &'static str, headers: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            name,
            target,
            headers: headers.iter().map(owned).collect(),
        }
    }

    fn push(&mut self, name: &str, value: String) {
        self.headers.push((name.to_owned(), value));
    }

    /// The value of the header of this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }

    /// The request as it goes over a socket.
    pub fn wire(&self) -> Vec<u8> {
        let lines = self.headers.iter();
        let lines: Vec<String> = lines
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!("GET {} HTTP/1.1\r\n{}\r\n", self.target, lines.concat()).into_bytes()
    }
}

impl RtiRequest for Sample {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn target(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.target)
    }

    fn for_each_header(&self, visit: &mut dyn FnMut(&str, &[u8])) {
        for (name, value) in &self.headers {
            visit(name, value.as_bytes());
        }
    }

    fn http_version(&self) -> HttpVersion {
        HttpVersion::Http11
    }

    fn header_order(&self) -> HeaderOrder {
        HeaderOrder::Wire
    }

    fn peer_ip(&self) -> Option<IpAddr> {
        Some(PEER)
    }
}

const CURL: [(&str, &str); 3] = [
    ("host", "shop.example"),
    ("user-agent", "curl/8.9.1"),
    ("accept", "*/*"),
];

const BROWSER: [(&str, &str); 18] = [
    ("host", "shop.example"),
    ("connection", "keep-alive"),
    ("cache-control", "max-age=0"),
    (
        "sec-ch-ua",
        "\"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\"",
    ),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", "\"Windows\""),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
    ),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    ("sec-fetch-dest", "document"),
    (
        "referer",
        "https://shop.example/catalogue?category=shoes&page=2",
    ),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.9,de;q=0.8"),
    (
        "cookie",
        "consent=necessary%2Cstatistics%2Cmarketing; _ga=GA1.1.1234567890.1763800000; _ga_7K2M4Q9XZ1=GS2.1.s1763800000$o4$g1$t1763800342$j60$l0$h0; _gcl_au=1.1.408729162.1763800000; session=9f86d081884c7d659a2feaa0c55ad015; _cheq_rti=MTc2MzgwMDAwMA==; cart=c3f1; _cq_duid=1.1763800000.k3JdPq81; theme=dark; currency=EUR; recently_viewed=81723-41221-66120-70015",
    ),
    ("priority", "u=0, i"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_what_they_are_said_to_be() {
        let (browser, hostile) = (Sample::browser(), Sample::hostile());
        assert_eq!((browser.headers.len(), hostile.headers.len()), (18, 100));
        assert!(
            (1150..1250).contains(&browser.wire().len()),
            "{}",
            browser.wire().len()
        );
    }
}
