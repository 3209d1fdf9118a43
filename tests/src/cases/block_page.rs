//! What blocked visitors see.

use crate::client::Request;
use crate::{BlockPage, Site, Stage};
use rti_core::Strategy;
use rti_simulator::Verdict;

crate::suite::cases![
    a_blocked_visitor_gets_a_page_with_a_reference,
    a_blocked_program_gets_problem_json,
    what_is_accepted_decides_between_page_and_json,
    the_answer_to_head_has_no_body,
    block_pages_are_not_stored,
    an_application_gives_its_own_page: speaks V1,
    an_application_that_gives_none_leaves_the_built_in_page,
    a_page_that_panics_leaves_the_built_in_page,
    an_application_gives_its_own_page_for_a_plain_404: speaks V4_1,
    redirects_and_visitors_who_are_not_blocked_get_no_page,
    a_request_id_cannot_write_html,
    the_page_stands_alone_under_a_strict_policy,
    the_page_says_what_the_site_says,
    a_page_of_the_sites_own_is_shown_in_its_place,
    what_v1_says_without_an_id_has_no_reference: speaks V1,
];

async fn blocked(stage: Stage, request_id: &str) -> Site {
    let verdict = Verdict::threat(3).request_id(request_id);
    stage.blocking().answer(verdict).start().await
}

async fn a_blocked_visitor_gets_a_page_with_a_reference(stage: Stage) {
    let site = blocked(stage, "r-4711").await;
    let page = site.get("/").await;
    assert_eq!(page.status, 403);
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.text().starts_with("<!doctype html>"));
    assert!(page.text().contains("r-4711"));
}

async fn a_blocked_program_gets_problem_json(stage: Stage) {
    let site = blocked(stage, "r-4711").await;
    let request = Request::get("/").header("Accept", "application/json");
    let problem = site.send(&request).await;
    assert_eq!(problem.status, 403);
    let content_type = problem.header("Content-Type");
    assert_eq!(content_type, Some("application/problem+json"));
    let problem = problem.json();
    assert_eq!(problem["status"], 403);
    assert_eq!(problem["title"], "Forbidden");
    assert_eq!(problem["reference"], "r-4711");
}

async fn what_is_accepted_decides_between_page_and_json(stage: Stage) {
    const PAGE: &str = "text/html; charset=utf-8";
    const JSON: &str = "application/problem+json";
    let site = blocked(stage, "r-1").await;
    for (accept, expected) in [
        ("*/*", PAGE),
        ("text/html,application/xhtml+xml,*/*;q=0.8", PAGE),
        ("text/html, application/json", PAGE),
        ("application/json, text/plain, */*", JSON),
        ("application/vnd.api+json", JSON),
        ("text/html;q=0, application/json", JSON),
        ("application/json;q=0", PAGE),
        ("image/avif", PAGE),
    ] {
        let response = site.send(&Request::get("/").header("Accept", accept)).await;
        assert_eq!(response.header("Content-Type"), Some(expected), "{accept}");
    }
}

async fn the_answer_to_head_has_no_body(stage: Stage) {
    let site = blocked(stage, "r-1").await;
    let mut connection = site.connect().await;
    let head = connection.send(&Request::new("HEAD", "/")).await;
    assert_eq!(head.status, 403);
    // Bytes of a body would be taken for the beginning of this one.
    let page = connection.send(&Request::get("/")).await;
    assert_eq!(page.status, 403);
    let length = head.header("Content-Length");
    assert!(
        length.is_none() || length == page.header("Content-Length"),
        "{length:?}"
    );
}

async fn block_pages_are_not_stored(stage: Stage) {
    let site = blocked(stage, "r-1").await;
    for request in [
        Request::get("/"),
        Request::new("HEAD", "/"),
        Request::get("/").header("Accept", "application/json"),
    ] {
        let response = site.send(&request).await;
        let control = response.header("Cache-Control");
        assert_eq!(control, Some("no-store"), "{request:?}");
    }
}

async fn own_page(stage: Stage, block_page: BlockPage) -> Site {
    let verdict = Verdict::threat(3).request_id("r-4711");
    let verdict = verdict.set_cookie("_cheq_rti=b");
    let stage = stage.blocking().answer(verdict).block_page(block_page);
    stage.start().await
}

async fn an_application_gives_its_own_page(stage: Stage) {
    let site = own_page(stage, BlockPage::Own).await;
    for request in [
        Request::get("/"),
        Request::get("/nowhere"),
        Request::post("/echo", "a body that is read and discarded"),
    ] {
        let page = site.send(&request).await;
        assert_eq!((page.status, page.text()), (410, BlockPage::PAGE));
        assert_eq!(page.cookies(), ["_cheq_rti=b"], "{request:?}");
    }
    site.send(&Request::post("/count/up", "")).await;
    site.answer(Verdict::valid());
    assert_eq!(site.get("/count").await.text(), "0");
}

