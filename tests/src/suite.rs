//! Cases times frameworks times protocols, as tests with names.

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use rti_core::ApiVersion;

use crate::application::PANIC;
use crate::capability::Capability;
use crate::harness::Harness;
use crate::limits::{self, Limits};
use crate::stage::{Simulators, Stage};

/// How long a case may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The protocols that a case is played over unless it is about one: one of each family.
const PROTOCOLS: [ApiVersion; 2] = [ApiVersion::V1, ApiVersion::V4_1];

/// Cases wait for sockets most of the time.
const CASES_AT_ONCE: usize = 6;

/// Runs every case on these frameworks, each as a test. The arguments of the process are those of
/// `cargo test`: `-- axum::` runs one framework, `-- cookie` the cases so named.
///
/// The run fails where a case does, and, if it was of the whole suite, where no case has shown a limit
/// that a harness declares.
pub fn run(harnesses: &[&'static dyn Harness]) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(CASES_AT_ONCE);
    let is_whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.list;
    quiet_panics_on_purpose();
    let conclusion = libtest_mimic::run(&arguments, trials(harnesses, &crate::cases::all()));
    if conclusion.has_failed() || !is_whole {
        return conclusion.exit_code();
    }
    let unpinned = limits::unpinned(harnesses);
    if unpinned.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("no case shows these limits: {unpinned:?}");
    ExitCode::FAILURE
}

/// One behaviour. Made by [`cases!`].
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// The behaviour, as a name.
    pub(crate) name: &'static str,
    /// Plays it.
    pub(crate) play: fn(Stage) -> BoxFuture<'static, ()>,
    /// What the framework needs for it to mean anything.
    pub(crate) needs: &'static [Capability],
    /// The one protocol that it is about; none where it holds for all.
    pub(crate) protocol: Option<ApiVersion>,
}

/// Lists the cases of a file.
///
/// `name` alone holds for every framework and protocol; `name: needs X` for frameworks with that
/// [`Capability`] (the others show the reason), `needs X and Y` for those with both; `name: speaks V1` for that protocol.
macro_rules! cases {
    ($(
        $name:ident $(: $(needs $capability:ident $(and $another:ident)*)? $(speaks $protocol:ident)?)?
    ),+ $(,)?) => {
        /// The cases of this file.
        pub(super) fn cases() -> Vec<crate::suite::Case> {
            vec![$(crate::suite::Case {
                name: stringify!($name),
                play: |stage| Box::pin($name(stage)),
                needs: &[$($(
                    crate::Capability::$capability,
                    $(crate::Capability::$another,)*
                )?)?],
                protocol: None$($(.or(Some(rti_core::ApiVersion::$protocol)))?)?,
            }),+]
        }
    };
}
pub(crate) use cases;

/// Every case on every framework, over every protocol that it is about.
fn trials(harnesses: &[&'static dyn Harness], cases: &[Case]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for harness in harnesses {
        for case in cases {
            let only = case.protocol.as_ref().map(std::slice::from_ref);
            for protocol in only.unwrap_or(&PROTOCOLS) {
                trials.push(trial(*harness, *protocol, case.clone()));
            }
        }
    }
    let names: HashSet<&str> = trials.iter().map(Trial::name).collect();
    assert_eq!(names.len(), trials.len(), "two cases have one name");
    trials
}

/// Keeps panics that a case asks for out of the output.
fn quiet_panics_on_purpose() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if message(panic.payload()) != PANIC {
            report(panic);
        }
    }));
}

fn trial(harness: &'static dyn Harness, protocol: ApiVersion, case: Case) -> Trial {
    let name = name(harness, protocol, &case);
    Trial::ignorable_test(name.clone(), move || {
        let limits = Limits::of(harness);
        if let Some(reason) = limits.lacking(case.needs) {
            return Ok(Completion::ignored_with(reason));
        }
        let played = played(&limits, protocol, &case);
        limits.report(&name);
        played.map(|()| Completion::Completed)
    })
}

/// The name of the default protocol is left out.
fn name(harness: &dyn Harness, protocol: ApiVersion, case: &Case) -> String {
    let (framework, case) = (harness.name(), case.name);
    if protocol == ApiVersion::default() {
        format!("{framework}::{case}")
    } else {
        format!("{framework}::v{}::{case}", protocol.number())
    }
}

fn played(limits: &Limits, protocol: ApiVersion, case: &Case) -> Result<(), Failed> {
    let simulators = Simulators::default();
    let stage = Stage::new(limits.clone(), protocol, Arc::clone(&simulators));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let play = std::panic::AssertUnwindSafe((case.play)(stage)).catch_unwind();
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
    simulators
        .lock()
        .unwrap()
        .iter()
        .flat_map(|simulator| simulator.refusals())
        .map(|received| format!("the service refused {received:?}"))
        .collect()
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
    text.unwrap_or_else(|| "a panic without a text".to_owned())
}
