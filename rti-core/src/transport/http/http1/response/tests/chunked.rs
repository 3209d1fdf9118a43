//! Chunked bodies, and what a byte at a time costs.

use super::*;
use crate::transport::http::http1::chunks;

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
    let chunked_last = format!("{OK}transfer-encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
    is_read_as(
        &format!("{chunked_last}2\r\n{{}}\r\n0\r\n\r\n"),
        "{}",
        After::Reusable,
    );
}

/// Each would end the body, or the chunk, where the service does not.
#[test]
fn a_chunk_without_a_size_is_refused() {
    let head = format!("{OK}transfer-encoding: chunked\r\n\r\n");
    for size in [
        "",
        ";",
        " ",
        "\t;x",
        "-1",
        "+2",
        "0x2",
        " 2",
        "2 2",
        "2\n",
        "10000000000000000",
    ] {
        is_malformed(&format!("{head}{size}\r\n{{}}\r\n0\r\n\r\n"));
        is_malformed(&format!("{head}1\r\n{{\r\n{size}\r\n\r\n"));
    }
    let huge = read(&format!("{head}ffffffffffffffff\r\n"));
    assert_eq!(huge, Err(FailOpenReason::Oversize));
}

#[test]
fn much_beside_the_chunks_is_refused() {
    let head = format!("{OK}transfer-encoding: chunked\r\n\r\n");
    let much = "x".repeat(chunks::MAX_OVERHEAD);
    is_malformed(&format!("{head}2;{much}"));
    is_malformed(&format!("{head}0\r\nx: {much}"));
    let extension = "x".repeat(100);
    let many = format!("1;{extension}\r\nx\r\n").repeat(200);
    is_malformed(&format!("{head}{many}"));
}

/// Each byte comes alone. Were all read again with each, it would take minutes of a processor.
#[test]
fn a_byte_at_a_time_costs_no_processor() {
    let began = std::time::Instant::now();
    let long = "x".repeat(MAX_RESPONSE_BYTES - 1000);
    is_malformed(&format!("{OK}x: {long}{long}"));
    is_malformed(&"\n".repeat(MAX_RESPONSE_BYTES));
    let chunks = "64\r\n".to_owned() + &"x".repeat(100) + "\r\n";
    let content = chunks.repeat(600) + "0\r\n\r\n";
    let response = format!("{OK}transfer-encoding: chunked\r\n\r\n{content}");
    assert_eq!(read(&response).unwrap().1.len(), 60_000);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
}
