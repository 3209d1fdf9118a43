//! Measurements as a table in Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use rti_core::Mode;

use crate::measure::Measured;
use crate::scenario::Scenario;

/// One fault in one mode, on every framework.
#[derive(Debug)]
pub(crate) struct Row {
    fault: &'static str,
    mode: Mode,
    outcome: String,
    status: u16,
    added: Vec<Duration>,
}

impl Row {
    /// What was measured on each framework, and how much more it was than with a service that is
    /// well. The frameworks must agree on all else.
    pub(crate) fn new(scenario: &Scenario, mode: Mode, cells: &[(Measured, Duration)]) -> Self {
        let (first, _) = &cells[0];
        for (other, _) in cells {
            let same = other.outcome == first.outcome && other.status == first.status;
            assert!(same, "{}: {first:?}, but {other:?}", scenario.name);
        }
        Self {
            fault: scenario.name,
            mode,
            outcome: first.outcome.clone(),
            status: first.status,
            added: cells.iter().map(|(_, added)| *added).collect(),
        }
    }
}

pub(crate) fn markdown(frameworks: &[&str], rows: &[Row]) -> String {
    let mut table = format!(
        "| fault | mode | outcome | visitor | {} |\n",
        frameworks.join(" | ")
    );
    table.push_str("| --- | --- | --- | --- |");
    table.push_str(&" ---: |".repeat(frameworks.len()));
    for row in rows {
        let mode = format!("{:?}", row.mode).to_lowercase();
        // Writing into a String does not fail.
        let _ = write!(
            table,
            "\n| {} | {mode} | `{}` | {} |",
            row.fault, row.outcome, row.status
        );
        for added in &row.added {
            let _ = write!(table, " {} |", shown(*added));
        }
    }
    table.push('\n');
    table
}

/// Below a millisecond there is only noise.
fn shown(added: Duration) -> String {
    match added.as_millis() {
        0 => "< 1 ms".to_owned(),
        millis => format!("{millis} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_a_line() {
        let row = Row {
            fault: "hang",
            mode: Mode::Blocking,
            outcome: "timeout".to_owned(),
            status: 200,
            added: vec![Duration::from_micros(999), Duration::from_micros(101_900)],
        };
        let table = markdown(&["a", "b"], &[row]);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "| fault | mode | outcome | visitor | a | b |");
        assert_eq!(lines[1], "| --- | --- | --- | --- | ---: | ---: |");
        assert_eq!(
            lines[2],
            "| hang | blocking | `timeout` | 200 | < 1 ms | 101 ms |"
        );
    }
}
