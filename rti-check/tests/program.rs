//! The program, as an operator runs it.

// clippy's exceptions for tests end at the function that is one; helpers stop a test as well.
#![allow(
    clippy::unwrap_used,
    reason = "a test stops where something does not hold"
)]

use std::path::PathBuf;
use std::process::{Command, Output};

struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rti-check-{name}-{}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rti-check"));
    command.args(arguments).env_clear();
    command.envs(variables.iter().copied()).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const SHOP: &str = r#"
api_key = "secret-7"
tag_hash = "hash"
api_endpoint = "us"
uri_exclusion = ["/health"]

[[policy]]
name = "checkout"
path = ["/checkout"]
mode = "blocking"
"#;

#[test]
fn a_valid_configuration_is_shown_with_sources_and_without_the_key() {
    let file = File::new("valid", SHOP);
    let path = file.0.to_str().unwrap();
    let output = run(&[path], &[("RTI_TIMEOUT_MS", "80")]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("api_endpoint = us (file)"), "{text}");
    assert!(text.contains("timeout = 80 (environment)"), "{text}");
    assert!(text.contains("api_key = [redacted] (file)"), "{text}");
    assert!(text.contains("checkout: blocking"), "{text}");
    assert!(!text.contains("secret-7"), "{text}");
}

#[test]
fn a_request_is_explained() {
    let file = File::new("explained", SHOP);
    let path = file.0.to_str().unwrap();
    let output = run(
        &[path, "--explain", "POST /checkout", "--threat", "13"],
        &[],
    );
    let text = out(&output);
    let expected = "data centres (13): policy checkout: challenge, blocking would challenge by \
                    invalid_captcha_codes: 13; page: the challenge callback;";
    assert!(text.contains(expected), "{text}");
    assert!(
        text.contains("no verdict: policy checkout: allow"),
        "{text}"
    );
    let output = run(&[path, "--explain", "/%63heckout", "--threat", "3"], &[]);
    let text = out(&output);
    assert!(text.contains("policy checkout: block"), "{text}");
    assert!(
        text.contains("page: 403; fetch: 403; image: 403; gRPC: 200;"),
        "{text}"
    );
    let output = run(&[path, "--explain", "/health"], &[]);
    assert!(out(&output).contains("not checked: excluded by /health"));
}

/// One visitor may be outside the share; what is asked is what the policy does when it acts.
#[test]
fn a_share_is_explained_as_for_those_in_it() {
    let shop = SHOP.replace(
        "mode = \"blocking\"",
        "mode = \"blocking\"\nenforce_percent = 0.01\non_failure = \"closed\"",
    );
    let file = File::new("share", &shop);
    let path = file.0.to_str().unwrap();
    let output = run(&[path, "--explain", "/checkout", "--threat", "3"], &[]);
    let text = out(&output);
    assert!(
        text.contains("policy checkout acts: as for the 0.01 %"),
        "{text}"
    );
    assert!(text.contains("(3): policy checkout: block"), "{text}");
    assert!(text.contains("page: 403;"), "{text}");
    assert!(text.contains("page: 503;"), "{text}");
    let output = run(&[path, "--explain", "/", "--threat", "3"], &[]);
    assert!(out(&output).contains("(3): policy default: allow"));
}

#[test]
fn exit_codes_tell_what_is_wrong() {
    let file = File::new("invalid", "api_key = 'k'\nmode = 'loud'\n");
    let output = run(&[file.0.to_str().unwrap()], &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("mode"), "{message}");
    assert!(message.contains("tag_hash"), "{message}");
    assert_eq!(run(&["--loud"], &[]).status.code(), Some(2));
    assert_eq!(run(&["--help"], &[]).status.code(), Some(0));
}
