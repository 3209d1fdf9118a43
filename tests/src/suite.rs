//! Cases times frameworks times protocols, as tests with names.

mod known_failures;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use libtest_mimic::{Completion, Failed, Trial};
use rti_core::ApiVersion;

use crate::application::PANIC;
use crate::framework::{self, Capability, Framework};
use crate::limits::Limits;
use crate::stage::{Simulators, Stage};

/// How long a case may take.
const LIMIT: Duration = Duration::from_secs(10);

/// The protocols that a case is played over unless it is about one: one of each family.
const PROTOCOLS: [ApiVersion; 2] = [ApiVersion::V1, ApiVersion::V4_1];

/// One behaviour. Made by [`cases!`](crate::cases).
#[derive(Debug, Clone)]
pub struct Case {
    /// The behaviour, as a name.
    pub name: &'static str,
    /// Plays it.
    pub play: fn(Stage) -> BoxFuture<'static, ()>,
    /// What the framework needs for it to mean anything.
    pub needs: &'static [Capability],
    /// The one protocol that it is about; none where it holds for all.
    pub protocol: Option<ApiVersion>,
}

/// Lists the cases of a file.
///
/// `name` alone holds for every framework and protocol; `name: needs X` for frameworks with that
/// [`Capability`] (the others show the reason); `name: speaks V1` for that protocol.
#[macro_export]
macro_rules! cases {
    ($($name:ident $(: $(needs $capability:ident)? $(speaks $protocol:ident)?)?),+ $(,)?) => {
        /// The cases of this file.
        pub(crate) fn cases() -> Vec<$crate::suite::Case> {
            vec![$($crate::suite::Case {
                name: stringify!($name),
                play: |stage| Box::pin($name(stage)),
                needs: &[$($($crate::Capability::$capability)?)?],
                protocol: None$($(.or(Some($crate::ApiVersion::$protocol)))?)?,
            }),+]
        }
    };
}

/// Every case on every framework, over every protocol that it is about.
pub fn trials(cases: &[Case]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for framework in framework::all() {
        for case in cases {
            let only = case.protocol.as_ref().map(std::slice::from_ref);
            for protocol in only.unwrap_or(&PROTOCOLS) {
                trials.push(trial(framework, *protocol, case.clone()));
            }
        }
    }
    let names: HashSet<&str> = trials.iter().map(Trial::name).collect();
    assert_eq!(names.len(), trials.len(), "two cases have one name");
    trials
}

/// Keeps panics that a case asks for out of the output.
pub fn quiet_panics_on_purpose() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if message(panic.payload()) != PANIC {
            report(panic);
        }
    }));
}

fn trial(framework: &'static dyn Framework, protocol: ApiVersion, case: Case) -> Trial {
    let name = name(framework, protocol, &case);
    Trial::ignorable_test(name.clone(), move || {
        let limits = Limits::of(framework);
        if let Some(reason) = limits.lacking(case.needs) {
            return Ok(Completion::ignored_with(reason));
        }
        let played = played(&limits, protocol, &case);
        limits.report(&name);
        known_failures::judge(&name, played)
    })
}

/// The default protocol goes without saying.
fn name(framework: &dyn Framework, protocol: ApiVersion, case: &Case) -> String {
    let (framework, case) = (framework.name(), case.name);
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
