//! Challenged forms: what is kept of them, and sent again once the challenge is solved.

use rti_simulator::Verdict;

use super::{PREFIX, challenging, cookie, field, kit, posted, solved};
use crate::Stage;
use crate::client::Request;

crate::suite::cases![
    a_challenged_form_is_sent_again_with_its_fields: needs ChallengeKit,
    a_form_of_another_site_is_not_kept: needs ChallengeKit,
    a_form_that_is_too_long_is_not_kept_and_the_connection_stays: needs ChallengeKit,
    a_solution_that_is_too_long_is_refused: needs ChallengeKit,
    a_visitor_with_a_clearance_sends_a_form_as_it_is: needs ChallengeKit,
];

async fn a_challenged_form_is_sent_again_with_its_fields(stage: Stage) {
    let site = challenging(stage).await;
    let order = [("article", "blue <shoes>"), ("size", "42")];
    let page = site.send(&posted("/length", &order)).await;
    assert_eq!(page.status, 403, "{page:?}");
    let (resume, return_to) = (field(&page, "resume"), field(&page, "return_to"));
    let (resume, return_to) = (resume.unwrap(), return_to.unwrap());
    assert!(!page.text().contains("shoes"), "it is sealed");

    let solution = solved(&site).await;
    let fields = [
        ("altcha", &*solution),
        ("resume", &resume),
        ("return_to", &return_to),
    ];
    let again = site
        .send(&posted(&format!("{PREFIX}verify"), &fields))
        .await;
    assert_eq!(again.status, 200, "{again:?}");
    for part in [
        "action=\"/length\"",
        "name=\"article\" value=\"blue &lt;shoes&gt;\"",
        "name=\"size\" value=\"42\"",
    ] {
        assert!(again.text().contains(part), "{part}: {}", again.text());
    }
    // What the page then posts.
    let request = posted("/length", &order).header("Cookie", cookie(&again));
    let length = "article=blue+%3Cshoes%3E&size=42".len().to_string();
    assert_eq!(site.send(&request).await.text(), length);
}

async fn a_form_of_another_site_is_not_kept(stage: Stage) {
    let site = challenging(stage).await;
    let body = "article=1";
    let request = Request::new("POST", "/length")
        .header("Accept", "text/html")
        .header("Origin", "https://evil.example")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body);
    let page = site.send(&request).await;
    assert_eq!((page.status, field(&page, "resume")), (403, None));
}

async fn a_form_that_is_too_long_is_not_kept_and_the_connection_stays(stage: Stage) {
    let site = challenging(stage).await;
    let long = "x".repeat(300 * 1024);
    let mut connection = site.connect().await;
    for _ in 0..2 {
        let page = connection
            .send(&posted("/length", &[("text", &long)]))
            .await;
        assert_eq!((page.status, field(&page, "resume")), (403, None));
    }
}

async fn a_solution_that_is_too_long_is_refused(stage: Stage) {
    let site = challenging(stage).await;
    let long = "x".repeat(1024 * 1024);
    let mut connection = site.connect().await;
    for _ in 0..2 {
        let request = Request::new("POST", &format!("{PREFIX}verify"))
            .header("Accept", "application/json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("altcha={long}"));
        let refused = connection.send(&request).await;
        assert_eq!(refused.status, 413, "{refused:?}");
        assert_eq!(refused.json()["reason"], "too_large");
    }
}

async fn a_visitor_with_a_clearance_sends_a_form_as_it_is(stage: Stage) {
    let stage = stage.blocking().kit(kit());
    let site = stage.answer(Verdict::threat(super::VPN)).start().await;
    let cookie = super::cleared(&site).await;
    let long = "x".repeat(200 * 1024);
    let request = posted("/echo", &[("text", &long)]).header("Cookie", cookie);
    assert_eq!(site.send(&request).await.text(), format!("text={long}"));
}
