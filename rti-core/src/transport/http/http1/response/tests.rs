//! Responses as they come, whole and byte by byte.

mod chunked;
mod pieces;

use super::*;

/// What is found once `received` is there and the connection is closed.
fn read(received: &str) -> Result<(u16, String, After), FailOpenReason> {
    let whole = read_whole(received.as_bytes().to_vec());
    // Where a read ends must not matter.
    let by_byte = read_in(received.as_bytes().chunks(1));
    let expected = whole.clone().map(|(status, body, _)| (status, body));
    assert_eq!(by_byte, expected, "{received:.1000?}");
    whole.map(|(status, body, after)| (status, String::from_utf8(body).unwrap(), after))
}

fn read_whole(mut received: Vec<u8>) -> Result<(u16, Vec<u8>, After), FailOpenReason> {
    let head = Head::parse(&mut received, 0).map_err(|error| error.kind())?;
    let mut head = head.ok_or(FailOpenReason::Connect)?;
    let whole = match head.body(&received) {
        Ok(Some(whole)) => Ok(whole),
        Ok(None) => head.body_at_end(&received),
        Err(error) => Err(error),
    };
    let (body, after) = whole.map_err(|error| error.kind())?;
    Ok((head.status, body.to_vec(), after))
}

/// Status and body. What follows the response is not read, so that is not compared.
fn read_in<'a>(reads: impl Iterator<Item = &'a [u8]>) -> Result<(u16, Vec<u8>), FailOpenReason> {
    let (mut buffer, mut seen, mut head) = (Vec::new(), 0, None);
    for read in reads {
        buffer.extend_from_slice(read);
        if head.is_none() {
            head = Head::parse(&mut buffer, seen).map_err(|error| error.kind())?;
            seen = buffer.len();
        }
        if let Some(head) = &mut head
            && let Some((body, _)) = head.body(&buffer).map_err(|error| error.kind())?
        {
            return Ok((head.status, body.to_vec()));
        }
    }
    let head = head.ok_or(FailOpenReason::Connect)?;
    let (body, _) = head.body_at_end(&buffer).map_err(|error| error.kind())?;
    Ok((head.status, body.to_vec()))
}

fn is_read_as(received: &str, body: &str, after: After) {
    assert_eq!(
        read(received),
        Ok((200, body.to_owned(), after)),
        "{received:?}"
    );
}

fn is_malformed(received: &str) {
    assert_eq!(
        read(received),
        Err(FailOpenReason::Malformed),
        "{received:?}"
    );
}

const OK: &str = "HTTP/1.1 200 OK\r\n";

#[test]
fn a_length_ends_the_body() {
    is_read_as(
        &format!("{OK}Content-Length: 2\r\n\r\n{{}}"),
        "{}",
        After::Reusable,
    );
    is_read_as(
        &format!("{OK}content-length: 0\r\n\r\n"),
        "",
        After::Reusable,
    );
    is_read_as(
        &format!("{OK}content-length: 2\r\nContent-Length: 2\r\n\r\n{{}}"),
        "{}",
        After::Reusable,
    );
    is_malformed(&format!("{OK}content-length: 3\r\n\r\n{{}}"));
}

#[test]
fn without_either_the_connection_ends_it() {
    is_read_as(&format!("{OK}\r\n{{}}"), "{}", After::Spent);
    is_read_as(
        &format!("{OK}transfer-encoding: chunked, gzip\r\n\r\n{{}}"),
        "{}",
        After::Spent,
    );
    is_read_as(
        &format!("{OK}transfer-encoding: chunked\r\ntransfer-encoding: gzip\r\n\r\n{{}}"),
        "{}",
        After::Spent,
    );
}

#[test]
fn a_connection_is_kept_where_the_response_says_so() {
    let length = "content-length: 0\r\n\r\n";
    is_read_as(
        &format!("{OK}Connection: Close\r\n{length}"),
        "",
        After::Spent,
    );
    is_read_as(
        &format!("{OK}connection: x, close\r\n{length}"),
        "",
        After::Spent,
    );
    is_read_as(&format!("HTTP/1.0 200 OK\r\n{length}"), "", After::Spent);
    is_read_as(
        &format!("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n{length}"),
        "",
        After::Reusable,
    );
}

