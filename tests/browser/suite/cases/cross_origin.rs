//! Calls of another origin's pages, with CORS outside of RTI.

use rti_conformance::Cors;
use rti_simulator::{Rule, field};
use serde_json::json;

use crate::expected::{PROBLEM, REFERENCE, blocked};
use crate::stage::{Site, Stage};
use crate::tab::{Tab, origin, visit_as_friend};

crate::suite::cases![
    an_allowed_call_of_another_origin_is_readable,
    a_blocked_call_of_another_origin_is_readable,
    a_blocked_call_of_another_origin_gets_a_problem,
    a_call_after_a_preflight_is_readable_when_blocked,
    a_preflight_is_not_checked,
    a_call_of_an_origin_that_may_not_call_is_refused,
];

/// A page, and an application at another origin that it may call. Both block visitors of `/count`.
struct Called {
    page: Site,
    tab: Tab,
    api: Site,
    origin: String,
}

async fn called(stage: Stage) -> Called {
    let api = stage.again();
    let (page, tab) = visit_as_friend(stage.blocking()).await;
    let counts = || Rule::when(field("RequestURL").contains("/count"));
    let api = api.blocking().rules([counts().then(blocked())]);
    let called = api.cors(Cors::Outside).start().await;
    tab.go("/about").await;
    Called {
        page,
        origin: origin(&called),
        tab,
        api: called,
    }
}

impl Called {
    /// What a script reads, of `fetch` with these further arguments.
    async fn fetch(&self, path: &str, options: &str) -> serde_json::Value {
        let url = format!("{}{path}", self.origin);
        let script = format!(
            "try {{
               const response = await fetch('{url}', {options});
               const type = response.headers.get('Content-Type');
               return {{ status: response.status, type, text: await response.text() }}
             }} catch (error) {{
               return {{ error: error.name }}
             }}"
        );
        self.tab.run(&script).await
    }
}

/// A method and a content type for which a browser sends a preflight.
const POST_OF_JSON: &str =
    "{ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }";

async fn an_allowed_call_of_another_origin_is_readable(stage: Stage) {
    let called = called(stage).await;
    let seen = called.fetch("/about", "{}").await;
    assert_eq!(
        (&seen["status"], &seen["text"]),
        (&json!(200), &json!("about"))
    );
    let seen = called.fetch("/echo", POST_OF_JSON).await;
    assert_eq!(
        (&seen["status"], &seen["text"]),
        (&json!(200), &json!("{}"))
    );
}

async fn a_blocked_call_of_another_origin_is_readable(stage: Stage) {
    let called = called(stage).await;
    let accepting = "{ headers: { Accept: 'application/json' } }";
    let seen = called.fetch("/count", accepting).await;
    assert_eq!(seen["status"], 403, "{seen}");
    assert_eq!(seen["type"], PROBLEM, "{seen}");
    assert!(seen["text"].as_str().unwrap().contains(REFERENCE), "{seen}");
}

async fn a_blocked_call_of_another_origin_gets_a_problem(stage: Stage) {
    let called = called(stage).await;
    let seen = called.fetch("/count", "{}").await;
    assert_eq!(seen["status"], 403, "{seen}");
    assert_eq!(seen["type"], PROBLEM, "{seen}");
}

async fn a_call_after_a_preflight_is_readable_when_blocked(stage: Stage) {
    let called = called(stage).await;
    let seen = called.fetch("/count/up", POST_OF_JSON).await;
    assert_eq!(seen["status"], 403, "{seen}");
    assert_eq!(called.api.application.count(), 0);
}

async fn a_preflight_is_not_checked(stage: Stage) {
    let called = called(stage).await;
    called.fetch("/echo", POST_OF_JSON).await;
    let journal = called.api.simulator.journal();
    let methods = journal.iter().map(|received| received.field("Method"));
    let methods: Vec<_> = methods.collect();
    assert_eq!(methods, [Some("POST".to_owned())]);
}

async fn a_call_of_an_origin_that_may_not_call_is_refused(stage: Stage) {
    let called = called(stage).await;
    // The same page, under another name.
    called.tab.go_to(&origin(&called.page), "/about").await;
    for path in ["/about", "/count"] {
        let seen = called.fetch(path, "{}").await;
        assert_eq!(seen["error"], "TypeError", "{path}: {seen}");
    }
}
