//! Reading a request: a pure function of the bytes that have arrived so far.

use super::body::Framing;
use super::message::{MAX_HEAD_BYTES, Persistence, Request, values};
use crate::refusal::Refusal;

/// How much of a request the bytes contain.
#[derive(Debug)]
pub(crate) enum Progress {
    PartialHead,
    PartialBody(Expectation),
    Complete { request: Request, length: usize },
}

/// Whether the client waits for `100 Continue` before it sends its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expectation {
    Nothing,
    Continue,
}

const MAX_HEADERS: usize = 128;

/// Reads one request from the beginning of `bytes`.
///
/// It starts again whenever more bytes have arrived: the sizes are bounded, and a function of the
/// bytes alone has no state that could be wrong.
pub(crate) fn parse(bytes: &[u8], body_limit: usize) -> Result<Progress, Refusal> {
    let mut storage = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut storage);
    let head_length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= MAX_HEAD_BYTES => length,
        Ok(httparse::Status::Partial) if bytes.len() <= MAX_HEAD_BYTES => {
            return Ok(Progress::PartialHead);
        }
        Ok(_) | Err(httparse::Error::TooManyHeaders) => {
            return Err(Refusal::new(431, "the head is too large"));
        }
        Err(error) => return Err(Refusal::new(400, format!("not HTTP/1.1: {error}"))),
    };
    let headers: Vec<(String, Vec<u8>)> = head
        .headers
        .iter()
        .map(|header| (header.name.to_owned(), header.value.to_owned()))
        .collect();
    let version = head.version.unwrap_or_default();
    if version == 1 && values(&headers, "host").count() != 1 {
        return Err(Refusal::new(400, "not exactly one Host header"));
    }
    let rest = bytes.get(head_length..).unwrap_or_default();
    let Some((body, body_length)) = Framing::of(&headers)?.decode(rest, body_limit)? else {
        return Ok(Progress::PartialBody(expectation(&headers)));
    };
    let request = Request {
        method: head.method.unwrap_or_default().to_owned(),
        path: head.path.unwrap_or_default().to_owned(),
        persistence: persistence(version, &headers),
        headers,
        body,
    };
    Ok(Progress::Complete {
        request,
        length: head_length + body_length,
    })
}

fn persistence(version: u8, headers: &[(String, Vec<u8>)]) -> Persistence {
    let has = |token: &str| {
        values(headers, "connection")
            .flat_map(|value| value.split(|&byte| byte == b','))
            .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    };
    if has("close") || (version == 0 && !has("keep-alive")) {
        Persistence::Close
    } else {
        Persistence::KeepAlive
    }
}

fn expectation(headers: &[(String, Vec<u8>)]) -> Expectation {
    let expects =
        values(headers, "expect").any(|value| value.eq_ignore_ascii_case(b"100-continue"));
    if expects {
        Expectation::Continue
    } else {
        Expectation::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 64;

    fn complete(bytes: &[u8]) -> (Request, usize) {
        match parse(bytes, LIMIT).unwrap() {
            Progress::Complete { request, length } => (request, length),
            partial => panic!("{partial:?}"),
        }
    }

    fn refused(bytes: &[u8]) -> u16 {
        parse(bytes, LIMIT).unwrap_err().status()
    }

    #[test]
    fn a_length_or_chunks_delimit_the_body() {
        let sized = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcPOST";
        let (request, length) = complete(sized);
        assert_eq!(
            (request.body.as_slice(), length),
            (&b"abc"[..], sized.len() - 4)
        );
        let chunked = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
            2;x=y\r\nab\r\n1\r\nc\r\n0\r\nTrailer: t\r\n\r\nPOST";
        let (request, length) = complete(chunked);
        assert_eq!(
            (request.body.as_slice(), length),
            (&b"abc"[..], chunked.len() - 4)
        );
    }

    #[test]
    fn every_prefix_of_a_request_is_partial() {
        let whole: &[u8] = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
            3\r\nabc\r\n0\r\n\r\n";
        for end in 0..whole.len() {
            let progress = parse(&whole[..end], LIMIT).unwrap();
            assert!(!matches!(progress, Progress::Complete { .. }), "{end}");
        }
        complete(whole);
    }

    #[test]
    fn ambiguous_or_excessive_requests_are_refused() {
        let post =
            |headers: &str| format!("POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n").into_bytes();
        assert_eq!(refused(b"\0\x01\x02 nonsense"), 400);
        assert_eq!(refused(b"POST / HTTP/1.1\r\n\r\n"), 400);
        assert_eq!(
            refused(&post("Content-Length: 1\r\nTransfer-Encoding: chunked")),
            400
        );
        assert_eq!(
            refused(&post("Content-Length: 1\r\nContent-Length: 2")),
            400
        );
        assert_eq!(refused(&post("Content-Length: +1")), 400);
        assert_eq!(refused(&post("Transfer-Encoding: gzip")), 501);
        assert_eq!(refused(&post("Content-Length: 65")), 413);
        assert_eq!(
            refused(&[&post("Transfer-Encoding: chunked")[..], b"41\r\n"].concat()),
            413
        );
        assert_eq!(
            refused(&[&post("Transfer-Encoding: chunked")[..], b"zz\r\n"].concat()),
            400
        );
        assert_eq!(refused(&post(&"x: y\r\n".repeat(200))), 431);
        assert_eq!(refused(&vec![b'a'; MAX_HEAD_BYTES + 1]), 431);
    }

    #[test]
    fn version_and_header_decide_on_keep_alive() {
        let of = |head: &str| complete(head.as_bytes()).0.persistence;
        assert_eq!(
            of("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
            Persistence::KeepAlive
        );
        assert_eq!(
            of("GET / HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n"),
            Persistence::Close
        );
        assert_eq!(of("GET / HTTP/1.0\r\n\r\n"), Persistence::Close);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes, LIMIT);
        }

        #[test]
        fn arbitrary_bodies_never_panic(
            framing in prop::sample::select(vec!["Content-Length: 9", "Transfer-Encoding: chunked"]),
            body in "[0-9a-f;\r\n ]{0,60}",
        ) {
            let _ = parse(format!("POST / HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n{body}").as_bytes(), LIMIT);
        }
    }
}
