//! For the documentation: Markdown between two marks, with what holds on any machine.

use std::fmt::Write as _;
use std::path::Path;

use super::contents::{Holds, Report, Table};
use super::table::figure_text;

pub(super) fn section(report: &Report) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "Made by `{}`.\n", report.command);
    for table in &report.tables {
        write(&mut out, table);
    }
    if !report.targets.is_empty() {
        out.push_str("| target | | found | |\n| --- | --- | --- | --- |\n");
        for target in &report.targets {
            let (what, bound, verdict) = (&target.what, target.bound(), target.verdict());
            let found = figure_text(target.found, 2);
            let _ = writeln!(out, "| {what} | {bound} | {found} | {verdict} |");
        }
        out.push('\n');
    }
    for note in &report.notes {
        let _ = writeln!(out, "- {note}");
    }
    out
}

fn write(out: &mut String, table: &Table) {
    let holds = |index: &usize| table.columns[*index].holds == Holds::Anywhere;
    let shown: Vec<usize> = (0..table.columns.len()).filter(holds).collect();
    if shown.is_empty() {
        return;
    }
    let _ = write!(out, "| {} |", table.title);
    for index in &shown {
        let _ = write!(out, " {} |", table.columns[*index].name);
    }
    out.push_str("\n| --- |");
    out.push_str(&" --- |".repeat(shown.len()));
    out.push('\n');
    for (name, figures) in &table.rows {
        let _ = write!(out, "| {name} |");
        for index in &shown {
            let figure = figure_text(figures[*index], table.columns[*index].decimals);
            let _ = write!(out, " {figure} |");
        }
        out.push('\n');
    }
    out.push('\n');
}

/// Replaces what stands between the marks of this command in a document.
pub(super) fn replace(path: &Path, report: &Report) {
    let document = std::fs::read_to_string(path).expect("the document can be read");
    let name = report.command.rsplit(" -- ").next().unwrap_or_default();
    let name = name.split(' ').next().unwrap_or_default();
    let (begin, end) = (
        format!("<!-- begin {name} -->\n"),
        format!("<!-- end {name} -->"),
    );
    let (before, rest) = document
        .split_once(&begin)
        .expect("the document has a mark for it");
    let (_, after) = rest.split_once(&end).expect("the mark has an end");
    let document = format!("{before}{begin}\n{}\n{end}{after}", section(report));
    std::fs::write(path, document).expect("the document can be written");
}
