//! What attackers do. Those on the clearance alone are in `clearance/tests.rs`, those on the parameters
//! of a challenge in `pow/tests.rs`.

use super::*;

#[tokio::test]
async fn a_solution_replayed_once() {
    let (rti, events) = engine();
    let kit = kit();
    let members = serde_json::json!({ "altcha": solved(&kit).await });
    let posted = posted_json(&members).with_engine(&rti);
    assert_eq!(kit.handle(&posted).await.status(), 200);
    let again = kit.handle(&posted).await;
    assert_eq!(
        (again.status(), reason(&again)),
        (403, "replayed".to_owned())
    );
    assert_eq!(events.all(), [("passed", None), ("replayed", None)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_solution_replayed_100_times_at_once() {
    let kit = kit();
    let members = Arc::new(serde_json::json!({ "altcha": solved(&kit).await }));
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (kit, members) = (kit.clone(), Arc::clone(&members));
            tokio::spawn(async move { verify_json(&kit, &members).await.status() })
        })
        .collect();
    let mut passed = 0;
    for task in tasks {
        passed += u32::from(task.await.unwrap() == 200);
    }
    assert_eq!(passed, 1);
}

#[tokio::test]
async fn a_solution_whose_text_was_changed_is_the_same_solution() {
    let kit = kit();
    let solution = solved(&kit).await;
    let members = serde_json::json!({ "altcha": solution });
    assert_eq!(verify_json(&kit, &members).await.status(), 200);
    let payload: serde_json::Value =
        serde_json::from_slice(&STANDARD.decode(solution).unwrap()).unwrap();
    let spaced = STANDARD.encode(serde_json::to_string_pretty(&payload).unwrap());
    let reply = verify_json(&kit, &serde_json::json!({ "altcha": spaced })).await;
    assert_eq!(reason(&reply), "replayed");
    // In capitals the nonce is another text, which is not what was signed.
    let mut capitals = payload;
    let nonce = capitals["challenge"]["parameters"]["nonce"]
        .as_str()
        .unwrap();
    let nonce = nonce.to_uppercase();
    capitals["challenge"]["parameters"]["nonce"] = nonce.into();
    let reply = verify_json(
        &kit,
        &serde_json::json!({ "altcha": STANDARD.encode(capitals.to_string()) }),
    )
    .await;
    assert_eq!(reason(&reply), "forged");
}

#[tokio::test]
async fn a_store_that_is_down_refuses_the_solution_and_not_the_site() {
    let members = serde_json::json!({ "altcha": solved(&kit()).await });
    let cleared = verify_json(&kit(), &members).await;
    let kit = kit().store(Down);
    let members = serde_json::json!({ "altcha": solved(&kit).await });
    assert_eq!(reason(&verify_json(&kit, &members).await), "unavailable");
    assert!(kit.clearance(&with_cookie_of(&cleared, "/")).is_valid());
}

#[tokio::test]
async fn an_unsigned_return_leads_to_the_root() {
    let kit = kit();
    for return_to in [
        "//evil.example",
        "https://evil.example/",
        "/page",
        "javascript:alert(1)",
    ] {
        let solution = solved(&kit).await;
        let fields = [("altcha", solution.as_str()), ("return_to", return_to)];
        let verified = kit.handle(&posted(VERIFY, &fields)).await;
        assert_eq!(
            header(&verified, "location").as_deref(),
            Some("/"),
            "{return_to}"
        );
    }
}

#[tokio::test]
async fn a_target_of_another_host_is_not_signed() {
    let kit = kit();
    for target in [
        "//evil.example/",
        "/\\evil.example",
        "/%2f/evil.example",
        "/%0d%0aset-cookie:a=b",
    ] {
        let page = kit.interstitial(&browser("GET", target, &[]), &challenged());
        let solution = solved(&kit).await;
        let fields = [
            ("altcha", solution.as_str()),
            ("return_to", &field(&page, "return_to")),
        ];
        let verified = kit.handle(&posted(VERIFY, &fields)).await;
        assert_eq!(
            header(&verified, "location").as_deref(),
            Some("/"),
            "{target}"
        );
    }
}

#[test]
fn clickjacking() {
    let page = kit().interstitial(&browser("GET", "/", &[]), &challenged());
    let policy = header(&page, "content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"));
    assert_eq!(header(&page, "x-frame-options").as_deref(), Some("DENY"));
}

#[tokio::test]
async fn tokens_of_10_mb() {
    let kit = kit();
    let huge = "A".repeat(10_000_000);
    for name in ["altcha", "return_to", "resume", "wait"] {
        let reply = verify_json(&kit, &serde_json::json!({ name: huge })).await;
        assert_eq!(
            (reply.status(), reason(&reply)),
            (413, "too_large".to_owned())
        );
    }
    let posted = posted(VERIFY, &[]).with_body(RequestBody::TooLarge);
    assert_eq!(kit.handle(&posted).await.status(), 413);
    let cookie = format!("__Host-rti_clearance={huge}");
    let request = browser("GET", "/", &[("cookie", &cookie)]);
    assert_eq!(kit.clearance(&request), Clearance::None);
}

