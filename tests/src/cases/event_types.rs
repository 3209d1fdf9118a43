//! `route_to_event_type`: which event a route stands for (wire-protocol, section 5).

use crate::client::Request;
use crate::{Site, Stage};
use rti_core::ConfigBuilder;

crate::suite::cases![
    a_route_that_nobody_named_is_a_page_load,
    an_exact_path_stands_for_its_event,
    an_exact_path_is_not_a_prefix,
    the_query_does_not_count,
    a_rule_with_a_method_holds_for_that_method,
    a_regex_stands_for_its_event,
    exact_wins_over_regex_and_the_first_regex_over_later_ones,
    every_event_has_its_name_on_the_wire,
    events_nobody_has_published_pass_through,
    routes_come_from_a_variable_and_from_a_file_too,
];

const ROUTES: [(&str, &str); 7] = [
    ("/", "search"),
    ("/subscribe", "subscribe"),
    ("POST /cart", "add_to_cart"),
    ("/cart", "purchase"),
    ("re:^/p/", "search"),
    ("re:^/p/late", "registration"),
    ("/p/exact", "custom"),
];

async fn event(site: &Site, method: &str, target: &str) -> String {
    let payload = site.payload_of(&Request::new(method, target)).await;
    payload.field("EventType").unwrap()
}

async fn with_routes(stage: Stage) -> Site {
    let stage = stage.configure(|config| config.route_to_event_type(ROUTES));
    stage.start().await
}

async fn a_route_that_nobody_named_is_a_page_load(stage: Stage) {
    let site = stage.again().start().await;
    assert_eq!(event(&site, "GET", "/").await, "page_load");
    let site = with_routes(stage).await;
    assert_eq!(event(&site, "GET", "/about").await, "page_load");
}

async fn an_exact_path_stands_for_its_event(stage: Stage) {
    let site = with_routes(stage).await;
    assert_eq!(event(&site, "GET", "/subscribe").await, "subscribe");
    assert_eq!(event(&site, "GET", "/").await, "search");
}

async fn an_exact_path_is_not_a_prefix(stage: Stage) {
    let site = with_routes(stage).await;
    for target in ["/subscribe/", "/subscribe/now", "/subscribed", "/Subscribe"] {
        assert_eq!(event(&site, "GET", target).await, "page_load", "{target}");
    }
}

async fn the_query_does_not_count(stage: Stage) {
    let site = with_routes(stage).await;
    assert_eq!(event(&site, "GET", "/subscribe?x=/cart").await, "subscribe");
    assert_eq!(
        event(&site, "GET", "/about?x=/subscribe").await,
        "page_load"
    );
}

async fn a_rule_with_a_method_holds_for_that_method(stage: Stage) {
    let site = with_routes(stage).await;
    assert_eq!(event(&site, "POST", "/cart").await, "add_to_cart");
    assert_eq!(event(&site, "GET", "/cart").await, "purchase");
}

async fn a_regex_stands_for_its_event(stage: Stage) {
    let site = with_routes(stage).await;
    assert_eq!(event(&site, "GET", "/p/42?x").await, "search");
    assert_eq!(event(&site, "GET", "/shop/p/42").await, "page_load");
}

async fn exact_wins_over_regex_and_the_first_regex_over_later_ones(stage: Stage) {
    let site = with_routes(stage).await;
    assert_eq!(event(&site, "GET", "/p/exact").await, "custom");
    assert_eq!(event(&site, "GET", "/p/late").await, "search");
}

async fn every_event_has_its_name_on_the_wire(stage: Stage) {
    const EVENTS: [&str; 12] = [
        "page_load",
        "add_payment",
        "add_to_cart",
        "add_to_wishlist",
        "registration",
        "purchase",
        "search",
        "start_trail",
        "subscribe",
        "form_submission",
        "custom",
        "token_validation",
    ];
    let routes = EVENTS.map(|event| (format!("/{event}"), event));
    let stage = stage.configure(move |config| config.route_to_event_type(routes));
    let site = stage.start().await;
    for name in EVENTS {
        assert_eq!(event(&site, "GET", &format!("/{name}")).await, name);
    }
}

async fn events_nobody_has_published_pass_through(stage: Stage) {
    let routes = [("/about", "spin the wheel & win")];
    let stage = stage.configure(move |config| config.route_to_event_type(routes));
    let site = stage.start().await;
    assert_eq!(event(&site, "GET", "/about").await, "spin the wheel & win");
}

async fn routes_come_from_a_variable_and_from_a_file_too(stage: Stage) {
    let variable =
        "/=page_load,/subscribe=subscribe,POST /cart=add_to_cart,re:^/p/\\d{1,3}$=search";
    let variables = ConfigBuilder::from_vars([("RTI_ROUTE_TO_EVENT_TYPE", variable)]);
    let list = format!("route_to_event_type = {:?}", variable.replace("{1,3}", "+"));
    let table = r#"
        [route_to_event_type]
        "/subscribe" = "subscribe"
        "POST /cart" = "add_to_cart"
        're:^/p/\d+$' = "search"
    "#;
    for options in [
        variables,
        toml::from_str(&list).unwrap(),
        toml::from_str(table).unwrap(),
    ] {
        let site = stage.again().configure_from(options).start().await;
        assert_eq!(event(&site, "GET", "/subscribe").await, "subscribe");
        assert_eq!(event(&site, "POST", "/cart").await, "add_to_cart");
        assert_eq!(event(&site, "GET", "/p/42").await, "search");
        assert_eq!(event(&site, "GET", "/about").await, "page_load");
    }
}
