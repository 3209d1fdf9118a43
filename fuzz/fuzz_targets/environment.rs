//! The environment: each line is a variable, `NAME=value`; `\n` stands for a line's end in a value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rti_core::{ApiVersion, ConfigBuilder};
use rti_fuzz::{Engine, FuzzRequest, KEY};

const NEEDED: [(&str, &str); 3] = [
    ("RTI_API_KEY", KEY),
    ("RTI_TAG_HASH", "t-1"),
    ("RTI_API_ENDPOINT", "http://127.0.0.1:9"),
];

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let given: Vec<(&str, String)> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name, value.replace("\\n", "\n")))
        .collect();
    // Other than on a machine, a name may come twice here; the key stays.
    let variables = || {
        let needed = NEEDED.map(|(name, value)| (name, value.to_owned()));
        let given = given
            .iter()
            .filter(|(name, _)| *name != "RTI_API_KEY")
            .cloned();
        needed.into_iter().chain(given)
    };
    let config = match ConfigBuilder::from_vars(variables()).build() {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.faults().is_empty());
            let again = ConfigBuilder::from_vars(variables()).build();
            assert_eq!(again.err().as_ref(), Some(&error));
            assert!(!error.to_string().contains(KEY), "{error}");
            assert!(!format!("{error:?}").contains(KEY), "{error:?}");
            return;
        }
    };
    assert!((1..=60_000).contains(&config.timeout().as_millis()));
    let endpoint = config.api_endpoint();
    assert!(endpoint.is_https() || endpoint.origin().starts_with("http://"));
    if !text.contains(KEY) {
        assert!(!format!("{config:?}").contains(KEY));
    }
    for warning in config.warnings() {
        assert!(!warning.to_string().is_empty());
    }
    // What can be configured can be run.
    let engine = Engine::new(ConfigBuilder::from_vars(variables())).unwrap();
    let request = FuzzRequest::parse(b"GET /cart?x=1\nhost: shop.example\nx-request-id: 1");
    let asked = engine.ask(&request);
    let is_form = matches!(config.api_version(), ApiVersion::V1 | ApiVersion::V3);
    if let Some(payload) = &asked.payload {
        assert!(
            payload
                .field(if is_form { "EventType" } else { "customId1" })
                .is_some()
        );
    }
});
