//! How many verdicts are obtained of those that were obtainable: by round-trip time, and in every
//! condition that has been seen to take verdicts away.
//!
//! Everything runs over TLS 1.3 through a proxy with delay, in real time, with the options'
//! defaults. What was obtainable is computed in `ideal`, and explained in docs/reliability.md.

mod constants;
mod grid;
mod ideal;
mod idle;
mod lag;
mod outage;
mod pipelined;
mod rig;
mod rows;
mod share;
mod site;
mod summary;
mod visitors;

pub(crate) use self::site::serve as serve_site;
use crate::arguments::Arguments;
use crate::process;
use crate::report::Report;

pub(crate) fn run(arguments: &Arguments) -> Report {
    // A thousand visitors of a site, and the sockets of proxy and service.
    process::raise_descriptor_limit(20_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    let pace = arguments.pace;
    let lag = lag::Lag::watch();
    let found = runtime.block_on(async {
        let (idle, late_failures) = tokio::join!(idle::measure(pace), rows::late_failures());
        let cells = grid::measure(pace, &idle).await;
        let mut rows = rows::measure(pace, &cells).await;
        rows.push(late_failures);
        rows.sort_by_key(|row| row.condition.number);
        summary::Found {
            cells,
            rows,
            outage: outage::measure().await,
        }
    });
    runtime.shutdown_background();
    summary::report(arguments, &found, lag.note())
}
