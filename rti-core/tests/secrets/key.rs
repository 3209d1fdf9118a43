//! A key, and the forms it could show up in.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

/// It differs in every encoding, and occurs nowhere by chance.
pub(crate) const KEY: &str = "Sup3r/S3cret+Key=42";

/// Fails where a text holds the key, in any encoding.
#[track_caller]
pub(crate) fn assert_no_key(text: &str, what: &str) {
    for form in forms() {
        if let Some(at) = text.find(&form) {
            let from = text[..at]
                .char_indices()
                .nth_back(300)
                .map_or(0, |(from, _)| from);
            let around: String = text[from..].chars().take(400).collect();
            panic!("{what} holds the key as {form:?}: …{around}…");
        }
    }
}

fn forms() -> Vec<String> {
    let percent: String = form_urlencoded::byte_serialize(KEY.as_bytes()).collect();
    let decimal = format!("{:?}", KEY.as_bytes());
    let hex = KEY.bytes().fold(String::new(), |mut hex, byte| {
        // Writing into a String does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let mut forms = vec![
        KEY.to_owned(),
        KEY.to_lowercase(),
        percent.to_lowercase(),
        percent,
        STANDARD.encode(KEY),
        decimal.trim_matches(['[', ']']).to_owned(),
        hex.to_uppercase(),
        hex,
        KEY.escape_debug().to_string(),
        serde_json_escaped(),
    ];
    // In the middle of other text, base64 has three shapes.
    for shift in 0..3 {
        let shifted = STANDARD_NO_PAD.encode(format!("{}{KEY}", "x".repeat(shift)));
        forms.push(shifted[4..shifted.len() - 4].to_owned());
    }
    forms
}

/// Some encoders of JSON escape slashes.
fn serde_json_escaped() -> String {
    KEY.replace('/', "\\/")
}

#[test]
fn the_key_is_found_in_any_encoding() {
    for text in [
        format!("a {KEY} b"),
        format!("{:?}", Some(KEY.as_bytes())),
        STANDARD.encode(format!("user:{KEY}!")),
        form_urlencoded::Serializer::new(String::new())
            .append_pair("ApiKey", KEY)
            .finish(),
    ] {
        let found = std::panic::catch_unwind(|| assert_no_key(&text, "it"));
        assert!(found.is_err(), "{text}");
    }
    assert_no_key("nothing of the kind", "it");
}
