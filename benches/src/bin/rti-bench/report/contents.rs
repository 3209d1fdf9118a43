//! What a report holds: tables, targets, notes, bars.

use super::chart::Bar;

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

    pub(super) fn bound(&self) -> String {
        match self.bound {
            Bound::AtMost(most) => format!("≤ {most}"),
            Bound::AtLeast(least) => format!("≥ {least}"),
        }
    }

    pub(super) fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "missed" }
    }
}
