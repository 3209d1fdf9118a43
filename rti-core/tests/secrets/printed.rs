//! A run in which everything fails, and all that it prints, at the lowest level of all loggers.

use std::process::Command;

use crate::key::assert_no_key;

const CHILD: &str = "THIS_IS_THE_CHILD";

#[test]
fn nothing_that_a_failing_run_prints_holds_the_key() {
    if std::env::var_os(CHILD).is_some() {
        return print_everything();
    }
    let thread = std::thread::current();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", thread.name().unwrap(), "--nocapture"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let printed = [child.stdout, child.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(
        child.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
    assert_no_key(&printed, "what was printed");
    // Or it would hold no key for want of anything.
    for part in [
        "TRACE rustls",
        "DEBUG rti: decision",
        "failing open",
        "circuit opened",
        "TRACE h2",
        "no channel: ",
        "cannot send ApiRequest",
        "reason=\"timeout\"",
        "reason=\"connect\"",
        "reason=\"tls\"",
        "reason=\"malformed\"",
        "reason=\"oversize\"",
        "reason=\"status_401\"",
        "reason=\"circuit_open\"",
        "reason=\"internal\"",
    ] {
        assert!(printed.contains(part), "{part} was not printed");
    }
}

fn print_everything() {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(crate::failing_run::run());
}
