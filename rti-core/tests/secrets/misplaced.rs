//! A key in the place of another option.

use rti_core::{Config, ConfigBuilder, Rti};

use crate::key::{KEY, assert_no_key};

/// Every option but the key's own.
const VARIABLES: [&str; 35] = [
    "RTI_API_ENDPOINT",
    "RTI_API_VERSION",
    "RTI_CHECK_PREFLIGHTS",
    "RTI_MODE",
    "RTI_ROUTE_TO_EVENT_TYPE",
    "RTI_INVALID_BLOCK_REDIRECT_CODES",
    "RTI_INVALID_CAPTCHA_CODES",
    "RTI_BLOCK_CODES",
    "RTI_CHALLENGE_CODES",
    "RTI_REDIRECT_CODES",
    "RTI_BLOCK_REASONS",
    "RTI_CHALLENGE_REASONS",
    "RTI_REDIRECT_REASONS",
    "RTI_BLOCKING_STRATEGY",
    "RTI_CHALLENGING_STRATEGY",
    "RTI_SESSION_SYNC",
    "RTI_REQUEST_ID_HEADER",
    "RTI_RESULT_HEADER",
    "RTI_REDIRECT_URL",
    "RTI_BLOCK_PAGE_TITLE",
    "RTI_BLOCK_PAGE_MESSAGE",
    "RTI_SUPPORT_URL",
    "RTI_LANG",
    "RTI_BLOCK_PAGE",
    "RTI_TRUSTED_IP_HEADER",
    "RTI_TRUSTED_HOST_HEADER",
    "RTI_TRUSTED_PROXIES",
    "RTI_URI_EXCLUSION",
    "RTI_TIMEOUT_MS",
    "RTI_CIRCUIT_BREAKER",
    "RTI_CIRCUIT_BREAKER_MIN_CALLS",
    "RTI_CIRCUIT_BREAKER_WINDOW",
    "RTI_CIRCUIT_BREAKER_MAX_PROBE_INTERVAL",
    "RTI_MAX_IN_FLIGHT",
    "RTI_TAG_HASH",
];

/// Alone, and in the company that other options expect.
const SHAPES: [&str; 9] = [
    "{}",
    " {} ",
    "/{}",
    "/x={}",
    "re:^/{}(",
    "re:{}",
    "https://{}@rti.example",
    "10.0.0.0/8,{}",
    "{}=search",
];

fn misplaced() -> impl Iterator<Item = [(&'static str, String); 4]> {
    VARIABLES.into_iter().flat_map(|variable| {
        SHAPES.map(|shape| {
            let good = |name: &'static str, value: &str| (name, value.to_owned());
            [
                good("RTI_API_KEY", KEY),
                good("RTI_TAG_HASH", "hash"),
                good("RTI_API_ENDPOINT", "http://127.0.0.1:9"),
                (variable, shape.replace("{}", KEY)),
            ]
        })
    })
}

#[test]
fn no_error_shows_it() {
    for variables in misplaced() {
        let what = format!("the error for {}", variables[3].0);
        if let Err(error) = ConfigBuilder::from_vars(variables).build() {
            assert_no_key(&error.to_string(), &what);
            assert_no_key(&format!("{error:?}"), &what);
        }
    }
}

/// A program that prints its builder has not come to `build` yet, which redacts.
#[test]
fn no_builder_shows_it() {
    for variables in misplaced() {
        let what = format!("the builder with {}", variables[3].0);
        assert_no_key(&format!("{:?}", ConfigBuilder::from_vars(variables)), &what);
    }
}

/// Some options take any text.
#[test]
fn no_configuration_and_no_warning_shows_it() {
    for variables in misplaced() {
        let what = variables[3].0;
        let Ok(config) = ConfigBuilder::from_vars(variables).build() else {
            continue;
        };
        for warning in config.warnings() {
            assert_no_key(
                &format!("{warning} {warning:?}"),
                &format!("a warning of {what}"),
            );
        }
        assert_no_key(
            &format!("{config:?}"),
            &format!("the configuration with {what}"),
        );
        let rti = Rti::new(config).unwrap();
        assert_no_key(&format!("{rti:?}"), &format!("the engine with {what}"));
    }
}

/// Formats quote the lines they do not like.
#[test]
fn no_error_of_a_file_shows_it() {
    let rest = "tag_hash = 'hash'\napi_endpoint = 'eu'";
    for file in [
        format!("api_key = '{KEY}'\n{rest}\nmode = 'loud'"),
        format!("mode = 'loud'\napi_key = '{KEY}'\n{rest}"),
        format!("api_key = ['{KEY}']\n{rest}"),
        format!("api_key = {{ value = '{KEY}' }}\n{rest}"),
        format!("api_key = '{KEY}'\ntag_hash = '{KEY}'\napi_endpoint = '{KEY}'"),
        format!("api_key = '{KEY}'\n'{KEY}' = 1\n{rest}"),
        format!("api_key = '{KEY}'"),
        // What follows the head of a table belongs to the table.
        format!("{rest}\n[policy]\nname = 'a'\napi_key = '{KEY}'"),
        format!("{rest}\n[[policy]]\nname = 'a'\npath = '/a'\napi_key = '{KEY}'"),
        format!("{rest}\n[[policy]]\npath = '/a'\n[policy.name]\napi_key = '{KEY}'"),
        format!("{rest}\n[[policy]]\nname = 'a'\n[policy.path]\napi_key = '{KEY}'"),
        format!("{rest}\n[mode]\napi_key = '{KEY}'"),
    ] {
        let error = toml::from_str::<Config>(&file).unwrap_err();
        assert_no_key(&format!("{error}"), &format!("the error for {file}"));
    }
}
