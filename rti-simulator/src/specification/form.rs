//! `application/x-www-form-urlencoded`. Usual decoders silently repair malformed forms, which would
//! hide a client's mistake; this one repairs them and remarks on it.

use percent_encoding::percent_decode;

use crate::remark::{Remark, SpecRule};

pub(super) fn decode(body: &[u8], remarks: &mut Vec<Remark>) -> Vec<(String, String)> {
    if body.is_empty() {
        return Vec::new();
    }
    body.split(|&byte| byte == b'&')
        .filter_map(|pair| decode_pair(pair, remarks))
        .collect()
}

/// A pair without a name is dropped: no rule and no test could refer to it.
fn decode_pair(pair: &[u8], remarks: &mut Vec<Remark>) -> Option<(String, String)> {
    let equals = pair.iter().position(|&byte| byte == b'=');
    let (name, value) = match equals.and_then(|at| pair.split_at_checked(at)) {
        Some((name, value)) => (name, value.get(1..).unwrap_or_default()),
        None => (pair, &b""[..]),
    };
    let (name, broken_name) = decode_text(name);
    let field = if name.is_empty() { "body" } else { &name };
    if name.is_empty() || equals.is_none() {
        remarks.push(Remark::new(field, SpecRule::NameAndValue));
    }
    let (value, broken_value) = decode_text(value);
    let broken = broken_name.or(broken_value);
    remarks.extend(broken.map(|rule| Remark::new(field, rule)));
    (!name.is_empty()).then_some((name, value))
}

/// The text, and the first rule that its encoding breaks.
fn decode_text(encoded: &[u8]) -> (String, Option<SpecRule>) {
    let spaced: Vec<u8> = encoded
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    let decoded = percent_decode(&spaced);
    let broken = if !encoded.iter().all(u8::is_ascii_graphic) {
        Some(SpecRule::Escaped)
    } else if !escapes_are_complete(encoded) {
        Some(SpecRule::PercentEncoding)
    } else if decoded.clone().decode_utf8().is_err() {
        Some(SpecRule::Utf8)
    } else {
        None
    };
    (decoded.decode_utf8_lossy().into_owned(), broken)
}

fn escapes_are_complete(encoded: &[u8]) -> bool {
    let is_escape = |piece: &[u8]| {
        let digits = piece.get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    // Each piece behind the first begins where a `%` was.
    let pieces = encoded.split(|&byte| byte == b'%');
    pieces.skip(1).all(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(body: &[u8]) -> (Vec<(String, String)>, Vec<String>) {
        let mut remarks = Vec::new();
        let fields = decode(body, &mut remarks);
        (fields, remarks.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn fields_keep_their_order() {
        let (fields, remarks) = decoded(b"b=1+2&a=%E2%82%AC%2B&c=&b=x==");
        let expected = [("b", "1 2"), ("a", "€+"), ("c", ""), ("b", "x==")];
        let expected = expected.map(|(name, value)| (name.into(), value.into()));
        assert_eq!((fields, remarks), (expected.to_vec(), Vec::new()));
        assert_eq!(decoded(b""), (Vec::new(), Vec::new()));
    }

    #[test]
    fn malformed_forms_are_repaired_and_remarked_on() {
        for (body, value, remark) in [
            (&b"a=%"[..], "%", "a: malformed percent-encoding"),
            (b"a=%4", "%4", "a: malformed percent-encoding"),
            (b"a=%4g", "%4g", "a: malformed percent-encoding"),
            (b"a=%%41", "%A", "a: malformed percent-encoding"),
            (b"a=%ff", "\u{fffd}", "a: not UTF-8"),
            (
                b"a=b c",
                "b c",
                "a: a character that must be percent-encoded",
            ),
            (
                "a=€".as_bytes(),
                "€",
                "a: a character that must be percent-encoded",
            ),
            (b"a=1&", "1", "body: not a pair of a name and a value"),
            (b"a", "", "a: not a pair of a name and a value"),
            (b"a=1&=1", "1", "body: not a pair of a name and a value"),
        ] {
            let (fields, remarks) = decoded(body);
            assert_eq!(fields, [("a".to_owned(), value.to_owned())]);
            assert_eq!(remarks, [remark]);
        }
    }
}
