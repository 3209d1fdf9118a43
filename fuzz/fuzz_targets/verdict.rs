//! Answers of the service: a line with the version, then the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rti_core::{ApiVersion, Decision, FailOpenReason, ResultHeader, Verdict};
use rti_fuzz::{Engine, FuzzRequest, config};
use serde_json::Value;

const REDIRECT: &str = "/sorry";

fuzz_target!(|input: &[u8]| {
    let Some(line) = input.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let (version, answer) = (&input[..line], &input[line + 1..]);
    let version = std::str::from_utf8(version).unwrap_or_default();
    let Ok(version) = version.parse::<ApiVersion>() else {
        return;
    };
    let decoded = Verdict::decode(version, answer);
    match &decoded {
        Ok(verdict) => assert_says_what_was_said(version, verdict, answer),
        Err(error) => assert_eq!(error.kind(), FailOpenReason::Malformed),
    }
    let options = config(version).result_header(ResultHeader::On);
    for options in [options, config(version).redirect_url(REDIRECT)] {
        let engine = Engine::new(options).unwrap();
        let request = FuzzRequest::parse(b"GET /\naccept: text/html");
        let decision = engine.ask_and_hear(&request, answer).decision;
        assert_eq!(decision.verdict(), decoded.as_ref().ok());
        assert_harmless(&decision);
    }
});

/// A verdict is nothing but what the answer says, read another way.
fn assert_says_what_was_said(version: ApiVersion, verdict: &Verdict, answer: &[u8]) {
    // Members that nobody asked for are skipped without a look: they may be too deep or too large
    // for a `Value`, or text that is none.
    let Ok(answer) = serde_json::from_slice::<Value>(answer) else {
        return;
    };
    let code = verdict.threat_type().code();
    let id = match version {
        ApiVersion::V1 | ApiVersion::V3 => {
            assert_eq!(answer["isInvalid"], verdict.is_invalid());
            assert_eq!(answer["threatTypeCode"], code);
            assert!(verdict.detail().is_none() && verdict.level().is_none());
            &answer["requestId"]
        }
        _ => {
            let level = verdict.level().expect("a level").as_str();
            assert_eq!(answer["decision"]["verdict"], level);
            assert_eq!(answer["classification"]["code"], code);
            assert_eq!(
                verdict.is_invalid(),
                ["suspicious", "malicious"].contains(&level)
            );
            assert_eq!(verdict.detail().expect("a detail").response, answer);
            assert_eq!(verdict.set_cookie(), None);
            &answer["ids"]["rayId"]
        }
    };
    assert_eq!(
        verdict.request_id(),
        id.as_str().filter(|id| !id.is_empty())
    );
    if let Some(cookie) = verdict.set_cookie() {
        assert_eq!(answer["setCookie"], cookie);
    }
}

/// What the service says ends no header early, and puts no markup into a page.
fn assert_harmless(decision: &Decision) {
    let visible = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    assert!(visible(decision.set_cookie().unwrap_or_default()));
    assert!(visible(decision.result_header().unwrap_or_default()));
    let Some(reply) = decision.reply() else {
        return;
    };
    for (name, value) in reply.headers() {
        assert!(visible(value), "{name}");
        assert!(name != "location" || value == REDIRECT);
    }
    let page = String::from_utf8(reply.body().to_vec()).expect("a page in UTF-8");
    let id = decision
        .verdict()
        .and_then(Verdict::request_id)
        .unwrap_or_default();
    if id.contains(['<', '>', '"', '\'']) {
        assert!(!page.contains(id), "an id as markup: {id:?}");
    }
}
