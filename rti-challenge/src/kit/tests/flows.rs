//! What visitors do.

use super::*;

#[tokio::test]
async fn a_visitor_solves_the_challenge_and_continues() {
    let (rti, events) = engine();
    let kit = kit();
    let asked = browser("GET", "/page?a=1&b=2", &[]).with_engine(&rti);
    assert_eq!(kit.clearance(&asked), Clearance::None);
    let page = kit.interstitial(&asked, &challenged());
    assert_eq!(page.status(), 403);
    let solution = solved(&kit).await;
    let fields = [
        ("altcha", solution.as_str()),
        ("return_to", &field(&page, "return_to")),
    ];
    let solution = posted(VERIFY, &fields).with_engine(&rti);
    let verified = kit.handle(&solution).await;
    assert_eq!(verified.status(), 303, "{}", text(&verified));
    assert_eq!(
        header(&verified, "location").as_deref(),
        Some("/page?a=1&b=2")
    );
    assert!(
        kit.clearance(&with_cookie_of(&verified, "/page"))
            .is_valid()
    );
    let vpn = Some(ThreatType::Vpn);
    assert_eq!(events.all(), [("issued", vpn), ("passed", vpn)]);
}

#[tokio::test]
async fn engines_that_share_a_kit_receive_what_happens_to_their_own_requests() {
    let kit = kit();
    let (first, first_events) = engine();
    let (second, second_events) = engine();
    let _page = kit.interstitial(&browser("GET", "/", &[]).with_engine(&first), &challenged());
    let members = serde_json::json!({ "altcha": "forged" });
    let posted = posted_json(&members).with_engine(&second);
    assert_eq!(reason(&kit.handle(&posted).await), "malformed");
    assert_eq!(first_events.all(), [("issued", Some(ThreatType::Vpn))]);
    assert_eq!(second_events.all(), [("failed", None)]);
}

#[tokio::test]
async fn a_script_solves_the_challenge_that_names_why() {
    let (rti, events) = engine();
    let kit = kit();
    let fetch = browser("GET", "/api", &[]).with_engine(&rti);
    let challenged = Challenged {
        requester: Requester::Script,
        ..challenged()
    };
    let problem = json(&kit.interstitial(&fetch, &challenged));
    let target = problem["challenge"]["challenge"].as_str().unwrap();
    let challenge = kit.handle(&browser("GET", target, &[])).await;
    let challenge: AltchaChallenge = serde_json::from_slice(challenge.body()).unwrap();
    let members = serde_json::json!({ "altcha": solve(&challenge) });
    let verified = kit.handle(&posted_json(&members).with_engine(&rti)).await;
    assert_eq!(verified.status(), 200);
    let vpn = Some(ThreatType::Vpn);
    assert_eq!(events.all(), [("issued", vpn), ("passed", vpn)]);
}

