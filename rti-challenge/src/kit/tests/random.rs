//! Requests put together at random, from what is valid and what is not.

use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// What a client may hold, and has changed or not.
fn held() -> Vec<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let (kit, runtime) = (kit(), { runtime }.build().unwrap());
    let solution = runtime.block_on(solved(&kit));
    let page = kit.interstitial(&posted("/order?a", &[("a", "b")]), &challenged());
    let payload = STANDARD.decode(&solution).unwrap();
    let challenge = String::from_utf8(payload).unwrap();
    let mut texts: Vec<String> = ["wait", "return_to", "resume"]
        .map(|name| field(&page, name))
        .into();
    for (from, to) in [
        ("\"cost\":1000", "\"cost\":4294967295"),
        ("\"cost\":1000", "\"cost\":-1"),
        ("\"keyLength\":32", "\"keyLength\":18446744073709551615"),
        ("\"expiresAt\":", "\"expiresAt\":-"),
        ("\"expiresAt\":", "\"expiresAt\":9"),
        ("\"derivedKey\":\"", "\"derivedKey\":\"0"),
        ("\"derivedKey\":\"", "\"derivedKey\":\"\u{e9}"),
        ("\"nonce\":\"", "\"nonce\":\"\u{20ac}"),
        ("\"key\":\"", "\"key\":\"\u{e9}"),
        ("\"counter\":", "\"counter\":9999999999"),
        ("\"signature\":\"", "\"signature\":\"\u{e9}"),
        ("{", "{\"challenge\":null,"),
        ("}", "}}"),
    ] {
        let changed = challenge.replacen(from, to, 1);
        assert!(from.len() == 1 || changed != challenge, "{from}");
        texts.push(STANDARD.encode(&changed));
        texts.push(changed);
    }
    texts.push(challenge);
    texts.extend(
        [
            "altcha=",
            "&wait=",
            "&return_to=",
            "&resume=",
            "{\"altcha\":\"",
            "\",\"",
            "\"}",
            "=",
            "A",
            ";",
        ]
        .map(str::to_owned),
    );
    texts.extend(
        [
            "%", "%00", "%zz", "\\u0000", "\r\n", "//", "\\", "..", "?", "#", "://",
        ]
        .map(str::to_owned),
    );
    let mut bytes: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    bytes.push(vec![0xff, 0xfe]);
    bytes.push(vec![0]);
    bytes
}

fn pieces(held: &[Vec<u8>]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let piece = prop_oneof![
        4 => select(held.to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..9),
    ];
    // Cut anywhere.
    let cut = (piece, 0..20_usize).prop_map(|(mut piece, cut)| {
        let length = piece.len().saturating_sub(cut.saturating_sub(15));
        piece.truncate(length);
        piece
    });
    proptest::collection::vec(cut, 0..5).prop_map(|pieces| pieces.concat())
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn no_request_makes_the_kit_panic_or_clear() {
    let held = held();
    let headers = [
        "host",
        "cookie",
        "user-agent",
        "accept",
        "content-type",
        "origin",
        "referer",
        "sec-fetch-site",
        "sec-ch-ua-mobile",
    ];
    let values = [
        "shop.example",
        "shop.example:443",
        "https://shop.example",
        "https://shop.example/\u{e9}",
        "://",
        "[::1]:",
        "text/html",
        "application/json",
        FORM,
        "application/json; charset=x",
        "same-origin",
        "cross-site",
        "none",
        "__Host-rti_clearance=",
        "rti_clearance=",
        "?1",
        "",
    ];
    let some_header = (
        select(headers.to_vec()),
        prop_oneof![
            select(values.to_vec()).prop_map(|value| value.as_bytes().to_vec()),
            pieces(&held)
        ],
    );
    let targets = [
        "",
        "/",
        VERIFY,
        "/.well-known/rti/page?return_to=",
        "/.well-known/rti/challenge",
        "/order",
        "http://h",
    ];
    let request = (
        select(vec!["GET", "POST", "HEAD", "PUT", ""]),
        (select(targets.to_vec()), pieces(&held)),
        proptest::collection::vec(some_header, 0..8),
        pieces(&held),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let asked_for = Arc::new(AtomicU32::new(0));
    let kit = kit()
        .failures_per_minute(u32::MAX)
        .challenges_per_minute(u32::MAX)
        .store(Unreachable(Arc::clone(&asked_for)));
    proptest!(ProptestConfig::with_cases(cases()), |((method, (target, rest), headers, body) in request)| {
        let target = format!("{target}{}", text_of(&rest));
        let headers: Vec<(&str, String)> =
            headers.iter().map(|(name, value)| (*name, text_of(value))).collect();
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let asked = request_of(method, &target, &headers).with_body(RequestBody::Whole(body.into()));
        prop_assert!(!kit.clearance(&asked).is_valid());
        let claims = asked_for.load(Ordering::SeqCst);
        let reply = runtime.block_on(kit.handle(&asked));
        // A panic is answered with the same words.
        if text(&reply).contains("unavailable") {
            prop_assert_eq!(asked_for.load(Ordering::SeqCst), claims + 1);
        }
        prop_assert_eq!(header(&reply, "set-cookie"), None);
        for (name, value) in reply.headers() {
            prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{}: {}", name, value);
        }
        for requester in [Requester::Navigation, Requester::Script] {
            let reply = kit.interstitial(&asked, &Challenged { requester, ..challenged() });
            prop_assert!(reply.status() == 403 && (method == "HEAD" || !reply.body().is_empty()));
        }
    });
}

/// What is valid of what is held is not accepted either, so that nothing clears.
#[derive(Debug)]
struct Unreachable(Arc<AtomicU32>);

#[async_trait]
impl ReplayStore for Unreachable {
    async fn claim(&self, _id: &str, _ttl: Duration) -> Result<Claim, StoreError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err(StoreError::new("no connection"))
    }
}

fn request_of(method: &str, target: &str, headers: &[(&str, &str)]) -> ChallengeRequest {
    request(method, target, IP, headers)
}

fn cases() -> u32 {
    let given = std::env::var("PROPTEST_CASES").ok();
    given.and_then(|cases| cases.parse().ok()).unwrap_or(256)
}
