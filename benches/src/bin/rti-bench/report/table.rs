//! For people at a terminal.

use std::fmt::Write as _;

use super::contents::{Report, Table};

pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    for table in &report.tables {
        write(&mut out, table);
    }
    for target in &report.targets {
        let (bound, verdict) = (target.bound(), target.verdict());
        let _ = writeln!(
            out,
            "{verdict:>6}: {} {:.2}, target {bound}",
            target.what, target.found
        );
    }
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    out
}

fn write(out: &mut String, table: &Table) {
    let names = table.rows.iter().map(|(name, _)| name.chars().count());
    let first = names
        .chain([table.title.chars().count()])
        .max()
        .unwrap_or(0);
    let _ = write!(out, "{:<first$}", table.title);
    for column in &table.columns {
        let _ = write!(out, "  {:>9}", column.name);
    }
    out.push('\n');
    for (name, figures) in &table.rows {
        let _ = write!(out, "{name:<first$}");
        for (column, figure) in table.columns.iter().zip(figures) {
            let width = column.name.chars().count().max(9);
            let _ = write!(out, "  {:>width$}", figure_text(*figure, column.decimals));
        }
        out.push('\n');
    }
    out.push('\n');
}

/// What was not measured shows as a dash.
pub(super) fn figure_text(figure: f64, decimals: usize) -> String {
    if figure.is_finite() {
        format!("{figure:.decimals$}")
    } else {
        "–".to_owned()
    }
}