#[tokio::test]
async fn bodies_that_are_no_solution() {
    let kit = kit().failures_per_minute(1_000);
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "{\"altcha\":1}",
        "{",
        "\u{0}",
        "altcha=x",
    ] {
        let headers = [
            ("content-type", "application/json"),
            ("host", "shop.example"),
        ];
        let request = request("POST", VERIFY, IP, &headers);
        let body = RequestBody::Whole(Bytes::from_static(body.as_bytes()));
        assert_eq!(
            reason(&kit.handle(&request.with_body(body)).await),
            "malformed"
        );
    }
    let request = request("POST", VERIFY, IP, &[]);
    assert_eq!(reason(&kit.handle(&request).await), "malformed");
}

#[tokio::test]
async fn a_solution_posted_by_another_site() {
    let kit = kit();
    let page = kit.interstitial(&posted("/order", &[("amount", "1")]), &challenged());
    let (solution, resume) = (solved(&kit).await, field(&page, "resume"));
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("altcha", &solution)
        .append_pair("resume", &resume)
        .finish();
    for headers in [
        [("origin", "https://evil.example"), ("content-type", FORM)],
        [("sec-fetch-site", "cross-site"), ("content-type", FORM)],
        [("origin", "null"), ("content-type", FORM)],
    ] {
        let body = RequestBody::Whole(body.clone().into());
        let request = browser("POST", VERIFY, &headers).with_body(body);
        assert_eq!(reason(&kit.handle(&request).await), "cross_site");
    }
}

#[tokio::test]
async fn a_form_posted_by_another_site_is_not_kept() {
    let headers = [("origin", "https://evil.example"), ("content-type", FORM)];
    let forged = browser("POST", "/order", &headers);
    let kit = kit();
    assert_eq!(kit.body_limit(&forged), None);
    let forged = forged.with_body(RequestBody::Whole("amount=1".into()));
    let page = kit.interstitial(&forged, &challenged());
    assert!(!text(&page).contains("name=\"resume\""));
}

#[tokio::test]
async fn a_form_does_not_go_on_where_the_source_is_not_known() {
    let kit = kit();
    let page = kit.interstitial(&posted("/order", &[("amount", "1")]), &challenged());
    let fields = [
        ("altcha", solved(&kit).await),
        ("resume", field(&page, "resume")),
    ];
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    let request = browser("POST", VERIFY, &[("content-type", FORM)]);
    let verified = kit
        .handle(&request.with_body(RequestBody::Whole(body.into())))
        .await;
    assert_eq!(verified.status(), 303);
}

#[tokio::test]
async fn another_visitor_redeems_the_solution() {
    let kit = kit();
    let body = format!(
        "altcha={}",
        form_urlencoded::byte_serialize(solved(&kit).await.as_bytes()).collect::<String>()
    );
    let request = from("198.51.100.1", "POST", VERIFY, &[("content-type", FORM)]);
    let request = request.with_body(RequestBody::Whole(body.into()));
    assert_eq!(reason(&kit.handle(&request).await), "other_visitor");
}

#[tokio::test]
async fn an_expired_challenge() {
    let (rti, events) = engine();
    let kit = kit();
    let members = serde_json::json!({ "altcha": solved(&kit.clone().at(now() - 3_600)).await });
    let posted = posted_json(&members).with_engine(&rti);
    assert_eq!(reason(&kit.handle(&posted).await), "expired");
    assert_eq!(events.all(), [("expired", None)]);
}

#[tokio::test]
async fn a_network_is_limited() {
    let kit = kit()
        .challenges_per_minute(2)
        .failures_per_minute(1)
        .at(now());
    let challenge = |ip| {
        let kit = kit.clone();
        async move {
            kit.handle(&from(ip, "GET", "/.well-known/rti/challenge", &[]))
                .await
        }
    };
    let solution = solved(&kit).await;
    assert_eq!(challenge("192.0.2.9").await.status(), 200);
    let limited = challenge(IP).await;
    assert_eq!(
        (limited.status(), reason(&limited)),
        (429, "rate_limited".to_owned())
    );
    assert!(header(&limited, "retry-after").is_some());
    let page = kit.interstitial(&browser("GET", "/", &[]), &challenged());
    assert_eq!(page.status(), 429);
    assert_eq!(challenge("198.51.100.1").await.status(), 200);
    // One failure, and a valid solution has to wait.
    let wrong = verify_json(&kit, &serde_json::json!({ "altcha": "x" })).await;
    assert_eq!(reason(&wrong), "malformed");
    let valid = verify_json(&kit, &serde_json::json!({ "altcha": solution })).await;
    assert_eq!(
        (valid.status(), reason(&valid)),
        (429, "rate_limited".to_owned())
    );
}

#[test]
fn nothing_secret_is_shown() {
    let kit = Challenge::proof_of_work(Keys::new([251; 32]));
    assert!(!format!("{kit:?}").contains("251"));
    let (cookie, card) = ("c".repeat(crate::clearance::TOKEN_CHARACTERS), "4111");
    let cookie = format!("__Host-rti_clearance={cookie}");
    let request = browser("POST", "/", &[("cookie", &cookie)]);
    let request = request.with_body(RequestBody::Whole(card.into()));
    let shown = format!("{request:?}");
    assert!(shown.contains("shop.example"), "{shown}");
    assert!(!shown.contains("ccccc") && !shown.contains(card), "{shown}");
}
