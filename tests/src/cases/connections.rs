//! Connections of visitors: kept, pipelined, old, many at once, and left.

use std::time::Duration;

use crate::client::Request;
use crate::{Capability, Stage};
use futures_util::future::join_all;
use rti_simulator::{Fault, Rule, Verdict, field};

crate::suite::cases![
    a_kept_connection_is_checked_request_by_request,
    a_blocked_visitor_keeps_the_connection,
    pipelined_requests_are_answered_in_order,
    http_1_0_without_a_host_is_served: needs Http10WithoutHost,
    concurrent_visitors_get_each_their_own_verdict,
    requests_share_connections_to_the_service,
    a_visitor_who_leaves_frees_the_call,
    a_handler_that_panics_harms_nobody_else,
];

async fn a_kept_connection_is_checked_request_by_request(stage: Stage) {
    let site = stage.blocking().start().await;
    let mut connection = site.connect().await;
    for target in ["/", "/subscribe", "/about", "/nowhere"] {
        connection.send(&Request::get(target)).await;
    }
    let urls = site.simulator.journal();
    let urls = urls.iter().map(|asked| asked.field("RequestURL").unwrap());
    let expected = ["/", "/subscribe", "/about", "/nowhere"];
    let expected = expected.map(|target| format!("http://shop.example{target}"));
    assert_eq!(urls.collect::<Vec<_>>(), expected);
}

async fn a_blocked_visitor_keeps_the_connection(stage: Stage) {
    let bots = field("UserAgent").contains("bot");
    let rules = [Rule::when(bots).then(Verdict::threat(3))];
    let site = stage.blocking().rules(rules).start().await;
    let mut connection = site.connect().await;
    for (agent, status) in [("bot", 403), ("browser", 200), ("bot", 403)] {
        let request = Request::get("/").header("User-Agent", agent);
        assert_eq!(connection.send(&request).await.status, status);
    }
}

async fn pipelined_requests_are_answered_in_order(stage: Stage) {
    let second = field("RequestURL").contains("/subscribe");
    let rules = [Rule::when(second).then(Verdict::threat(3))];
    let site = stage.blocking().rules(rules).start().await;
    let mut connection = site.connect().await;
    let requests = ["/about", "/subscribe", "/captcha"].map(Request::get);
    let bytes: Vec<u8> = requests.iter().flat_map(Request::bytes).collect();
    connection.write(bytes).await;
    assert_eq!(connection.response_to("GET").await.text(), "about");
    assert_eq!(connection.response_to("GET").await.status, 403);
    assert_eq!(connection.response_to("GET").await.text(), "captcha");
    assert_eq!(site.calls(), 3);
}

async fn http_1_0_without_a_host_is_served(stage: Stage) {
    let site = stage.blocking().start().await;
    let request = Request::get("/about").http10().without_headers();
    let payload = site.payload_of(&request).await;
    assert_eq!(payload.field("Host"), None);
    assert_eq!(payload.field("RequestURL"), None);
    assert_eq!(payload.field("HeaderNames"), None);
    assert_eq!(site.send(&request).await.text(), "about");
}

async fn concurrent_visitors_get_each_their_own_verdict(stage: Stage) {
    const VISITORS: u32 = 40;
    let rules = (0..VISITORS).map(|visitor| {
        let verdict = Verdict::threat(if visitor % 2 == 0 { 0 } else { 3 });
        let verdict = verdict.request_id(format!("r-{visitor}"));
        Rule::when(field("UserAgent").equals(format!("visitor {visitor}")))
            .then(verdict)
            .after(Duration::from_millis(u64::from(VISITORS - visitor)))
    });
    let site = stage.blocking().rules(rules).start().await;
    let visits = (0..VISITORS).map(|visitor| {
        let site = &site;
        async move {
            let request =
                Request::get("/verdict").header("User-Agent", format!("visitor {visitor}"));
            let response = site.send(&request).await;
            let status = if visitor % 2 == 0 { 200 } else { 403 };
            assert_eq!(response.status, status, "{visitor}");
            assert!(
                response.text().contains(&format!("r-{visitor}")),
                "{response:?}"
            );
        }
    });
    join_all(visits).await;
    assert_eq!(site.calls(), u64::from(VISITORS));
}

async fn requests_share_connections_to_the_service(stage: Stage) {
    let stage = stage.configure(|config| config.min_idle_connections(0));
    let site = stage.start().await;
    for _ in 0..10 {
        site.get("/").await;
    }
    assert_eq!(site.simulator.connections_accepted(), 1);
}

async fn a_visitor_who_leaves_frees_the_call(stage: Stage) {
    // Where nobody notices that the visitor has left, it is the deadline that frees the call.
    let timeout = if stage.can(Capability::NoticesHangUp) {
        Duration::from_secs(60)
    } else {
        Duration::from_millis(500)
    };
    let site = stage
        .configure(move |config| config.timeout(timeout).min_idle_connections(0))
        .answer(Fault::Hang)
        .start()
        .await;
    let mut connection = site.connect().await;
    connection.write(Request::get("/").bytes()).await;
    site.simulator.wait_for(1).await;
    assert_eq!(site.simulator.connections_open(), 1);
    drop(connection);
    site.simulator.wait_for_no_connections().await;
}

async fn a_handler_that_panics_harms_nobody_else(stage: Stage) {
    let site = stage.blocking().start().await;
    let mut other = site.connect().await;
    assert_eq!(other.send(&Request::get("/")).await.text(), "hello");
    for _ in 0..3 {
        let mut connection = site.connect().await;
        let request = Request::get("/panic").header("Connection", "close");
        connection.write(request.bytes()).await;
        let answer = connection.rest().await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 500 "));
    }
    assert_eq!(other.send(&Request::get("/")).await.text(), "hello");
    assert_eq!(site.get("/about").await.text(), "about");
}
