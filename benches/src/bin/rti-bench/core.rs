//! Instructions and allocations of core, beside the floor.

mod callgrind;
pub(crate) mod cases;

use std::collections::BTreeMap;

use self::callgrind::Count;
use crate::arguments::Arguments;
use crate::report::{Bar, Bound, Column, Emphasis, Report, Table, Target};

const COLUMNS: [Column; 4] = [
    Column::anywhere("instructions", 0),
    Column::anywhere("allocations", 0),
    Column::anywhere("floor", 0),
    Column::anywhere("÷ floor", 2),
];

const SAMPLES: [&str; 3] = ["curl", "browser", "hostile"];
const VERSIONS: [&str; 2] = ["1", "4.1"];
const RULES: [usize; 4] = [1, 10, 100, 1000];

pub(crate) fn run(arguments: &Arguments) -> Report {
    let command = arguments.again();
    match callgrind::count() {
        Ok(counts) => report(command, &Counts(counts)),
        Err(reason) => Report {
            command,
            notes: vec![
                reason,
                "Criterion's figures in time need nothing: `cargo bench -p rti-bench`.".into(),
            ],
            ..Report::default()
        },
    }
}

struct Counts(BTreeMap<String, Count>);

impl Counts {
    fn instructions(&self, case: &str) -> f64 {
        self.0
            .get(case)
            .map_or(f64::NAN, |count| count.instructions as f64)
    }

    fn allocations(&self, case: &str) -> f64 {
        self.0
            .get(case)
            .map_or(f64::NAN, |count| count.allocations as f64)
    }

    fn row(&self, case: &str, floor: &str) -> (String, Vec<f64>) {
        let (taken, floor) = (self.instructions(case), self.instructions(floor));
        let figures = vec![taken, self.allocations(case), floor, taken / floor];
        (case.to_owned(), figures)
    }

    /// What matching takes: of an excluded path all that `inspect` does, of another what it does
    /// more than without rules.
    fn exclusions(&self, kind: &str, count: usize) -> [f64; 2] {
        let case =
            |count: usize, what| self.instructions(&format!("exclusions {kind} {count} {what}"));
        [case(count, "hit"), case(count, "miss") - case(0, "miss")]
    }
}

fn report(command: String, counts: &Counts) -> Report {
    let browser = |version: &str| {
        let taken = counts.instructions(&format!("inspect + encode v{version} browser"));
        taken / counts.instructions(&format!("floor v{version} browser"))
    };
    let hostile = |version: &str| {
        let of = |sample| counts.instructions(&format!("inspect + encode v{version} {sample}"));
        of("hostile") / of("browser")
    };
    let allocations = counts.allocations("inspect + encode v1 browser");
    let decoding = |version: &str| counts.allocations(&format!("decode + policy v{version}"));
    let one_policy = counts.instructions("policies exact 1 browser")
        / counts.instructions("policies exact 0 browser");
    let growth = |kind| counts.exclusions(kind, 1000)[0] / counts.exclusions(kind, 1)[0];
    Report {
        command,
        tables: vec![stretches(counts), exclusions(counts), policies(counts)],
        targets: vec![
            Target::new("request to encoded body of v1, browser: instructions ÷ floor", Bound::AtMost(1.0), browser("1")),
            Target::new("the same of v4.1", Bound::AtMost(1.2), browser("4.1")),
            Target::new("the same of v1: allocations", Bound::AtMost(12.0), allocations),
            Target::new("answer to decision, v1: allocations", Bound::AtMost(3.0), decoding("1")),
            Target::new("answer to decision, v4.1: allocations", Bound::AtMost(3.0), decoding("4.1")),
            Target::new("request to encoded body of v1, hostile ÷ browser: instructions", Bound::AtMost(4.0), hostile("1")),
            Target::new("the same of v4.1", Bound::AtMost(4.0), hostile("4.1")),
            Target::new("1,000 exact exclusions ÷ 1: instructions", Bound::AtMost(100.0), growth("exact")),
            Target::new("1,000 regex exclusions ÷ 1: instructions", Bound::AtMost(100.0), growth("regex")),
            Target::new("a browser's request with one policy ÷ without: instructions", Bound::AtMost(1.05), one_policy),
        ],
        notes: vec![
            "The floor writes the same bytes by hand into one buffer of the right size, with every header's place known beforehand and nothing checked.".into(),
            "Counted by callgrind, so the same on any machine of an architecture, whatever else it does. An allocation is a call of `malloc` or its kin; one that grows a buffer counts.".into(),
            "“request to encoded body” ends where the transport is called; “answer to decision” begins where it answers.".into(),
        ],
        chart: chart(counts),
    }
}

fn stretches(counts: &Counts) -> Table {
    let mut rows = Vec::new();
    for version in VERSIONS {
        for sample in SAMPLES {
            let case = format!("inspect + encode v{version} {sample}");
            let mut row = counts.row(&case, &format!("floor v{version} {sample}"));
            row.0 = format!("v{version}, {sample}: request to encoded body");
            rows.push(row);
        }
    }
    for sample in SAMPLES {
        rows.push(counts.row(&format!("inspect {sample}"), ""));
    }
    for version in VERSIONS {
        for sample in SAMPLES {
            rows.push(counts.row(&format!("encode v{version} {sample}"), ""));
        }
        rows.push(counts.row(&format!("decode v{version}"), ""));
        rows.push(counts.row(&format!("decode + policy v{version}"), ""));
    }
    Table {
        title: "stretch".into(),
        columns: COLUMNS.to_vec(),
        rows,
    }
}

fn exclusions(counts: &Counts) -> Table {
    let mut rows = Vec::new();
    for kind in ["exact", "regex"] {
        for count in RULES {
            rows.push((
                format!("{count} {kind}"),
                counts.exclusions(kind, count).to_vec(),
            ));
        }
    }
    Table {
        title: "exclusions".into(),
        columns: vec![
            Column::anywhere("instructions, excluded", 0),
            Column::anywhere("instructions, not excluded", 0),
        ],
        rows,
    }
}

fn policies(counts: &Counts) -> Table {
    let mut rows = Vec::new();
    for kind in ["exact", "regex"] {
        for count in RULES {
            let case = |count: usize| counts.instructions(&format!("policies {kind} {count}"));
            rows.push((format!("{count} {kind}"), vec![case(count) - case(0)]));
        }
    }
    Table {
        title: "policies".into(),
        columns: vec![Column::anywhere("instructions more than without", 0)],
        rows,
    }
}

fn chart(counts: &Counts) -> (String, Vec<Bar>) {
    let bars = VERSIONS.into_iter().flat_map(|version| {
        SAMPLES.map(|sample| Bar {
            name: format!("v{version}, {sample}"),
            length: counts.instructions(&format!("inspect + encode v{version} {sample}"))
                / counts.instructions(&format!("floor v{version} {sample}")),
            emphasis: Emphasis::Measured,
        })
    });
    (
        "Instructions from request to encoded body, as a multiple of the floor".into(),
        bars.collect(),
    )
}
