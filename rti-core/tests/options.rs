//! Options that are refused: all at once, each by its name, with the rule.

#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something does not hold"
)]

use rti_core::{Config, ConfigBuilder};

const KEY: &str = "the-secret-key";

/// Variable, value, and what the message must say.
const BAD: [(&str, &str, &str); 36] = [
    ("RTI_API_ENDPOINT", "mars", "`us`"),
    ("RTI_API_ENDPOINT", "http://rti.example", "loopback"),
    ("RTI_API_ENDPOINT", "https://rti.example/v1", "path"),
    (
        "RTI_API_ENDPOINT",
        "https://rti-eu-west1.cheqzone.com",
        "https://rti-eu-west-1.cheqzone.com",
    ),
    ("RTI_MODE", "shadow", "monitoring"),
    ("RTI_ROUTE_TO_EVENT_TYPE", "/subscribe", "path=event"),
    ("RTI_ROUTE_TO_EVENT_TYPE", "subscribe=subscribe", "`/`"),
    ("RTI_ROUTE_TO_EVENT_TYPE", "re:(=search", "regex"),
    ("RTI_ROUTE_TO_EVENT_TYPE", "/a=", "event type"),
    ("RTI_INVALID_BLOCK_REDIRECT_CODES", "2,three", "codes"),
    ("RTI_INVALID_CAPTCHA_CODES", "none,4", "`none` alone"),
    (
        "RTI_INVALID_CAPTCHA_CODES",
        "3",
        "invalid_block_redirect_codes",
    ),
    (
        "RTI_INVALID_BLOCK_REDIRECT_CODES",
        "14",
        "invalid_block_redirect_codes",
    ),
    ("RTI_REDIRECT_URL", "sorry", "absolute"),
    ("RTI_REDIRECT_URL", "//evil.example", "one `/`"),
    ("RTI_REDIRECT_URL", "javascript:alert(1)", "http"),
    ("RTI_REDIRECT_URL", "/a\r\nX: y", "control characters"),
    ("RTI_REDIRECT_URL", "/", "home page"),
    ("RTI_REDIRECT_URL", "/x/..?", "home page"),
    ("RTI_BLOCK_PAGE_TITLE", "a\nb", "control characters"),
    ("RTI_BLOCK_PAGE_MESSAGE", "a\u{7}b", "control characters"),
    ("RTI_SUPPORT_URL", "javascript:alert(1)", "`mailto:`"),
    ("RTI_LANG", "german!", "language tag"),
    ("RTI_BLOCK_PAGE", "/does/not/exist.html", "expected a file"),
    ("RTI_RESULT_HEADER", "loud", "`debug`"),
    ("RTI_TRUSTED_IP_HEADER", "not a header", "name of a header"),
    ("RTI_TRUSTED_HOST_HEADER", "a:b", "name of a header"),
    ("RTI_TRUSTED_PROXIES", "10.0.0.0/33", "network"),
    ("RTI_TRUSTED_PROXIES", "proxy.example", "network"),
    ("RTI_URI_EXCLUSION", "about", "`/`"),
    ("RTI_URI_EXCLUSION", "/about?x=1", "query"),
    ("RTI_URI_EXCLUSION", "re:[", "regex"),
    ("RTI_TIMEOUT_MS", "0", "1 to 60000"),
    ("RTI_TIMEOUT_MS", "60001", "1 to 60000"),
    ("RTI_TIMEOUT_MS", "-1", "1 to 60000"),
    ("RTI_TIMEOUT_MS", "fast", "1 to 60000"),
];

fn good() -> [(&'static str, &'static str); 3] {
    [
        ("RTI_API_KEY", KEY),
        ("RTI_TAG_HASH", "hash"),
        ("RTI_API_ENDPOINT", "eu"),
    ]
}

fn refusal(variables: impl IntoIterator<Item = (&'static str, &'static str)>) -> String {
    let config = ConfigBuilder::from_vars(variables).build();
    config.unwrap_err().to_string()
}

#[test]
fn a_bad_value_is_refused_by_name_and_rule() {
    for (variable, value, rule) in BAD {
        let others = good().into_iter().filter(|(name, _)| *name != variable);
        let message = refusal(others.chain([(variable, value)]));
        // The two lists are at fault together.
        let named = message.contains(variable) || rule == "invalid_block_redirect_codes";
        assert!(
            named && message.contains(rule),
            "{variable}={value}: {message}"
        );
    }
}

#[test]
fn required_options_are_missed() {
    for variable in ["RTI_API_KEY", "RTI_TAG_HASH", "RTI_API_ENDPOINT"] {
        let others = good().into_iter().filter(|(name, _)| *name != variable);
        for blank in ["", "  "] {
            let message = refusal(others.clone().chain([(variable, blank)]));
            assert!(message.contains(variable), "{message}");
        }
        assert!(refusal(others).contains(variable));
    }
}

#[test]
fn all_faults_come_at_once() {
    let config = Config::builder("", " ", "mars")
        .timeout(std::time::Duration::ZERO)
        .redirect_url("sorry")
        .uri_exclusion(["about"])
        .trusted_proxies(["nobody"])
        .build();
    assert_eq!(config.unwrap_err().faults().len(), 7);
}

#[test]
fn an_unknown_option_in_a_file_is_refused() {
    let file = "api_key = 'k'\ntag_hash = 't'\napi_endpoint = 'us'\nmood = 'blocking'";
    let message = toml::from_str::<Config>(file).unwrap_err().to_string();
    assert!(message.contains("mood"), "{message}");
}

#[test]
fn the_key_is_in_no_message() {
    let swapped = [
        ("RTI_API_KEY", KEY),
        ("RTI_TAG_HASH", "hash"),
        ("RTI_API_ENDPOINT", KEY),
        ("RTI_MODE", KEY),
    ];
    assert!(!refusal(swapped).contains(KEY));
    let config = ConfigBuilder::from_vars(good()).build().unwrap();
    assert!(!format!("{config:?}").contains(KEY));
}

#[test]
fn good_values_are_taken_from_every_source() {
    let defaults = ConfigBuilder::from_vars(good()).build().unwrap();
    assert_eq!(defaults.mode(), rti_core::Mode::Monitoring);
    assert_eq!(defaults.timeout().as_millis(), 100);
    let variables = [("RTI_MODE", "Blocking"), ("RTI_TIMEOUT_MS", "60")];
    let variables = ConfigBuilder::from_vars(good().into_iter().chain(variables)).build();
    let file = format!(
        "api_key = '{KEY}'\ntag_hash = 'hash'\napi_endpoint = 'eu'\nmode = 'blocking'\ntimeout = 60"
    );
    for config in [variables.unwrap(), toml::from_str(&file).unwrap()] {
        assert_eq!(config.mode(), rti_core::Mode::Blocking);
        assert_eq!(config.timeout().as_millis(), 60);
        let origin = "https://rti-eu-west-1.cheqzone.com";
        assert_eq!(config.api_endpoint().origin(), origin);
    }
}
