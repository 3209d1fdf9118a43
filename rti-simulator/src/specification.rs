//! The specification: how a body is decoded, and in what it departs from the rules.
//!
//! Only a body that cannot be read at all is an error here. All else is a [`Remark`], and the caller
//! decides whether remarks are reasons to refuse.

mod form;
mod json;
mod telemetry;
mod v1;
mod v4;
mod value;

use crate::payload::Payload;
use crate::protocol::{Endpoint, Protocol};
use crate::remark::Remark;

/// A body as it was read, and its departures in the order they were found.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) payload: Payload,
    pub(crate) remarks: Vec<Remark>,
}

/// Reads the body as the endpoint's format. The error says why that is impossible.
pub(crate) fn decode(endpoint: Endpoint, body: &[u8]) -> Result<Decoded, String> {
    let mut remarks = Vec::new();
    let payload = match endpoint {
        Endpoint::Verdict(protocol @ (Protocol::V1 | Protocol::V3)) => {
            let fields = form::decode(body, &mut remarks);
            v1::check(protocol, &fields, &mut remarks);
            Payload::Form(fields)
        }
        Endpoint::Verdict(protocol @ (Protocol::V4_0 | Protocol::V4_1)) => {
            let members = json::decode(body, &mut remarks)?;
            v4::check(protocol, &members, &mut remarks);
            Payload::Json(members.into())
        }
        Endpoint::Telemetry => {
            let members = json::decode(body, &mut remarks)?;
            telemetry::check(&members, &mut remarks);
            Payload::Json(members.into())
        }
    };
    Ok(Decoded { payload, remarks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENDPOINTS: [Endpoint; 5] = [
        Endpoint::Verdict(Protocol::V1),
        Endpoint::Verdict(Protocol::V3),
        Endpoint::Verdict(Protocol::V4_0),
        Endpoint::Verdict(Protocol::V4_1),
        Endpoint::Telemetry,
    ];

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            for endpoint in ENDPOINTS {
                let _ = decode(endpoint, &body);
            }
        }

        #[test]
        fn arbitrary_forms_never_panic(body in "[A-Za-z]{0,9}=[%0-9A-Fa-z]{0,9}(&[A-Z]=[%0-9]{1,4}){0,3}") {
            let _ = decode(Endpoint::Verdict(Protocol::V1), body.as_bytes());
        }
    }
}
