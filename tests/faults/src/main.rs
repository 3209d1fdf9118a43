//! Writes the fault table into `docs/reliability.md`: for each fault of the service and each mode,
//! what became of the visitor, and how much longer it took than with a service that is well, on
//! every framework that there is an adapter for.
//!
//! ```text
//! cargo run -p rti-fault-table
//! ```
//!
//! It ends with a panic, and leaves the document as it was, where a visitor is not served as the
//! scenario says, or frameworks differ.

mod document;
mod measure;
mod rig;
mod scenario;
mod scenarios;
mod table;

use rti_core::Mode;

use self::measure::Measured;
use self::table::Row;

const MODES: [Mode; 2] = [Mode::Monitoring, Mode::Blocking];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let table = runtime.block_on(measured());
    runtime.shutdown_background();
    document::replace_table(&table);
}

async fn measured() -> String {
    let frameworks = rti_tests::ALL;
    let mut rows = Vec::new();
    for mode in MODES {
        let mut healthy = Vec::new();
        for scenario in scenarios::all() {
            let mut cells = Vec::new();
            for (column, framework) in frameworks.iter().enumerate() {
                eprintln!("{}: {mode:?}, {}", framework.name(), scenario.name);
                let measured = Measured::of(*framework, mode, &scenario).await;
                // The first scenario is the service that is well.
                healthy.extend((healthy.len() == column).then_some(measured.median));
                let added = measured.median.saturating_sub(healthy[column]);
                cells.push((measured, added));
            }
            rows.push(Row::new(&scenario, mode, &cells));
        }
    }
    let names: Vec<_> = frameworks
        .iter()
        .map(|framework| framework.name())
        .collect();
    table::markdown(&names, &rows)
}
