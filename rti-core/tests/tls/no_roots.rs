//! A machine without certificates, as a slim container image is.

use std::process::Command;

use rti_core::{ConfigErrorKind, HttpTransport};

use crate::asking::config;

const CHILD: &str = "THIS_IS_THE_CHILD";

/// The variables are read by the whole process, so this test plays in one of its own.
#[test]
fn a_machine_without_certificates_is_a_configuration_error_with_a_hint() {
    if std::env::var_os(CHILD).is_some() {
        return without_certificates();
    }
    let thread = std::thread::current();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", thread.name().unwrap(), "--nocapture"])
        .env(CHILD, "1")
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", "/dev/null")
        .output()
        .unwrap();
    assert!(
        child.status.success() && String::from_utf8_lossy(&child.stdout).contains("1 passed"),
        "{child:?}"
    );
}

fn without_certificates() {
    let https = config("https://localhost:1").build().unwrap();
    let error = HttpTransport::new(&https).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Environment);
    let error = error.to_string();
    for part in ["api_endpoint", "ca-certificates", "SSL_CERT_FILE"] {
        assert!(error.contains(part), "{error}");
    }
    // Where there is nothing to verify, nothing is missing.
    let http = config("http://127.0.0.1:1").build().unwrap();
    HttpTransport::new(&http).unwrap();
}
