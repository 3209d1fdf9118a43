//! Responses in pieces of every size.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn valid_responses() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("HTTP/1.1 200 OK"),
        Just("HTTP/1.0 503 x"),
        Just("HTTP/1.1 204 x")
    ];
    let interim = prop_oneof![Just(""), Just("HTTP/1.1 103 Early\r\nlink: x\r\n\r\n")];
    let rest = prop_oneof![
        "[a-z]{0,40}".prop_map(|body| format!("content-length: {}\r\n\r\n{body}", body.len())),
        "[a-z]{0,40}".prop_map(|body| format!("\r\n{body}")),
        vec("[a-z]{1,20}", 0..4).prop_map(|chunks| {
            let chunk = |chunk: &String| format!("{:X};e=1\r\n{chunk}\r\n", chunk.len());
            let chunks: String = chunks.iter().map(chunk).collect();
            format!("transfer-encoding: chunked\r\n\r\n{chunks}0\r\nx: y\r\n\r\n")
        }),
    ];
    let rest = (rest, prop_oneof![Just(""), Just("HTTP/1.1 200 OK\r\n")]);
    (line, interim, rest).prop_map(|(line, interim, (rest, behind))| {
        format!("{interim}{line}\r\nserver: x\r\n{rest}{behind}")
    })
}

proptest! {
    /// Where reads end makes no difference.
    #[test]
    fn a_response_in_pieces_is_the_same(response in valid_responses(), size in 1..200_usize) {
        let whole = read_in(response.as_bytes().chunks(response.len()));
        prop_assert_eq!(read_in(response.as_bytes().chunks(size)), whole.clone());
        for at in 1..response.len() {
            let (first, second) = response.as_bytes().split_at(at);
            prop_assert_eq!(read_in([first, second].into_iter()), whole.clone());
        }
    }
}
