//! Exclusions: a line `METHOD target`, then a line for each pattern; without any, a usual set.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use rti_core::{Outcome, SkipReason};
use rti_fuzz::{Engine, FuzzRequest, config};
use url::Url;

const USUAL: [&str; 7] = [
    "/about",
    "/caf%C3%A9",
    "POST /hook",
    "re:^/static/",
    r"re:\.(?:css|js)$",
    "DELETE re:^/trash/",
    "re:about",
];

static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine(&USUAL).unwrap());

fn engine(patterns: &[&str]) -> Option<Engine> {
    let options = config(rti_core::ApiVersion::V1).redirect_url("/sorry");
    Engine::new(options.uri_exclusion(patterns.iter().copied()))
}

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let (request, own) = text.split_once('\n').unwrap_or((&text, ""));
    let own: Vec<&str> = own.lines().filter(|line| !line.trim().is_empty()).collect();
    let made;
    let engine = if own.is_empty() {
        &*ENGINE
    } else {
        let Some(engine) = engine(&own) else {
            return;
        };
        made = engine;
        &made
    };
    let request = FuzzRequest::parse(request.as_bytes());
    let asked = engine.ask(&request);
    let rule = match asked.decision.outcome() {
        Outcome::Skipped(rule) => rule,
        _ => return assert!(asked.payload.is_some(), "neither asked nor excluded"),
    };
    assert!(asked.payload.is_none(), "excluded and yet asked");
    let path = path(&request.target);
    assert_plain(path);
    assert_holds(rule, &request, path);
    if *rule != SkipReason::RedirectTarget {
        assert_query_says_nothing(engine, &request, path);
    }
});

fn path(target: &str) -> &str {
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let path = &target[..end];
    // The absolute form names a host in front. No path at all is the root.
    let path = match path.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            rest.find('/').map_or("", |at| &rest[at..])
        }
        _ => path,
    };
    if path.is_empty() { "/" } else { path }
}

/// Everybody reads the same in it: a URL parser changes nothing but what it escapes, and decoding
/// it, once or twice, makes no other segments.
fn assert_plain(path: &str) {
    let mut url = Url::parse("http://shop.example/").unwrap();
    url.set_path(path);
    let once = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let parsed = percent_decode_str(url.path()).decode_utf8_lossy();
    assert_eq!(parsed, once);
    let twice = percent_decode_str(&once).decode_utf8_lossy().into_owned();
    assert_eq!(once, twice, "{path} is encoded twice");
    let segments = |path: &str| path.split('/').count();
    assert_eq!(segments(path), segments(&once), "{path} hides a slash");
    assert!(path.starts_with('/') && path.is_ascii());
    assert!(!once.contains("//") && !once.contains(['\\', '\0', ';', '\n', '\r']));
    assert!(
        once.split('/')
            .all(|segment| segment != "." && segment != "..")
    );
}

/// The rule is on this path, and for this method.
fn assert_holds(rule: &SkipReason, request: &FuzzRequest, path: &str) {
    let method = &*request.method;
    let safe = ["GET", "HEAD", "OPTIONS"].contains(&method);
    match rule {
        SkipReason::RedirectTarget => {
            let target = request.target.split('#').next().unwrap_or_default();
            assert!(safe && path == "/sorry" && target.trim_end_matches('?').ends_with(path));
        }
        SkipReason::Excluded(rule) => {
            let (own, pattern) = match rule.split_once([' ', '\t']) {
                Some((own, pattern)) if !own.contains([':', '/']) => {
                    (Some(own.to_uppercase()), pattern.trim())
                }
                _ => (None, &**rule),
            };
            if let Some(own) = &own {
                assert_eq!(own, method);
            }
            if pattern.starts_with("re:") {
                assert!(own.is_some() || safe, "{method} rides {rule}");
            } else {
                assert_eq!(path, pattern);
            }
        }
        other => panic!("{other}"),
    }
}

/// Of exclusions only the path counts.
fn assert_query_says_nothing(engine: &Engine, request: &FuzzRequest, path: &str) {
    for target in [
        path.to_owned(),
        format!("{path}?x=/admin"),
        format!("{path}?about.css"),
    ] {
        let request = FuzzRequest {
            target,
            ..request.clone()
        };
        assert!(engine.ask(&request).payload.is_none());
    }
}
