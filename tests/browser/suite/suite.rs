//! Cases times frameworks, as tests with names.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use libtest_mimic::{Failed, Trial};
use rti_conformance::Harness;

use crate::stage::{Simulators, Stage};

/// How long a case may take. A browser starts within it, on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(60);

/// One behaviour. Made by [`cases!`].
#[derive(Clone)]
pub(crate) struct Case {
    /// The behaviour, as a name.
    pub(crate) name: &'static str,
    /// Plays it.
    pub(crate) play: fn(Stage) -> BoxFuture<'static, ()>,
}

/// Lists the cases of a file.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        /// The cases of this file.
        pub(super) fn cases() -> Vec<crate::suite::Case> {
            vec![$(crate::suite::Case {
                name: stringify!($name),
                play: |stage| Box::pin($name(stage)),
            }),+]
        }
    };
}
pub(crate) use cases;

/// Every case on every framework. Those of one case stand together: each framework has one browser, and
/// cases that are played at once are of several.
pub(crate) fn trials(cases: &[Case]) -> Vec<Trial> {
    let on_each = |case: &Case| rti_tests::ALL.map(|harness| trial(harness, case.clone()));
    cases.iter().flat_map(on_each).collect()
}

fn trial(harness: &'static dyn Harness, case: Case) -> Trial {
    let name = format!("{}::{}", harness.name(), case.name);
    Trial::test(name, move || played(harness, &case))
}

fn played(harness: &'static dyn Harness, case: &Case) -> Result<(), Failed> {
    let simulators = Simulators::default();
    let stage = Stage::new(harness, Arc::clone(&simulators));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let play = AssertUnwindSafe((case.play)(stage)).catch_unwind();
    let played = runtime.block_on(async { tokio::time::timeout(LIMIT, play).await });
    let refusals = refusals(&simulators);
    runtime.shutdown_background();
    match played {
        Err(_elapsed) => Err(format!("not over after {LIMIT:?}").into()),
        Ok(Err(panic)) => Err(message(&*panic).into()),
        Ok(Ok(())) if !refusals.is_empty() => Err(refusals.join("\n").into()),
        Ok(Ok(())) => Ok(()),
    }
}

/// What the service refused to read: no case may send it anything that it would.
fn refusals(simulators: &Simulators) -> Vec<String> {
    let simulators = simulators.lock().unwrap();
    let refusals = simulators.iter().flat_map(|simulator| simulator.refusals());
    let line = |received| format!("the service refused {received:?}");
    refusals.map(line).collect()
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}
