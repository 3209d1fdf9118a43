//! The configurations of `deploy/`, each run with the real proxy and an application behind it.
//!
//! `cargo test -p rti-test-proxies -- nginx` runs one proxy. One that is not installed is skipped,
//! and named on the standard output; where the environment says `CI=true` or
//! `RTI_REQUIRE_PROXIES=1` it is a failure.

mod certificate;
mod checks;
mod proxy;
mod site;
mod tunnel;

use libtest_mimic::{Arguments, Trial};

use crate::proxy::Proxy;

/// Each check starts a proxy, an application and a service.
const AT_ONCE: usize = 4;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let mut trials = Vec::new();
    for proxy in Proxy::ALL {
        let name = proxy.name();
        if proxy.is_installed() {
            trials.extend(checks::trials(proxy));
        } else if is_required() {
            let missing = format!("{name} is not installed, and it is required here");
            trials.push(Trial::test(format!("{name}::is_installed"), || {
                Err(missing.into())
            }));
        } else {
            println!("skipped: {name} is not installed, so deploy/ is not tested with it");
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn is_required() -> bool {
    let is = |name, value: &str| std::env::var(name).is_ok_and(|set| set == value);
    is("CI", "true") || is("RTI_REQUIRE_PROXIES", "1")
}
