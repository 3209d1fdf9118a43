//! Responses as they come, whole and byte by byte.

use super::*;

/// What is found once `received` is there and the connection is closed.
fn read(received: &str) -> Result<(u16, String, After), FailOpenReason> {
    let mut buffer = Vec::new();
    let mut head = None;
    // Byte by byte: where a read ends must not matter.
    for byte in received.bytes() {
        buffer.push(byte);
        if head.is_none() {
            head = Head::parse(&mut buffer).map_err(|error| error.kind())?;
        }
        if let Some(head) = &head {
            // What is wrong is found out where it stands, not at the end.
            head.body(&buffer).map_err(|error| error.kind())?;
        }
    }
    let Some(head) = head else {
        return Err(FailOpenReason::Connect);
    };
    let whole = match head.body(&buffer) {
        Ok(Some(whole)) => Ok(whole),
        Ok(None) => head.body_at_end(&buffer),
        Err(error) => Err(error),
    };
    let (body, after) = whole.map_err(|error| error.kind())?;
    Ok((
        head.status,
        String::from_utf8(body.to_vec()).unwrap(),
        after,
    ))
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
fn chunks_end_with_an_empty_one() {
    let head = format!("{OK}Transfer-Encoding: gzip, Chunked\r\n\r\n");
    is_read_as(
        &format!("{head}1\r\n{{\r\n1\r\n}}\r\n0\r\n\r\n"),
        "{}",
        After::Reusable,
    );
    is_read_as(
        &format!("{head}2;a=b\r\n{{}}\r\n0\r\nx: y\r\n\r\n"),
        "{}",
        After::Reusable,
    );
    is_malformed(&format!("{head}2\r\n{{}}\r\n"));
    is_malformed(&format!("{head}2\r\n{{}}}}\r\n0\r\n\r\n"));
    is_malformed(&format!("{head}x\r\n"));
}

#[test]
fn without_either_the_connection_ends_it() {
    is_read_as(&format!("{OK}\r\n{{}}"), "{}", After::Spent);
    is_read_as(
        &format!("{OK}transfer-encoding: chunked, gzip\r\n\r\n{{}}"),
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
    is_malformed(&format!(
        "{OK}content-length: 2\r\ncontent-length: 3\r\n\r\n{{}}"
    ));
    is_malformed(&format!("{OK}content-length: +2\r\n\r\n{{}}"));
    is_malformed(&format!("{OK}content-length: 2, 2\r\n\r\n{{}}"));
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
}

#[test]
fn statuses_without_a_body_have_none() {
    let no_content = read("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(no_content, Ok((204, String::new(), After::Reusable)));
}

#[test]
fn what_is_no_response_is_malformed() {
    is_malformed("SSH-2.0-OpenSSH\r\n");
    is_malformed("HTTP/2.0 200 OK\r\n\r\n");
    is_malformed(&format!("{OK}no header\r\n\r\n"));
}

#[test]
fn more_than_is_read_is_refused() {
    let long = format!("{OK}x: {}", "y".repeat(MAX_RESPONSE_BYTES));
    assert_eq!(
        Head::parse(&mut long.into_bytes()).unwrap_err().kind(),
        FailOpenReason::Malformed
    );
    let oversize = |head: &str, body: &str| {
        let mut received = format!("{OK}{head}\r\n{body}").into_bytes();
        let head = Head::parse(&mut received).unwrap().unwrap();
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
        Head::parse(&mut head.into_bytes())
            .unwrap()
            .unwrap()
            .retry_after
    };
    assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
    assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
}
