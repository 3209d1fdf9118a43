//! `uri_exclusion`: what is not checked, and what no trick makes so.

use crate::client::Request;
use crate::{Site, Stage};
use rti_core::ConfigBuilder;
use rti_simulator::Verdict;

crate::suite::cases![
    an_excluded_path_is_served_and_never_checked,
    an_exact_exclusion_holds_for_every_method,
    an_exclusion_may_name_its_method,
    an_exact_exclusion_is_not_a_prefix,
    exclusions_match_the_path_and_never_the_query,
    a_regex_exclusion_holds_for_safe_methods_alone,
    a_regex_exclusion_may_name_its_method,
    ambiguous_paths_are_always_checked,
    the_handler_sees_which_rule_skipped_it,
    exclusions_come_from_a_variable_and_from_a_file_too,
];

/// Everyone is a bot: who is served was not checked.
async fn excluding<const N: usize>(stage: Stage, patterns: [&'static str; N]) -> Site {
    let stage = stage.configure(move |config| config.uri_exclusion(patterns));
    let stage = stage.blocking().answer(Verdict::threat(3));
    stage.start().await
}

async fn is_called_for(site: &Site, method: &str, target: &str) -> bool {
    let asked = site.calls();
    let response = site.send(&Request::new(method, target)).await;
    let is_called_for = site.calls() > asked;
    assert_eq!(response.status == 403, is_called_for, "{method} {target}");
    is_called_for
}

async fn an_excluded_path_is_served_and_never_checked(stage: Stage) {
    let site = excluding(stage, ["/about", "/captcha"]).await;
    assert_eq!(site.get("/about").await.text(), "about");
    assert_eq!(site.get("/captcha?x=1").await.text(), "captcha");
    assert_eq!(site.calls(), 0);
    assert_eq!(site.get("/").await.status, 403);
}

async fn an_exact_exclusion_holds_for_every_method(stage: Stage) {
    let site = excluding(stage, ["/about"]).await;
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] {
        assert!(!is_called_for(&site, method, "/about").await, "{method}");
    }
}

async fn an_exclusion_may_name_its_method(stage: Stage) {
    let site = excluding(stage, ["GET /count"]).await;
    assert!(!is_called_for(&site, "GET", "/count").await);
    assert!(is_called_for(&site, "POST", "/count").await);
    assert!(is_called_for(&site, "HEAD", "/count").await);
}

async fn an_exact_exclusion_is_not_a_prefix(stage: Stage) {
    let site = excluding(stage, ["/about"]).await;
    for target in [
        "/about/",
        "/about/us",
        "/about-us",
        "/abou",
        "/About",
        "/x/about",
    ] {
        assert!(is_called_for(&site, "GET", target).await, "{target}");
    }
}

async fn exclusions_match_the_path_and_never_the_query(stage: Stage) {
    let site = excluding(stage, ["/about", "re:^/static/", "re:/captcha"]).await;
    for target in [
        "/subscribe?x=/about",
        "/subscribe?/static/",
        "/subscribe?next=/captcha",
    ] {
        assert!(is_called_for(&site, "GET", target).await, "{target}");
    }
    assert!(!is_called_for(&site, "GET", "/about?x=/subscribe").await);
}

async fn a_regex_exclusion_holds_for_safe_methods_alone(stage: Stage) {
    let site = excluding(stage, ["re:^/static/"]).await;
    for (method, asked) in [
        ("GET", false),
        ("HEAD", false),
        ("OPTIONS", false),
        ("POST", true),
        ("PUT", true),
        ("PATCH", true),
        ("DELETE", true),
    ] {
        let target = "/static/site.css";
        assert_eq!(
            is_called_for(&site, method, target).await,
            asked,
            "{method}"
        );
    }
    assert!(is_called_for(&site, "GET", "/other/static/").await);
}

async fn a_regex_exclusion_may_name_its_method(stage: Stage) {
    let site = excluding(stage, ["POST re:^/hooks/"]).await;
    assert!(!is_called_for(&site, "POST", "/hooks/payment").await);
    assert!(is_called_for(&site, "GET", "/hooks/payment").await);
}

async fn ambiguous_paths_are_always_checked(stage: Stage) {
    let site = excluding(
        stage,
        ["/about", "re:^/static/", r"re:\.css$", "re:^/about"],
    )
    .await;
    for target in [
        "/static/../subscribe",
        "/static/./x",
        "/static/%2e%2e/subscribe",
        "/static/.%2E/subscribe",
        "/static//subscribe",
        "//about",
        "/static/a%2fb",
        "/static/a%2Fb",
        "/static/a%5cb",
        "/static/a%00",
        "/static/a;x=1",
        "/static/a%3bx",
        "/static/%252e%252e/subscribe",
        "/subscribe;.css",
        "/subscribe/..%2f.css",
        "/%61bout",
        "/about%0d%0a",
        "/static/a%",
    ] {
        let asked = site.calls();
        let response = site.get(target).await;
        // A server may refuse such a target itself; what it must not do is serve it unasked.
        let refused = response.status == 400 && site.calls() == asked;
        assert!(refused || response.status == 403, "{target}: {response:?}");
    }
    assert!(!is_called_for(&site, "GET", "/static/a%20b-c_d~e.css").await);
}

async fn the_handler_sees_which_rule_skipped_it(stage: Stage) {
    let site = excluding(stage, ["re:^/verdict$"]).await;
    let decision = site.decision().await;
    assert_eq!(decision["outcome"], "skipped");
    assert_eq!(decision["action"], "allow");
    assert_eq!(decision["reason"], "excluded by re:^/verdict$");
    assert_eq!(decision["is_invalid"], serde_json::Value::Null);
}

async fn exclusions_come_from_a_variable_and_from_a_file_too(stage: Stage) {
    let variable = "/about, re:^/static/[a-z]{1,3}$";
    let variables = ConfigBuilder::from_vars([("RTI_URI_EXCLUSION", variable)]);
    let file = "uri_exclusion = ['/about', 're:^/static/[a-z]{1,3}$']";
    for options in [variables, toml::from_str(file).unwrap()] {
        let stage = stage.again().configure_from(options).blocking();
        let site = stage.answer(Verdict::threat(3)).start().await;
        assert!(!is_called_for(&site, "GET", "/about").await);
        assert!(!is_called_for(&site, "GET", "/static/abc").await);
        assert!(is_called_for(&site, "GET", "/static/abcd").await);
    }
}
