//! `application/x-www-form-urlencoded`, to the letter. The usual decoders repair what is broken, and a
//! client's mistake would not show.

use percent_encoding::percent_decode;

use super::Reason;

pub(super) fn decode(body: &[u8]) -> Result<Vec<(String, String)>, Reason> {
    if body.is_empty() {
        return Ok(Vec::new());
    }
    body.split(|&byte| byte == b'&').map(pair).collect()
}

fn pair(bytes: &[u8]) -> Result<(String, String), Reason> {
    let equals = bytes.iter().position(|&byte| byte == b'=');
    let Some((name, value)) = equals.and_then(|at| bytes.split_at_checked(at)) else {
        return Err("a form field without `=`".into());
    };
    let name = text(name)?;
    if name.is_empty() {
        return Err("a form field without a name".into());
    }
    let value = text(value.get(1..).unwrap_or_default()).map_err(|why| format!("{name}: {why}"))?;
    Ok((name, value))
}

fn text(encoded: &[u8]) -> Result<String, Reason> {
    if !encoded.iter().all(u8::is_ascii_graphic) {
        return Err("a character that must be percent-encoded".into());
    }
    // What follows the first `%` comes in pieces that a `%` began.
    let escapes = encoded.split(|&byte| byte == b'%').skip(1);
    for piece in escapes {
        if !piece
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        {
            return Err("malformed percent-encoding".into());
        }
    }
    let spaced: Vec<u8> = encoded
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_decode(&spaced)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| "not UTF-8".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_in_their_order() {
        let fields = decode(b"b=1+2&a=%E2%82%AC%2B&c=&b=x==").unwrap();
        let expected = [("b", "1 2"), ("a", "€+"), ("c", ""), ("b", "x==")];
        assert_eq!(
            fields,
            expected.map(|(name, value)| (name.into(), value.into()))
        );
        assert_eq!(decode(b"").unwrap(), []);
    }

    #[test]
    fn what_a_lenient_decoder_would_repair() {
        for (body, reason) in [
            (&b"a=%"[..], "a: malformed percent-encoding"),
            (b"a=%4", "a: malformed percent-encoding"),
            (b"a=%4g", "a: malformed percent-encoding"),
            (b"a=%%41", "a: malformed percent-encoding"),
            (b"a=%ff", "a: not UTF-8"),
            (b"a=b c", "a: a character that must be percent-encoded"),
            (
                "a=€".as_bytes(),
                "a: a character that must be percent-encoded",
            ),
            (b"a=1&", "a form field without `=`"),
            (b"a", "a form field without `=`"),
            (b"=1", "a form field without a name"),
        ] {
            assert_eq!(decode(body).unwrap_err(), reason);
        }
    }
}
