//! What a command found, for people, for machines and for the documentation.

mod chart;
mod contents;
mod document;
mod table;

use serde_json::{Value, json};

pub(crate) use self::chart::{Bar, Emphasis};
pub(crate) use self::contents::{Bound, Column, Report, Table, Target};
use crate::arguments::Arguments;

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
