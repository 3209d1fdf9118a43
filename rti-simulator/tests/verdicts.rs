//! Rules and verdicts, over all four endpoints.

mod support;

use std::time::{Duration, Instant};

use rti_simulator::{Rule, Rules, Simulator, Verdict, field};
use serde_json::json;
use support::{Client, FORM, JSON, V1, V3, V4_0, V4_1, call, with_rules};

#[tokio::test]
async fn each_version_has_its_own_response() {
    let verdict = Verdict::threat(13)
        .request_id("r-1")
        .set_cookie("_cheq_rti=x; Path=/");
    let simulator = with_rules([Rule::always().then(verdict)]).await;
    let flat = json!({
        "version": 1, "isInvalid": true, "threatTypeCode": 13, "requestId": "r-1",
        "setCookie": "_cheq_rti=x; Path=/",
    });
    let extended = format!("{FORM}&IsExtended=1");
    assert_eq!(call(&simulator, V1, FORM).await.json(), flat);
    assert_eq!(call(&simulator, V3, &extended).await.json(), flat);
    for (path, version) in [(V4_0, "4.0"), (V4_1, "4.1")] {
        let answer = call(&simulator, path, JSON).await.json();
        assert_eq!(answer["metadata"]["version"], version);
        assert_eq!(answer["decision"]["verdict"], "suspicious");
        assert_eq!(answer["classification"]["code"], 13);
        assert_eq!(answer["ids"]["rayId"], "r-1");
    }
    assert_eq!(simulator.refusals().len(), 0);
}

#[tokio::test]
async fn the_first_match_wins_and_no_match_is_valid() {
    let simulator = with_rules([
        Rule::when(field("UserAgent").contains("Firefox"))
            .and(field("Method").equals("POST"))
            .then(Verdict::threat(2)),
        Rule::when(field("ClientIP").in_network("192.0.2.0/24").unwrap())
            .named("documentation")
            .then(Verdict::threat(13)),
        Rule::when(field("ClientIP").is_present()).then(Verdict::threat(3)),
    ])
    .await;
    for (body, code) in [
        (FORM.to_owned(), 13),
        (FORM.replace("Method=GET", "Method=POST"), 2),
        (FORM.replace("192.0.2.1", "203.0.113.1"), 3),
        (FORM.replace("&ClientIP=192.0.2.1", ""), 0),
    ] {
        assert_eq!(
            call(&simulator, V1, &body).await.json()["threatTypeCode"],
            code
        );
    }
    let rules: Vec<_> = simulator
        .journal()
        .iter()
        .map(|one| one.rule().map(String::from))
        .collect();
    let expected = [Some("documentation"), Some("rule 1"), Some("rule 3"), None];
    assert_eq!(rules, expected.map(|rule| rule.map(String::from)));
}

#[tokio::test]
async fn rules_read_v4_under_the_names_of_v1_and_by_path() {
    let simulator = with_rules([
        Rule::when(field("endUserParams.headers.via").contains("proxy"))
            .and(field("isHeaderNamesOrdered").equals("true"))
            .and(field("UserAgent").contains("Firefox"))
            .and(field("EventType").equals("page_load"))
            .then(Verdict::threat(10)),
    ])
    .await;
    let answer = call(&simulator, V4_1, JSON).await.json();
    assert_eq!(answer["decision"]["verdict"], "malicious");
    let benign = call(&simulator, V4_1, &JSON.replace("proxy", "cache"))
        .await
        .json();
    assert_eq!(benign["decision"]["verdict"], "benign");
}

#[tokio::test]
async fn request_ids_differ() {
    let simulator = with_rules([]).await;
    let mut client = Client::connect(&simulator).await;
    let first = client.call(V1, FORM).await.json();
    let second = client.call(V1, FORM).await.json();
    assert_ne!(first["requestId"], second["requestId"]);
    assert_eq!(first["setCookie"], json!(null));
}

#[tokio::test]
async fn the_default_rules_set_a_cookie() {
    let simulator = Simulator::start().await.unwrap();
    let valid = call(&simulator, V1, FORM).await.json();
    assert_eq!(valid["isInvalid"], false);
    let script = call(&simulator, V1, &FORM.replace("Firefox", "curl"))
        .await
        .json();
    assert_eq!(script["threatTypeCode"], 3);
    for answer in [valid, script] {
        let cookie = answer["setCookie"].as_str().unwrap();
        assert!(cookie.starts_with("_cheq_rti="), "{cookie}");
        assert!(
            cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn rules_change_at_run_time() {
    let simulator = with_rules([]).await;
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.call(V1, FORM).await.json()["threatTypeCode"], 0);
    simulator.set_rules([Rule::always().then(Verdict::threat(6))]);
    assert_eq!(client.call(V1, FORM).await.json()["threatTypeCode"], 6);
}

#[tokio::test]
async fn a_delay_affects_the_response_and_not_the_journal() {
    let delay = Duration::from_millis(40);
    let simulator = with_rules([Rule::always().then(Verdict::valid()).after(delay)]).await;
    let started = Instant::now();
    assert_eq!(call(&simulator, V1, FORM).await.status, 200);
    assert!(started.elapsed() >= delay);

    simulator.set_rules([Rule::always()
        .then(Verdict::valid())
        .after(Duration::from_secs(600))]);
    let mut client = Client::connect(&simulator).await;
    client.send(support::post(V1, FORM)).await;
    simulator.wait_for(2).await;
    drop(client);
    simulator.wait_for_no_connections().await;
}

#[tokio::test]
async fn the_example_file_has_valid_rules() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/rules.example.toml");
    let rules = Rules::from_toml_file(path).unwrap();
    let simulator = with_rules(rules).await;
    let script = FORM.replace("Firefox", "curl");
    assert_eq!(
        call(&simulator, V1, &script).await.json()["threatTypeCode"],
        3
    );
    let outage = FORM.replace("page_load", "purchase");
    assert_eq!(call(&simulator, V1, &outage).await.status, 503);
    assert_eq!(call(&simulator, V1, FORM).await.json()["threatTypeCode"], 0);
    let names: Vec<_> = simulator
        .journal()
        .iter()
        .map(|one| one.rule().map(String::from))
        .collect();
    let expected = ["scripts", "outage of purchases", "everybody else"];
    assert_eq!(names, expected.map(|name| Some(name.to_owned())));
}