#[test]
fn bytes_after_the_response_spend_the_connection() {
    is_read_as(
        &format!("{OK}content-length: 2\r\n\r\n{{}}HTTP/1.1 200 OK"),
        "{}",
        After::Spent,
    );
}

#[test]
fn two_lengths_are_refused_or_spend_the_connection() {
    for (first, second) in [(2, 3), (3, 2), (2, 0), (0, 2)] {
        is_malformed(&format!(
            "{OK}content-length: {first}\r\ncontent-length: {second}\r\n\r\n{{}}"
        ));
    }
    is_malformed(&format!("{OK}content-length: +2\r\n\r\n{{}}"));
    is_malformed(&format!("{OK}content-length: 2, 2\r\n\r\n{{}}"));
    for length in [
        "",
        "-2",
        "0x2",
        "2 2",
        "2;",
        "18446744073709551618",
        "\u{662}",
    ] {
        is_malformed(&format!("{OK}content-length: {length}\r\n\r\n{{}}"));
    }
    is_malformed(&format!("{OK}content-length : 2\r\n\r\n{{}}"));
    is_malformed(&format!("{OK}x: y\r\n content-length: 2\r\n\r\n{{}}"));
    is_read_as(
        &format!("{OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        "",
        After::Spent,
    );
    is_malformed("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
}

#[test]
fn interim_responses_are_passed_over() {
    let early = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    is_read_as(
        &format!("{early}{early}{OK}content-length: 2\r\n\r\n{{}}"),
        "{}",
        After::Reusable,
    );
    is_malformed("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    is_malformed(&format!("{early}\r\n{OK}content-length: 0\r\n\r\n"));
}

#[test]
fn statuses_without_a_body_have_none() {
    let no_content = read("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(no_content, Ok((204, String::new(), After::Reusable)));
    // One is announced: it may come later, and be taken for the next response.
    for announced in ["content-length: 2", "transfer-encoding: chunked"] {
        for status in [204, 304] {
            let read = read(&format!("HTTP/1.1 {status} None\r\n{announced}\r\n\r\n"));
            assert_eq!(read, Ok((status, String::new(), After::Spent)));
        }
    }
}

#[test]
fn what_is_no_response_is_malformed() {
    is_malformed("SSH-2.0-OpenSSH\r\n");
    is_malformed("HTTP/2.0 200 OK\r\n\r\n");
    is_malformed(&format!("{OK}no header\r\n\r\n"));
    is_malformed("HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n");
    is_malformed("HTTP/1.1 20 OK\r\n\r\n");
    is_malformed(&format!("\r\n{OK}content-length: 0\r\n\r\n"));
    is_malformed(&format!("{OK}{}\r\n", "x: y\r\n".repeat(101)));
}

#[test]
fn more_than_is_read_is_refused() {
    let long = format!("{OK}x: {}", "y".repeat(MAX_RESPONSE_BYTES));
    assert_eq!(
        Head::parse(&mut long.into_bytes(), 0).unwrap_err().kind(),
        FailOpenReason::Malformed
    );
    let oversize = |head: &str, body: &str| {
        let mut received = format!("{OK}{head}\r\n{body}").into_bytes();
        let mut head = Head::parse(&mut received, 0).unwrap().unwrap();
        assert_eq!(
            head.body(&received).unwrap_err().kind(),
            FailOpenReason::Oversize
        );
    };
    let long = "x".repeat(MAX_RESPONSE_BYTES + 1);
    oversize("content-length: 65537\r\n", "");
    oversize("transfer-encoding: chunked\r\n", "10001\r\n");
    oversize("", &long);
}

#[test]
fn retry_after_is_read_in_seconds() {
    let retry_after = |value: &str| {
        let head = format!("HTTP/1.1 429 Too Many\r\nRetry-After: {value}\r\n\r\n");
        Head::parse(&mut head.into_bytes(), 0)
            .unwrap()
            .unwrap()
            .retry_after
    };
    assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
    assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
}
