//! What holds behind every proxy.

mod connections;
mod forgeries;
mod limits;
mod uploads;
mod visitors;

use futures_util::future::BoxFuture;
use libtest_mimic::Trial;
use rti_conformance::Harness;

use crate::proxy::Proxy;
use crate::site::Setting;

type Check = (&'static str, fn(Setting) -> BoxFuture<'static, ()>);

/// Lists the checks of a file.
macro_rules! checks {
    ($($name:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[super::Check] = &[
            $((stringify!($name), |setting| Box::pin($name(setting)))),+
        ];
    };
}
pub(crate) use checks;

/// Every check with axum behind, and refused uploads with every framework.
pub(crate) fn trials(proxy: Proxy) -> Vec<Trial> {
    let mut trials = Vec::new();
    for framework in rti_tests::ALL {
        let mut add = |checks: &[Check]| {
            trials.extend(checks.iter().map(|check| trial(proxy, framework, *check)));
        };
        add(uploads::CHECKS);
        if framework.name() == "axum" {
            add(visitors::CHECKS);
            add(forgeries::CHECKS);
            add(connections::CHECKS);
            if proxy != Proxy::Caddy {
                add(limits::CHECKS);
            }
        }
    }
    trials
}

fn trial(proxy: Proxy, framework: &'static dyn Harness, (name, check): Check) -> Trial {
    let name = format!("{}::{}::{name}", proxy.name(), framework.name());
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        runtime.block_on(check(Setting { proxy, framework }));
        runtime.shutdown_background();
        Ok(())
    })
}