async fn an_application_that_gives_none_leaves_the_built_in_page(stage: Stage) {
    let site = own_page(stage, BlockPage::BuiltIn).await;
    let page = site.get("/").await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("r-4711"), "{page:?}");
}

async fn a_page_that_panics_leaves_the_built_in_page(stage: Stage) {
    let site = own_page(stage, BlockPage::Panic).await;
    let page = site.get("/").await;
    assert_eq!(page.status, 403);
    assert!(page.text().contains("r-4711"), "{page:?}");
}

async fn an_application_gives_its_own_page_for_a_plain_404(stage: Stage) {
    let stage = stage.configure(|config| config.blocking_strategy(Strategy::NotFound));
    let site = own_page(stage, BlockPage::Own).await;
    let page = site.get("/").await;
    assert_eq!((page.status, page.text()), (410, BlockPage::PAGE));
}

async fn redirects_and_visitors_who_are_not_blocked_get_no_page(stage: Stage) {
    let stage = stage.redirecting("https://shop.example/sorry");
    let site = own_page(stage, BlockPage::Own).await;
    assert_eq!(site.get("/").await.status, 302);
    site.answer(Verdict::threat(14));
    assert_eq!(site.get("/").await.text(), "hello", "challenged");
    site.answer(Verdict::valid());
    assert_eq!(site.get("/").await.text(), "hello");
}

async fn a_request_id_cannot_write_html(stage: Stage) {
    let site = blocked(stage, "<script>alert('x')</script>\"&\r\nX-Evil: y").await;
    let page = site.get("/").await;
    assert!(!page.text().contains("<script>"), "{page:?}");
    assert!(page.text().contains("&lt;script&gt;"), "{page:?}");
    assert_eq!(page.header("X-Evil"), None);
}

async fn what_v1_says_without_an_id_has_no_reference(stage: Stage) {
    let answer = rti_simulator::Fault::body(r#"{"isInvalid":true,"threatTypeCode":3}"#);
    let site = stage.blocking().answer(answer).start().await;
    let page = site.get("/").await;
    assert_eq!(page.status, 403);
    assert!(!page.text().contains("reference\""), "{page:?}");
}

async fn the_page_stands_alone_under_a_strict_policy(stage: Stage) {
    let site = blocked(stage, "r-1").await;
    let page = site.get("/").await;
    let policy = page.header("Content-Security-Policy").unwrap();
    for directive in ["default-src 'none'; ", "frame-ancestors 'none'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    // A meta cannot name ancestors; all else it says as well.
    let (of_meta, _) = policy.rsplit_once("; ").unwrap();
    assert!(page.text().contains(&format!("content=\"{of_meta}\"")));
    for reference in [" src=", " href=", "url(", "@import"] {
        assert!(!page.text().contains(reference), "{reference}");
    }
}

async fn the_page_says_what_the_site_says(stage: Stage) {
    let stage = stage.configure(|config| {
        config
            .block_page_title("Tom's <shop>")
            .block_page_message("Nicht verfügbar.")
            .support_url("mailto:help@shop.example")
            .lang("de")
    });
    let site = blocked(stage, "r-4711").await;
    let page = site.get("/").await;
    for part in [
        "<html lang=\"de\">",
        "<title>Tom&#39;s &lt;shop&gt;</title>",
        "<p>Nicht verfügbar.</p>",
        "href=\"mailto:help@shop.example\"",
        ">r-4711</code>",
        ">Kopieren</button>",
    ] {
        assert!(page.text().contains(part), "{part}: {page:?}");
    }
}

async fn a_page_of_the_sites_own_is_shown_in_its_place(stage: Stage) {
    const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/block_page.html");
    let stage = stage.configure(|config| config.block_page(TEMPLATE));
    let site = blocked(stage, "<r&1>").await;
    let page = site.get("/").await;
    let expected = std::fs::read_to_string(TEMPLATE).unwrap();
    let expected = expected.replace("{{reference}}", "&lt;r&amp;1&gt;");
    assert_eq!((page.status, page.text()), (403, expected.as_str()));
    let policy = page.header("Content-Security-Policy").unwrap();
    assert!(policy.contains("style-src 'self' 'unsafe-inline'; "));
    assert!(!policy.contains("script-src"), "{policy}");
    let problem = Request::get("/").header("Accept", "application/json");
    let problem = site.send(&problem).await;
    assert_eq!(problem.json()["reference"], "<r&1>");
}