#[tokio::test]
async fn a_program_solves_the_challenge_without_the_page() {
    let kit = kit();
    let members = serde_json::json!({ "altcha": solved(&kit).await });
    let verified = verify_json(&kit, &members).await;
    assert_eq!(verified.status(), 200);
    assert_eq!(text(&verified), r#"{"passed": true}"#);
    assert!(kit.clearance(&with_cookie_of(&verified, "/")).is_valid());
}

#[tokio::test]
async fn ten_tabs_at_once_all_continue() {
    let kit = kit();
    let mut cookies = Vec::new();
    let pages: Vec<Reply> = (0..10)
        .map(|tab| {
            let target = format!("/tab/{tab}");
            kit.interstitial(&browser("GET", &target, &[]), &challenged())
        })
        .collect();
    let mut solutions = Vec::new();
    for _ in &pages {
        solutions.push(solved(&kit).await);
    }
    for (tab, (page, solution)) in pages.iter().zip(&solutions).enumerate() {
        let fields = [
            ("altcha", solution.as_str()),
            ("return_to", &field(page, "return_to")),
        ];
        let verified = kit.handle(&posted(VERIFY, &fields)).await;
        assert_eq!(header(&verified, "location"), Some(format!("/tab/{tab}")));
        cookies.push(verified);
    }
    // A request that was under way with the cookie of another tab continues as well.
    for verified in &cookies {
        assert!(kit.clearance(&with_cookie_of(verified, "/")).is_valid());
    }
}

#[tokio::test]
async fn a_form_goes_on_with_its_fields_once() {
    let kit = kit();
    let order = posted(
        "/order?step=2",
        &[("card", "4111 & 1"), ("note", "one\r\ntwo")],
    );
    assert_eq!(kit.body_limit(&order), Some(64 * 1024));
    let page = kit.interstitial(&order, &challenged());
    assert!(!text(&page).contains("4111"));
    let (return_to, resume) = (field(&page, "return_to"), field(&page, "resume"));
    for turn in ["first", "second"] {
        let solution = solved(&kit).await;
        let fields = [
            ("altcha", solution.as_str()),
            ("return_to", &return_to),
            ("resume", &resume),
        ];
        let verified = kit.handle(&posted(VERIFY, &fields)).await;
        assert!(kit.clearance(&with_cookie_of(&verified, "/")).is_valid());
        if turn == "first" {
            assert_eq!(verified.status(), 200);
            assert!(text(&verified).contains("action=\"/order?step=2\""));
            assert_eq!(field(&verified, "card"), "4111 &amp; 1");
            assert_eq!(field(&verified, "note"), "one&#13;&#10;two");
        } else {
            assert_eq!(verified.status(), 303, "it is taken out once");
        }
    }
}

#[tokio::test]
async fn a_form_goes_on_with_every_character_or_not_at_all() {
    let kit = kit();
    // Windows writes a few of these into text fields, and so do programs that extract text.
    let note = "a\u{1}b\u{b}c\u{1b}d\u{7f}e\u{85}f\u{9f}g\tâ\u{2028}";
    let page = kit.interstitial(&posted("/order", &[("note", note)]), &challenged());
    let (solution, resume) = (solved(&kit).await, field(&page, "resume"));
    let fields = [("altcha", solution.as_str()), ("resume", &resume)];
    let again = kit.handle(&posted(VERIFY, &fields)).await;
    assert_eq!(field(&again, "note"), note);
    // HTML has no way to write it.
    let page = kit.interstitial(&posted("/order", &[("note", "a\0b")]), &challenged());
    assert!(text(&page).contains("send it again") && !text(&page).contains("name=\"resume\""));
}

/// Chromium and Safari apply `form-action` to what a posted form is redirected to as well: to the sign-in
/// of another host that the page redirects to, or the payment service that a form leads to.
#[tokio::test]
async fn the_page_that_was_asked_for_may_redirect_to_another_host() {
    let kit = kit();
    let page = kit.interstitial(&posted("/order", &[("a", "b")]), &challenged());
    let (solution, resume) = (solved(&kit).await, field(&page, "resume"));
    let fields = [("altcha", solution.as_str()), ("resume", &resume)];
    let again = kit.handle(&posted(VERIFY, &fields)).await;
    for reply in [page, again] {
        let policy = header(&reply, "content-security-policy").unwrap();
        assert!(!policy.contains("form-action"), "{policy}");
    }
}

#[tokio::test]
async fn files_are_not_kept_and_that_is_said() {
    let kit = kit();
    let headers = [
        ("origin", "https://shop.example"),
        ("referer", "https://shop.example/upload?x"),
        ("content-type", "multipart/form-data; boundary=x"),
    ];
    let upload = browser("POST", "/upload/target", &headers);
    assert_eq!(kit.body_limit(&upload), None);
    let page = kit.interstitial(&upload, &challenged());
    assert!(text(&page).contains("send it again") && !text(&page).contains("name=\"resume\""));
    let solution = solved(&kit).await;
    let fields = [
        ("altcha", solution.as_str()),
        ("return_to", &field(&page, "return_to")),
    ];
    let verified = kit.handle(&posted(VERIFY, &fields)).await;
    assert_eq!(header(&verified, "location").as_deref(), Some("/upload?x"));
}

#[tokio::test]
async fn a_script_is_given_the_url_of_the_page() {
    let kit = kit();
    let fetched = browser(
        "POST",
        "/api",
        &[("referer", "https://shop.example/app?tab=3")],
    );
    let reply = kit.interstitial(
        &fetched,
        &Challenged {
            requester: Requester::Script,
            ..challenged()
        },
    );
    assert_eq!(reply.status(), 403);
    assert_eq!(
        header(&reply, "content-type").as_deref(),
        Some("application/problem+json")
    );
    let problem = json(&reply);
    assert_eq!(problem["reference"], "r-1");
    assert_eq!(problem["challenge"]["verify"], VERIFY);
    let url = problem["challenge"]["url"].as_str().unwrap();
    let page = kit.handle(&browser("GET", url, &[])).await;
    let solution = solved(&kit).await;
    let fields = [
        ("altcha", solution.as_str()),
        ("return_to", &field(&page, "return_to")),
    ];
    let verified = kit.handle(&posted(VERIFY, &fields)).await;
    assert_eq!(header(&verified, "location").as_deref(), Some("/app?tab=3"));
}

#[tokio::test]
async fn without_scripts_a_visitor_waits() {
    let start = now();
    let page = kit()
        .at(start)
        .interstitial(&browser("GET", "/page", &[]), &challenged());
    let (wait, return_to) = (field(&page, "wait"), field(&page, "return_to"));
    let fields = [("wait", wait.as_str()), ("return_to", &return_to)];
    let early = kit().at(start + 29).handle(&posted(VERIFY, &fields)).await;
    assert_eq!(early.status(), 403);
    assert!(text(&early).contains("not over yet"));
    assert!(!field(&early, "return_to").is_empty());
    let kit = kit().at(start + 30);
    let verified = kit.handle(&posted(VERIFY, &fields)).await;
    assert_eq!(header(&verified, "location").as_deref(), Some("/page"));
    assert!(
        kit.clearance(&with_cookie_of(&verified, "/page"))
            .is_valid()
    );
    let again = kit.handle(&posted(VERIFY, &fields)).await;
    assert_eq!((again.status(), header(&again, "set-cookie")), (403, None));
}

#[tokio::test]
async fn the_path_without_scripts_can_be_turned_off() {
    let (start, off) = (now(), WithoutScripts::Refuse);
    let page = kit()
        .at(start)
        .interstitial(&browser("GET", "/", &[]), &challenged());
    let wait = field(&page, "wait");
    let kit = kit().without_scripts(off).at(start + 60);
    let page = kit.interstitial(&browser("GET", "/", &[]), &challenged());
    assert!(!text(&page).contains("name=\"wait\"") && text(&page).contains("turn them on"));
    let reply = verify_json(&kit, &serde_json::json!({ "wait": wait })).await;
    assert_eq!(reason(&reply), "malformed");
}

#[tokio::test]
async fn a_refused_solution_of_a_browser_keeps_page_and_form() {
    let kit = kit();
    let page = kit.interstitial(&posted("/order", &[("a", "b")]), &challenged());
    let (return_to, resume) = (field(&page, "return_to"), field(&page, "resume"));
    let fields = [
        ("altcha", "bm8="),
        ("return_to", return_to.as_str()),
        ("resume", &resume),
    ];
    let refused = kit.handle(&posted(VERIFY, &fields)).await;
    assert_eq!(refused.status(), 403);
    assert_eq!(field(&refused, "resume"), resume);
    assert!(!field(&refused, "return_to").is_empty());
    assert!(
        text(&refused).contains("role=\"alert\"")
            && text(&refused).contains("data-start=\"click\"")
    );
}

#[tokio::test]
async fn the_paths_of_the_kit() {
    let kit = kit();
    for (method, path, status) in [
        ("GET", "/.well-known/rti/challenge", 200),
        ("HEAD", "/.well-known/rti/challenge", 200),
        ("POST", "/.well-known/rti/challenge", 405),
        ("GET", "/.well-known/rti/verify", 405),
        ("POST", "/.well-known/rti/verify", 403),
        ("GET", "/.well-known/rti/page", 403),
        ("GET", "/.well-known/rti/", 404),
        ("GET", "/.well-known/rti/other", 404),
        ("GET", "/.well-known/rti/assets/altcha-3.2.2.js", 200),
        ("PUT", "/.well-known/rti/assets/altcha-3.2.2.js", 405),
        ("GET", "/.well-known/rti/assets/../lib.rs", 404),
    ] {
        assert!(kit.owns(path));
        let reply = kit.handle(&browser(method, path, &[])).await;
        assert_eq!(reply.status(), status, "{method} {path}");
        assert!(method != "HEAD" || reply.body().is_empty());
    }
    for path in [
        "/",
        "/.well-known/rti",
        "/.well-known/rtix/",
        "/a/.well-known/rti/verify",
    ] {
        assert!(!kit.owns(path), "{path}");
    }
    let other = kit.prefix("/_check/").unwrap();
    assert!(other.owns("/_check/verify") && !other.owns(VERIFY));
    let page = other.interstitial(&browser("GET", "/", &[]), &challenged());
    assert!(
        text(&page).contains("action=\"/_check/verify\"") && !text(&page).contains(".well-known")
    );
}

#[test]
fn head_gets_the_headers_alone() {
    let reply = kit().interstitial(&browser("HEAD", "/", &[]), &challenged());
    assert_eq!((reply.status(), reply.body().len()), (403, 0));
    assert!(header(&reply, "content-length").is_some());
}

#[test]
fn who_can_show_no_page_gets_the_refusal_of_the_engine() {
    let denial = Reply::new(200).with_header("grpc-status", "7");
    let reply = kit().interstitial(
        &browser("POST", "/", &[]),
        &Challenged {
            requester: Requester::Grpc,
            denial: Some(denial.clone()),
            ..challenged()
        },
    );
    assert_eq!(reply, denial);
}
