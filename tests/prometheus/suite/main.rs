//! The metrics with the real Prometheus, which scrapes a protected application; the alerts and the
//! dashboard of `deploy/` on what it scraped.
//!
//! Where Prometheus is not installed the tests are skipped, which is printed; where the environment says
//! `CI=true` or `RTI_REQUIRE_PROMETHEUS=1` that is a failure.

mod counts;
mod dashboard;
mod inspector;
mod prometheus;
mod rules;
mod scrape;
mod site;

use libtest_mimic::{Arguments, Trial};

/// Programs of Debian's package `prometheus`.
const PROGRAMS: [&str; 2] = ["prometheus", "promtool"];

fn main() {
    let arguments = Arguments::from_args();
    let missing: Vec<_> = PROGRAMS
        .into_iter()
        .filter(|program| !is_installed(program))
        .collect();
    let trials = if missing.is_empty() {
        vec![
            Trial::test("rules::are_valid", || passed(rules::are_valid)),
            Trial::test("rules::alert_when_they_are_to", || {
                passed(rules::alert_when_they_are_to)
            }),
            Trial::test("scrape::says_what_an_observer_counted", || {
                passed(scrape::says_what_an_observer_counted)
            }),
        ]
    } else if is_required() {
        let missing = format!("{} not installed, and required here", missing.join(", "));
        vec![Trial::test("is_installed", || Err(missing.into()))]
    } else {
        println!(
            "skipped: {} not installed, so metrics are not tested with it",
            missing.join(", ")
        );
        Vec::new()
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// A check fails by a panic.
#[allow(clippy::unnecessary_wraps, reason = "libtest-mimic wants a result")]
fn passed(check: fn()) -> Result<(), libtest_mimic::Failed> {
    check();
    Ok(())
}

fn is_installed(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|path| path.join(program).is_file())
}

fn is_required() -> bool {
    let is = |name, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    is("CI", "true") || is("RTI_REQUIRE_PROMETHEUS", "1")
}
