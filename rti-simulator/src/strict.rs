//! What a strict service refuses: each function gives its reason, in plain words.

mod form;
mod json;
mod v1;
mod v4;
mod value;

use crate::endpoint::Protocol;
use crate::payload::Payload;

/// Why a payload is refused.
type Reason = String;

/// Reads the body as what the protocol says it is.
pub(crate) fn decode(protocol: Protocol, body: &[u8]) -> Result<Payload, Reason> {
    match protocol {
        Protocol::V1 | Protocol::V3 => form::decode(body).map(Payload::Form),
        Protocol::V4_0 | Protocol::V4_1 => json::decode(body).map(Payload::Json),
    }
}

/// Checks what the body says.
pub(crate) fn check(protocol: Protocol, payload: &Payload) -> Result<(), Reason> {
    match payload {
        Payload::Form(fields) => v1::check(protocol, fields),
        Payload::Json(document) => v4::check(protocol, document),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            for protocol in [Protocol::V1, Protocol::V3, Protocol::V4_0, Protocol::V4_1] {
                let _ = decode(protocol, &body).and_then(|payload| check(protocol, &payload));
            }
        }

        #[test]
        fn arbitrary_forms_never_panic(body in "[A-Za-z]{0,9}=[%0-9A-Fa-z]{0,9}(&[A-Z]=[%0-9]{1,4}){0,3}") {
            let _ = decode(Protocol::V1, body.as_bytes())
                .and_then(|payload| check(Protocol::V1, &payload));
        }
    }
}
