//! The behavioural suite: every case, on every framework.
//!
//! `cargo test -p rti-tests -- axum::` runs one framework, `… -- cookie` the cases so named.

mod cases;
mod options;

use libtest_mimic::Arguments;
use rti_tests::suite;

/// Cases wait for sockets most of the time.
const AT_ONCE: usize = 6;

fn main() {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    let is_whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    suite::quiet_panics_on_purpose();
    let mut trials = suite::trials(&cases::all());
    trials.extend(options::trials());
    libtest_mimic::run(&arguments, trials).exit_if_failed();
    if is_whole {
        let unpinned = rti_tests::unpinned();
        assert!(
            unpinned.is_empty(),
            "no case shows these limits: {unpinned:?}"
        );
    }
}
