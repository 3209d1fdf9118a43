//! Chromium before every framework: what a visitor sees, and what a page's script can read.
//!
//! `cargo test -p rti-test-browser -- axum::` runs one framework, `… -- fetch` the cases so named.
//! Without Chromium and chromedriver every case is skipped, with the reason; where the environment has
//! `CI=true` or `RTI_REQUIRE_BROWSER=1` that is a failure.

mod browser;
mod cases;
mod expected;
mod stage;
mod suite;
mod tab;

use libtest_mimic::{Arguments, Completion, Trial};

use crate::browser::Programs;

/// One browser is busy while another waits.
const AT_ONCE: usize = 2;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let mut trials = suite::trials(&cases::all());
    match Programs::find() {
        Ok(_) => {}
        Err(missing) if is_required() => trials = vec![failed(missing)],
        Err(missing) => {
            println!("skipped: {missing}, so no framework is tested with a browser");
            let skipped = trials.iter().map(|trial| skipped(trial, &missing));
            trials = skipped.collect();
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    browser::stop_all();
    conclusion.exit();
}

fn skipped(trial: &Trial, missing: &str) -> Trial {
    let missing = missing.to_owned();
    Trial::ignorable_test(trial.name(), move || Ok(Completion::ignored_with(missing)))
}

fn failed(missing: String) -> Trial {
    Trial::test("the_browser_is_installed", move || {
        Err(format!("{missing}, and it is required here").into())
    })
}

fn is_required() -> bool {
    let is = |name, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    is("CI", "true") || is("RTI_REQUIRE_BROWSER", "1")
}
