//! What a command found, for people, for machines and for the documentation.

mod chart;
mod document;
mod table;

use serde_json::{Value, json};

pub(crate) use self::chart::{Bar, Emphasis};
use crate::arguments::Arguments;

#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The command that makes this again.
    pub(crate) command: String,
    pub(crate) tables: Vec<Table>,
    pub(crate) targets: Vec<Target>,
    /// What one must know to judge the figures.
    pub(crate) notes: Vec<String>,
    /// What the chart shows, and of what its bars are so many.
    pub(crate) chart: (String, Vec<Bar>),
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<(String, Vec<f64>)>,
}

/// A figure's name, how many decimals it deserves, and whether it holds on other machines too:
/// what does not is left out of the documentation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) decimals: usize,
    pub(crate) holds: Holds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Here,
    Anywhere,
}

impl Column {
    pub(crate) const fn here(name: &'static str, decimals: usize) -> Self {
        Self {
            name,
            decimals,
            holds: Holds::Here,
        }
    }

    pub(crate) const fn anywhere(name: &'static str, decimals: usize) -> Self {
        Self {
            name,
            decimals,
            holds: Holds::Anywhere,
        }
    }
}

/// What was promised, and what is.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) bound: Bound,
    pub(crate) found: f64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    pub(crate) fn new(what: impl Into<String>, bound: Bound, found: f64) -> Self {
        Self {
            what: what.into(),
            bound,
            found,
        }
    }

    /// What is not a number was not measured, and so does not meet anything.
    pub(crate) fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtMost(most) => self.found <= most,
            Bound::AtLeast(least) => self.found >= least,
        }
    }

    fn bound(&self) -> String {
        match self.bound {
            Bound::AtMost(most) => format!("≤ {most}"),
            Bound::AtLeast(least) => format!("≥ {least}"),
        }
    }

    fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "missed" }
    }
}

impl Report {
    /// Writes it where and how the arguments say.
    pub(crate) fn publish(&self, arguments: &Arguments) {
        if let Some(path) = &arguments.chart {
            let (title, bars) = &self.chart;
            std::fs::write(path, chart::svg(title, bars)).expect("the chart can be written");
        }
        if let Some(path) = &arguments.into {
            document::replace(path, self);
        }
        if arguments.json {
            println!("{:#}", self.json());
        } else if arguments.markdown {
            print!("{}", document::section(self));
        } else {
            print!("{}", table::text(self));
        }
    }

    fn json(&self) -> Value {
        let rows = |table: &Table| -> Value {
            let row = |(name, figures): &(String, Vec<f64>)| {
                let figures = table.columns.iter().zip(figures);
                let members =
                    figures.map(|(column, figure)| (column.name.to_owned(), json!(figure)));
                (name.clone(), Value::Object(members.collect()))
            };
            Value::Object(table.rows.iter().map(row).collect())
        };
        let targets = self.targets.iter().map(|target| {
            json!({"what": target.what, "bound": target.bound(), "found": target.found, "met": target.is_met()})
        });
        json!({
            "command": self.command,
            "tables": self.tables.iter().map(|table| (table.title.clone(), rows(table))).collect::<serde_json::Map<_, _>>(),
            "targets": targets.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}
