//! What a service sends over HTTP/1.1 in response to one request, until it closes the connection.
//!
//! The two files are compiled here once more: they are not public, and need no more of the crate than
//! these names.
#![no_main]

#[path = "../../rti-core/src/transport/http/http1/chunks.rs"]
mod chunks;
// rustfmt would look for its tests here.
#[rustfmt::skip]
#[path = "../../rti-core/src/transport/http/http1/response.rs"]
mod response;

mod error {
    pub use rti_core::{CallError, FailOpenReason};
}

mod transport {
    pub use rti_core::MAX_RESPONSE_BYTES;
}

use std::time::Duration;

use libfuzzer_sys::fuzz_target;

use self::response::{After, Head};
use self::transport::MAX_RESPONSE_BYTES;

/// A response that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    status: u16,
    retry_after: Option<Duration>,
    is_success: bool,
    body: Vec<u8>,
    after: After,
}

/// What came of it: nothing where it was not whole, or not valid. Which of both it was may depend on where
/// reads end, since a head is looked at when a line ended.
type Outcome = Option<Read>;

fuzz_target!(|input: &[u8]| {
    let whole = read([input]);
    let (first, second) = input.split_at(input.len() / 2);
    for pieces in [
        read([first, second]),
        read(input.chunks(1)),
        read(input.chunks(7)),
    ] {
        assert_eq!(without_end(&pieces), without_end(&whole));
    }
    let Some(whole) = whole else {
        return;
    };
    assert!(whole.body.len() <= MAX_RESPONSE_BYTES);
    assert!(whole.status >= 200, "an interim response was taken");
    assert_eq!(whole.is_success, whole.status < 300);
    if whole.after == After::Reusable {
        // It ends where the input does: no earlier, and not with what may follow.
        assert_ends_with_the_connection(&input[..input.len() - 1]);
        let again = read([&[input, b"H"].concat()[..]]).expect("what follows is not looked at");
        assert_eq!((&again.body, again.after), (&whole.body, After::Spent));
    }
});

/// Bytes that come later are not part of a response that was whole before.
fn without_end(outcome: &Outcome) -> Outcome {
    outcome.clone().map(|read| Read {
        after: After::Spent,
        ..read
    })
}

fn assert_ends_with_the_connection(input: &[u8]) {
    assert!(read([input]).is_none(), "it was whole before its end");
}

fn read<'a>(reads: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let (mut received, mut seen, mut head) = (Vec::new(), 0, None);
    for bytes in reads {
        received.extend_from_slice(bytes);
        if head.is_none() {
            head = Head::parse(&mut received, seen).ok()?;
            seen = received.len();
        }
        if let Some(head) = &mut head
            && let Some((body, after)) = head.body(&received).ok()?
        {
            return Some(made(head, body.to_vec(), after));
        }
    }
    let head = head?;
    let (body, after) = head.body_at_end(&received).ok()?;
    assert_eq!(after, After::Spent, "closed, and yet to be used again");
    Some(made(&head, body.to_vec(), after))
}

fn made(head: &Head, body: Vec<u8>, after: After) -> Read {
    Read {
        status: head.status,
        retry_after: head.retry_after,
        is_success: head.is_success(),
        body,
        after,
    }
}
