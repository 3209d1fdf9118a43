//! A service that sends back what it was sent.

use rti_core::{ApiVersion, Verdict};

use crate::key::{KEY, assert_no_key};

/// An error goes to the log, and an error of JSON quotes what it did not expect.
#[test]
fn no_error_quotes_the_answer() {
    for version in [
        ApiVersion::V1,
        ApiVersion::V3,
        ApiVersion::V4_0,
        ApiVersion::V4_1,
    ] {
        for answer in [
            format!(r#"{{"isInvalid":"{KEY}","threatTypeCode":0}}"#),
            format!(r#"{{"isInvalid":true,"threatTypeCode":"{KEY}"}}"#),
            format!(r#"{{"decision":"{KEY}"}}"#),
            format!(r#"{{"decision":{{"verdict":"benign"}},"classification":{{"code":"{KEY}"}}}}"#),
            format!(r#""{KEY}""#),
            format!("ApiKey={KEY}"),
        ] {
            let error = Verdict::decode(version, answer.as_bytes()).unwrap_err();
            assert_no_key(&format!("{error} {error:?}"), &answer);
        }
    }
}
