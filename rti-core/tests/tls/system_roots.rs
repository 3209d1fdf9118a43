//! The certificate authorities of the machine: trusted unless others are named, and none on a slim
//! container image.

use std::ffi::OsStr;
use std::process::Command;

use rti_core::{ConfigErrorKind, HttpTransport, Rti};

use crate::authority::Authority;
use crate::certificates::{assert_tls_failed, trusting};
use crate::checking::{check, config};
use crate::service::{Alpn, Service};

const CHILD: &str = "THIS_IS_THE_CHILD";

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs the test that calls this again, in a process with these variables. The whole process reads
/// them, so they cannot be set in this one.
fn run_in_child(variables: &[(&str, &OsStr)]) {
    let thread = std::thread::current();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", thread.name().unwrap(), "--nocapture"])
        .env(CHILD, "1")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(
        child.status.success() && String::from_utf8_lossy(&child.stdout).contains("1 passed"),
        "{child:?}"
    );
}

#[test]
fn a_machine_without_certificates_is_a_configuration_error_with_a_hint() {
    if is_child() {
        return without_certificates();
    }
    let nothing = OsStr::new("/dev/null");
    run_in_child(&[("SSL_CERT_FILE", nothing), ("SSL_CERT_DIR", nothing)]);
}

fn without_certificates() {
    let https = config("https://localhost:1").build().unwrap();
    let error = HttpTransport::new(&https).unwrap_err();
    assert_eq!(error.kind(), ConfigErrorKind::Environment);
    let error = error.to_string();
    for part in [
        "api_endpoint",
        "ca-certificates",
        "`ca_file`",
        "SSL_CERT_FILE",
    ] {
        assert!(error.contains(part), "{error}");
    }
    // Where there is nothing to verify, nothing is missing.
    let http = config("http://127.0.0.1:1").build().unwrap();
    HttpTransport::new(&http).unwrap();
    // Nor where other authorities are named.
    let https = config("https://localhost:1").ca_certificates(Authority::new().pem());
    HttpTransport::new(&https.build().unwrap()).unwrap();
}

#[test]
fn named_authorities_are_trusted_instead_of_the_systems() {
    if is_child() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(with_an_authority_of_the_system());
    }
    let name = format!("rti-system-roots-{}.pem", std::process::id());
    let path = std::env::temp_dir().join(name);
    run_in_child(&[("SSL_CERT_FILE", path.as_os_str())]);
    std::fs::remove_file(path).unwrap();
}

async fn with_an_authority_of_the_system() {
    let of_the_system = Authority::new();
    let path = std::env::var_os("SSL_CERT_FILE").unwrap();
    std::fs::write(path, of_the_system.pem()).unwrap();
    let service = Service::start(of_the_system.good(), Alpn::Http2).await;

    let rti = Rti::new(config(&service.origin).build().unwrap()).unwrap();
    assert_eq!(check(&rti).await.outcome().as_str(), "evaluated");
    let rti = trusting(&Authority::new(), &service.origin);
    assert_tls_failed(&check(&rti).await);
}
